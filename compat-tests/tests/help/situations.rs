//! Changes after which people once followed a report into the next refusal, each with the help that ends it.

use std::collections::HashMap;
use std::fmt::Debug;

use typeser::migrate::{Scratch, Trust};
use typeser::report::Report;
use typeser::resolve::{Compatibility, Finding, Fix, Policy, Resolution, Role, resolve};
use typeser::{Serializer, StateType, TypeSerializer};

/// The answer to two types.
pub(super) fn resolved<Old: StateType, New: StateType>(role: Role) -> Resolution {
    let (stored, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    resolve(stored.snapshot(), new.snapshot(), role, &Policy::default())
}

fn finding<'a>(resolution: &'a Resolution, rule: &str, path: &str) -> &'a Finding {
    let is_it = |finding: &&Finding| finding.rule.id == rule && finding.path.to_string() == path;
    resolution.findings().iter().find(is_it).unwrap_or_else(|| panic!("{:#?}", resolution.findings()))
}

/// The fixes as their code, or else as their text.
fn offered(finding: &Finding) -> Vec<String> {
    finding.fixes.iter().map(|fix| fix.code().unwrap_or_else(|| fix.text())).collect()
}

/// Migrates a stored value, or says why not.
pub(super) fn migrated<Old: StateType, New: StateType>(old: &Old) -> Result<New, String> {
    let (stored, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    let (mut bytes, mut out) = (Vec::new(), Vec::new());
    stored.serialize(old, &mut bytes).unwrap();
    match resolution.migration(new.conversions()) {
        Ok(migration) => migration
            .run(&bytes, Trust::Foreign, &mut Scratch::default(), &mut out)
            .map_err(|error| error.to_string())?,
        Err(error) if resolution.compatibility() > Compatibility::AfterReconfigure => return Err(error.to_string()),
        Err(_) => return resolution.adopt(&new).unwrap().deserialize(&bytes).map_err(|error| error.to_string()),
    }
    new.deserialize(&out).map_err(|error| error.to_string())
}

#[track_caller]
fn becomes<Old: StateType, New: StateType + PartialEq + Debug>(old: &Old, new: &New) {
    assert_eq!(migrated::<Old, New>(old).as_ref(), Ok(new));
}

mod a_map_of_newtypes {
    use super::*;

    #[derive(StateType)]
    #[state(name = "P")]
    struct Old {
        m: HashMap<String, u64>,
    }

    #[derive(StateType, PartialEq, Debug)]
    struct Id(u64);

    #[derive(StateType)]
    #[state(name = "P")]
    struct New {
        m: HashMap<String, Id>,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "P")]
    struct Repaired {
        #[state(convert(HashMap<String, u64>, with = ids))]
        m: HashMap<String, Id>,
    }

    fn ids(old: HashMap<String, u64>) -> HashMap<String, Id> {
        old.into_iter().map(|(name, id)| (name, Id(id))).collect()
    }

    #[test]
    fn is_offered_transparent_and_a_conversion_of_the_whole_map() {
        let resolution = resolved::<Old, New>(Role::Value);
        let fixes = offered(finding(&resolution, "newtype-vs-inner", ".m{}"));
        assert_eq!(
            fixes,
            ["#[state(transparent)]\nstruct Id(..);", "#[state(convert(HashMap<String, u64>, with = ..))]\nm: ..,"]
        );
        let old = Old { m: HashMap::from([("a".to_owned(), 7)]) };
        becomes(&old, &Repaired { m: HashMap::from([("a".to_owned(), Id(7))]) });
    }
}

mod options_where_none_cannot_stand {
    use super::*;

    #[derive(StateType)]
    #[state(name = "S")]
    struct Old {
        l: Vec<Option<u32>>,
        m: HashMap<String, Option<u32>>,
        t: (Option<u8>, u8),
        o: Option<Option<u8>>,
        f: Option<u16>,
    }

    #[derive(StateType)]
    #[state(name = "S")]
    struct New {
        l: Vec<u32>,
        m: HashMap<String, u32>,
        t: (u8, u8),
        o: Option<u8>,
        f: u16,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "S")]
    struct Repaired {
        #[state(convert(Vec<Option<u32>>, with = list))]
        l: Vec<u32>,
        #[state(convert(HashMap<String, Option<u32>>, with = map))]
        m: HashMap<String, u32>,
        #[state(convert((Option<u8>, u8), with = pair))]
        t: (u8, u8),
        #[state(convert(Option<Option<u8>>, with = Option::flatten))]
        o: Option<u8>,
        #[state(none = 9)]
        f: u16,
    }

    fn list(old: Vec<Option<u32>>) -> Vec<u32> {
        old.into_iter().flatten().collect()
    }

    fn map(old: HashMap<String, Option<u32>>) -> HashMap<String, u32> {
        old.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    fn pair(old: (Option<u8>, u8)) -> (u8, u8) {
        (old.0.unwrap_or(1), old.1)
    }

    #[test]
    fn are_offered_a_conversion_of_the_field() {
        let resolution = resolved::<Old, New>(Role::Value);
        let places = [
            (".l[]", "Vec<Option<u32>>"),
            (".m{}", "HashMap<String, Option<u32>>"),
            (".t.0", "(Option<u8>, u8)"),
            (".o.Some", "Option<Option<u8>>"),
        ];
        for (path, from) in places {
            let fixes = offered(finding(&resolution, "unwrapped-option", path));
            assert!(!fixes.iter().any(|fix| fix.contains("none")), "{path}: {fixes:?}");
            let attribute = format!("#[state(convert({from}, with = ..))]\n");
            assert!(fixes.iter().any(|fix| fix.starts_with(&attribute)), "{path}: {fixes:?}");
        }
        assert_eq!(offered(finding(&resolution, "unwrapped-option", ".f"))[0], "#[state(none = ..)]\nf: u16,");
        let old = Old {
            l: vec![Some(1), None],
            m: HashMap::from([("a".to_owned(), Some(2)), ("b".to_owned(), None)]),
            t: (None, 3),
            o: Some(Some(4)),
            f: None,
        };
        let new = Repaired { l: vec![1], m: HashMap::from([("a".to_owned(), 2)]), t: (1, 3), o: Some(4), f: 9 };
        becomes(&old, &new);
    }

    #[test]
    fn at_the_root_are_offered_what_the_serializer_can_declare() {
        let resolution = resolved::<Option<u64>, u64>(Role::Value);
        let offered = offered(finding(&resolution, "unwrapped-option", ""));
        let function = "Serializer::new()?.with_conversion(\"..\", |old: Option<u64>| ..)?";
        assert_eq!(offered, ["Serializer::new()?.with_none_value(&..)?", "keep `Option<u64>`", function]);
    }
}

mod keys_that_could_become_one {
    use std::collections::BTreeSet;

    use super::*;

    mod old {
        use typeser::StateType;

        #[derive(StateType, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[state(key)]
        pub(super) enum Kind {
            Click,
            View,
            Buy,
        }

        #[derive(StateType, PartialEq, Eq, Hash)]
        #[state(key)]
        pub(super) struct K {
            pub(super) id: u32,
        }
    }

    #[derive(StateType, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
    #[state(key)]
    enum Kind {
        Click,
        Buy,
    }

    #[derive(StateType)]
    #[state(name = "Maps")]
    struct OldMaps {
        m: HashMap<old::Kind, u32>,
        s: BTreeSet<old::Kind>,
    }

    #[derive(StateType)]
    struct Maps {
        m: HashMap<Kind, u32>,
        s: BTreeSet<Kind>,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Maps")]
    struct Repaired {
        #[state(convert(HashMap<old::Kind, u32>, with = counts))]
        m: HashMap<Kind, u32>,
        #[state(convert(BTreeSet<old::Kind>, with = kinds))]
        s: BTreeSet<Kind>,
    }

    fn kind(old: old::Kind) -> Kind {
        match old {
            old::Kind::Click | old::Kind::View => Kind::Click,
            old::Kind::Buy => Kind::Buy,
        }
    }

    fn counts(old: HashMap<old::Kind, u32>) -> HashMap<Kind, u32> {
        let mut counts = HashMap::new();
        old.into_iter().for_each(|(key, count)| *counts.entry(kind(key)).or_default() += count);
        counts
    }

    fn kinds(old: BTreeSet<old::Kind>) -> BTreeSet<Kind> {
        old.into_iter().map(kind).collect()
    }

    #[test]
    fn are_offered_a_conversion_of_each_whole_field_and_every_place_is_named() {
        let resolution = resolved::<OldMaps, Maps>(Role::Value);
        let found = finding(&resolution, "variant-removed-undeclared", ".m{key}::View");
        let others: Vec<String> = found.also.iter().map(|place| place.path.to_string()).collect();
        assert_eq!(others, [".s{element}::View"]);
        let fixes = offered(found);
        assert!(!fixes.iter().any(|fix| fix.contains("removed")), "{fixes:?}");
        let convert = fixes.iter().find(|fix| fix.contains("convert")).unwrap();
        assert!(convert.contains("#[state(convert(HashMap<KindV1, u32>, with = ..))]"), "{convert}");
        assert!(convert.contains("#[state(name = \"Kind\")]\nenum KindV1 { .. }"), "{convert}");
        let report = Report::new("value of state `maps`", &resolution).to_string();
        assert!(report.contains("also affected by this cause: value.s{element}::View"), "{report}");
        assert!(report.contains("and one for `s`"), "{report}");
        let old = OldMaps {
            m: HashMap::from([(old::Kind::Click, 1), (old::Kind::View, 2), (old::Kind::Buy, 3)]),
            s: BTreeSet::from([old::Kind::Buy]),
        };
        let new = Repaired { m: HashMap::from([(Kind::Click, 3), (Kind::Buy, 3)]), s: BTreeSet::from([Kind::Buy]) };
        becomes(&old, &new);
    }

    #[test]
    fn of_an_operator_reach_their_end_in_one_report() {
        let resolution = resolved::<old::Kind, Kind>(Role::Key);
        let found = finding(&resolution, "variant-removed-undeclared", "::View");
        assert_eq!(offered(found), ["keep the variant `View`", "start empty: give the operator another uid"]);
    }

    #[derive(StateType, PartialEq, Eq, Hash)]
    #[state(key, name = "K")]
    struct Spelled {
        #[state(convert(u32, with = spelled))]
        id: String,
    }

    #[derive(StateType, PartialEq, Eq, Hash)]
    #[state(key, name = "K")]
    struct Promised {
        #[state(convert(u32, with = spelled, injective))]
        id: String,
    }

    fn spelled(id: u32) -> String {
        id.to_string()
    }

    #[test]
    fn by_a_function_are_offered_the_promise_that_it_lacks() {
        let resolution = resolved::<old::K, Spelled>(Role::MapKey);
        let fixes = offered(finding(&resolution, "not-injective", ".id"));
        assert_eq!(fixes[0], "#[state(convert(u32, with = spelled, injective))]\nid: String,");
        assert_eq!(resolved::<old::K, Promised>(Role::MapKey).compatibility(), Compatibility::RequiresMigration);
    }

    #[derive(StateType, PartialEq, Eq, Hash)]
    #[state(key, name = "K", removed("id"))]
    struct Without {}

    #[test]
    fn are_offered_a_re_key_only_where_it_would_succeed() {
        let has_rekey = |resolution: &Resolution| {
            let found = finding(resolution, "key-migration-refused", "");
            found.fixes.iter().any(|fix| matches!(fix, Fix::Rekey { .. }))
        };
        assert!(!has_rekey(&resolved::<old::K, Without>(Role::Key)));
        assert!(has_rekey(&resolved::<u32, u64>(Role::Key)));
        assert!(!has_rekey(&resolved::<u32, u64>(Role::Namespace)));
    }
}

mod a_removed_name {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Light")]
    struct V10 {
        net: u8,
        used: Option<u8>,
    }

    #[derive(StateType)]
    #[state(name = "Light", removed("used"))]
    struct V11 {
        net: u8,
    }

    #[derive(StateType)]
    #[state(name = "Light")]
    struct Returns {
        net: u8,
        used: Option<u8>,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Light")]
    struct Repaired {
        net: u8,
        #[state(name = "used2", alias = "used")]
        used: Option<u8>,
    }

    #[test]
    fn may_return_as_an_alias() {
        let resolution = resolved::<V11, Returns>(Role::Value);
        let fixes = offered(finding(&resolution, "removed-name-returns", ".used"));
        let older = "if this release is older than the one that wrote the state, start that one again, or one after it";
        assert_eq!(fixes, ["#[state(name = .., alias = \"used\")]\nused: Option<u8>,", older]);
        becomes(&V10 { net: 1, used: Some(2) }, &Repaired { net: 1, used: Some(2) });
        becomes(&V11 { net: 1 }, &Repaired { net: 1, used: None });
    }
}

mod fields_that_become_others {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u64,
        street: String,
        zip: u32,
    }

    #[derive(StateType, PartialEq, Debug)]
    struct Address {
        line: String,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct New {
        id: u64,
        address: Address,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct OrderV1 {
        id: u64,
        street: String,
        zip: u32,
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Order", version = 2, migrate(1 => from_stored))]
    struct Repaired {
        id: u64,
        address: Address,
    }

    fn from_stored(old: OrderV1) -> Result<Repaired, String> {
        let OrderV1 { id, street, zip } = old;
        if zip == 0 {
            return Err(String::from("no zip code"));
        }
        Ok(Repaired { id, address: Address { line: format!("{street}, {zip}") } })
    }

    #[test]
    fn are_offered_a_function_before_anything_that_drops_data() {
        let resolution = resolved::<Old, New>(Role::Value);
        let skeleton = "#[state(version = 2, migrate(1 => from_stored))]\nstruct Order { .. }\n\n\
                        #[state(name = \"Order\")]\nstruct OrderV1 { .. }\n\nfn from_stored(old: OrderV1) -> Order { .. }";
        let refused = resolution.findings().iter().filter(|found| found.rule.verdict == Compatibility::Incompatible);
        for found in refused {
            assert_eq!(offered(found)[0], skeleton, "{found}");
            assert_eq!(found.fixes[0].gives_up(), None);
        }
        let removed = finding(&resolution, "field-removed-undeclared", ".zip");
        assert_eq!(removed.fixes[1].gives_up(), Some("zip"));
        let old = |zip| Old { id: 1, street: "Main St".to_owned(), zip };
        becomes(&old(7), &Repaired { id: 1, address: Address { line: "Main St, 7".to_owned() } });
        let refusal = migrated::<Old, Repaired>(&old(0)).unwrap_err();
        assert!(refusal.contains("from_stored") && refusal.contains("no zip code"), "{refusal}");
    }
}

mod a_field_of_a_merged_variant {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Payment")]
    enum Old {
        Card { number: u32 },
        Cash,
    }

    #[derive(StateType)]
    #[state(name = "Payment")]
    enum New {
        #[state(alias = "Cash")]
        Card {},
    }

    #[derive(StateType, PartialEq, Debug)]
    #[state(name = "Payment")]
    enum Repaired {
        #[state(alias = "Cash")]
        Card {
            #[state(default)]
            number: u32,
        },
    }

    #[test]
    fn is_kept_with_a_default_for_the_other() {
        let resolution = resolved::<Old, New>(Role::Value);
        let fixes = offered(finding(&resolution, "field-removed-undeclared", "::Card.number"));
        assert_eq!(fixes[1], "#[state(default)]\nnumber: u32,");
        becomes(&Old::Card { number: 7 }, &Repaired::Card { number: 7 });
        becomes(&Old::Cash, &Repaired::Card { number: 0 });
    }
}

mod a_rename {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Order")]
    struct Old {
        id: u64,
        note: String,
    }

    #[derive(StateType)]
    #[state(name = "Order")]
    struct New {
        id: u64,
        remark: String,
    }

    #[test]
    fn is_one_report_with_both_readings() {
        let resolution = resolved::<Old, New>(Role::Value);
        let report = Report::new("value of state `orders`", &resolution);
        let text = report.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(text.matches("error[").count(), 1, "{text}");
        assert!(text.contains("`note` is gone, `remark` is new: probably renamed"), "{text}");
        for part in
            ["alias = \"note\"", "removed(\"note\")", "#[state(default)]", "if it was renamed", "if these are two"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        let json = report.to_json();
        for found in report.findings() {
            assert!(text.contains(&report.id(found).to_string()), "{text}");
            assert!(json.contains(&report.id(found).to_string()) && json.contains(found.rule.id));
        }
    }
}

#[test]
fn a_suggested_type_is_of_the_new_types_kind_and_none_is_suggested_for_keys() {
    let widened = |resolution: &Resolution| {
        let found = finding(resolution, "primitive-changed", "");
        found.fixes.iter().any(|fix| matches!(fix, Fix::Widen { .. }))
    };
    assert!(!widened(&resolved::<u32, String>(Role::Value)));
    assert!(widened(&resolved::<u32, i32>(Role::Value)));
    assert!(!widened(&resolved::<u32, i32>(Role::Key)));
    assert!(widened(&resolved::<u32, i32>(Role::MapKey)));
    assert!(!widened(&resolved::<u32, f32>(Role::MapKey)));
}
