//! Functions for whole values that read what an earlier release stored: the ordinary rules make of it what the function
//! takes, by the layout and the attributes of that type.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use typeser::migrate::{Scratch, Trust};
use typeser::report::Report;
use typeser::resolve::{Compatibility, Policy, Resolution, Role, rekey, resolve};
use typeser::schema::IntegerEncoding;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

/// What the first release stored.
mod first {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Track {
        pub(super) metres: u32,
        pub(super) title: String,
        pub(super) place: Option<String>,
        pub(super) kind: Kind,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) enum Kind {
        Road,
        Trail { grade: u8 },
        Ferry { line: String },
    }
}

/// What the second one stored: fields renamed, widened, added and removed, still as version 1. The third release keeps
/// the type for its function.
mod second {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(removed("place"))]
    pub(super) struct Track {
        pub(super) kind: Kind,
        #[state(alias = "title")]
        pub(super) name: String,
        pub(super) metres: u64,
        #[state(default = 3)]
        pub(super) rating: u8,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(removed("Ferry", becomes = Kind::Other { note: "ferry".to_owned() }))]
    pub(super) enum Kind {
        Other { note: String },
        Road,
        Trail { grade: u16 },
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(version = 2, migrate(1 => described))]
struct Track {
    text: String,
}

fn described(old: second::Track) -> Track {
    Track { text: format!("{} {} {} {:?}", old.name, old.metres, old.rating, old.kind) }
}

fn resolved<Old: StateType, New: StateType>(role: Role) -> Resolution {
    let (stored, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    resolve(stored.snapshot(), new.snapshot(), role, &Policy::default())
}

fn rules(resolution: &Resolution) -> Vec<String> {
    resolution.findings().iter().map(|finding| format!("{} {}", finding.rule.id, finding.path)).collect()
}

#[track_caller]
fn becomes<Old: StateType, New: StateType + PartialEq + Debug>(old: &Old, expected: &New) {
    let encodings = [IntegerEncoding::Fixed, IntegerEncoding::Variable];
    for (from, to) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let stored = Serializer::<Old>::with_integers(encodings[from]).unwrap();
        let new = Serializer::<New>::with_integers(encodings[to]).unwrap();
        // Also as other programs see them: from the stored form of both snapshots.
        let again = |snapshot: &SerializerSnapshot| {
            let read = SerializerSnapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap();
            assert_eq!(&read, snapshot);
            assert_eq!(&SerializerSnapshot::from_text(&snapshot.to_text()).unwrap(), snapshot);
            assert_eq!(&SerializerSnapshot::from_json(&snapshot.to_json()).unwrap(), snapshot);
            read
        };
        let (was, now) = (again(stored.snapshot()), again(new.snapshot()));
        let resolution = resolve(&was, &now, Role::Value, &Policy::default());
        let mut bytes = Vec::new();
        stored.serialize(old, &mut bytes).unwrap();
        let migration = resolution.migration(new.conversions()).unwrap_or_else(|_| panic!("{:#?}", rules(&resolution)));
        for trust in [Trust::Verified, Trust::Foreign] {
            let mut out = Vec::new();
            migration.run(&bytes, trust, &mut Scratch::default(), &mut out).unwrap();
            assert_eq!(new.deserialize(&out).as_ref(), Ok(expected));
        }
    }
}

fn old(kind: first::Kind) -> first::Track {
    first::Track { metres: 70_000, title: "Ridge".to_owned(), place: Some("Alps".to_owned()), kind }
}

fn text(text: &str) -> Track {
    Track { text: text.to_owned() }
}

#[test]
fn a_release_may_be_skipped() {
    let second = second::Track { kind: second::Kind::Road, name: "Ridge".to_owned(), metres: 5, rating: 9 };
    becomes(&second, &text("Ridge 5 9 Road"));
    becomes(&old(first::Kind::Road), &text("Ridge 70000 3 Road"));
    becomes(&old(first::Kind::Trail { grade: 4 }), &text("Ridge 70000 3 Trail { grade: 4 }"));
    becomes(&old(first::Kind::Ferry { line: "M".to_owned() }), &text("Ridge 70000 3 Other { note: \"ferry\" }"));
    becomes(&vec![Some(old(first::Kind::Road))], &vec![Some(text("Ridge 70000 3 Road"))]);
    let map = |track| BTreeMap::from([(7u8, (track, 8u8))]);
    let (before, after) = (BTreeMap::from([(7u8, (old(first::Kind::Road), 8u8))]), map(text("Ridge 70000 3 Road")));
    becomes(&before, &after);
}

#[test]
fn what_the_rules_do_on_the_way_is_reported_and_losses_are_named() {
    assert_eq!(rules(&resolved::<second::Track, Track>(Role::Value)), ["type-migrated "]);
    let resolution = resolved::<Vec<first::Track>, Vec<Track>>(Role::Value);
    assert_eq!(
        rules(&resolution),
        [
            "type-migrated []",
            "field-renamed [].title",
            "field-removed [].place",
            "field-added [].rating",
            "fields-reordered []",
            "integer-widened [].metres",
            "variant-removed [].kind::Ferry",
            "variants-reordered [].kind",
            "variant-added [].kind::Other",
            "integer-widened [].kind::Trail.grade",
        ]
    );
    let place = &resolution.findings()[2];
    assert!(place.rule.loses && place.fixes.is_empty());
    assert_eq!(place.note.as_deref(), Some("before `Track v1: described` is called"));
    insta::assert_snapshot!(Report::new("value of state `tracks`", &resolution).to_string());
}

/// A plain layout needs nothing that version 1 of the format cannot hold.
#[test]
fn a_kept_type_without_attributes_is_written_in_version_1() {
    mod narrow {
        #[derive(Debug, typeser::StateType)]
        pub(super) struct Count {
            pub(super) number: u32,
            pub(super) note: String,
        }
    }
    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Count")]
    struct Count1 {
        note: String,
        number: u64,
    }
    #[derive(Debug, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => doubled))]
    struct Count {
        number: u64,
    }
    fn doubled(old: Count1) -> Count {
        assert_eq!(old.note, "n");
        Count { number: 2 * old.number }
    }
    becomes(&narrow::Count { number: 4, note: "n".to_owned() }, &Count { number: 8 });
    let version = |bytes: Vec<u8>| u16::from_le_bytes([bytes[8], bytes[9]]);
    let written = |snapshot: &SerializerSnapshot| version(snapshot.to_bytes().unwrap());
    assert_eq!(written(Serializer::<Count>::new().unwrap().snapshot()), 1);
    assert_eq!(written(Serializer::<Track>::new().unwrap().snapshot()), 2);
}

/// A part without a name and version is found by its layout: exactly, or else after the rules.
#[test]
fn a_plain_value_is_widened_before_the_function_that_reads_the_wider_one() {
    #[derive(Debug, PartialEq, StateType)]
    #[state(version = 3, migrate(1 => of_number, 2 => of_text))]
    struct Count {
        number: u64,
    }
    fn of_number(old: u64) -> String {
        format!("{old}0")
    }
    fn of_text(old: String) -> Result<Count, std::num::ParseIntError> {
        old.parse().map(|number| Count { number })
    }
    becomes(&7u64, &Count { number: 70 });
    becomes(&7u16, &Count { number: 70 });
    becomes(&'7', &Count { number: 7 });
    becomes(&"7".to_owned(), &Count { number: 7 });
    becomes(&vec![7u8], &vec![Count { number: 70 }]);
    assert_eq!(rules(&resolved::<u16, Count>(Role::Value)), ["type-migrated ", "integer-widened "]);
    assert_eq!(rules(&resolved::<i16, Count>(Role::Value)), ["kind-changed "]);

    // An exact match comes first, and of two that the rules reach, none is a guess.
    #[derive(Debug, PartialEq, StateType)]
    #[state(version = 3, migrate(1 => of_short, 2 => of_long))]
    struct Size {
        long: bool,
    }
    fn of_short(_: u32) -> u64 {
        u64::MAX
    }
    fn of_long(old: u64) -> Size {
        Size { long: old != u64::MAX }
    }
    becomes(&1u64, &Size { long: true });
    becomes(&1u32, &Size { long: false });
    assert_eq!(rules(&resolved::<u8, Size>(Role::Value)), ["kind-changed "]);
}

#[test]
fn what_the_rules_cannot_do_is_refused_with_the_reason() {
    mod kept {
        use typeser::StateType;

        #[derive(Debug, StateType)]
        #[state(name = "Track")]
        pub(super) struct Track1 {
            pub(super) metres: u64,
        }

        #[derive(Debug, StateType)]
        #[state(version = 2, migrate(1 => shortened))]
        pub(super) struct Track {
            pub(super) text: String,
        }

        fn shortened(old: Track1) -> Track {
            Track { text: old.metres.to_string() }
        }
    }
    let resolution = resolved::<first::Track, kept::Track>(Role::Value);
    assert_eq!(rules(&resolution), ["migration-reads-another-layout "]);
    assert_eq!(
        resolution.findings()[0].detail,
        "`Track v1: shortened` reads a layout of `Track` that differs from the stored version 1; at `value.title`, \
         `Track` was stored with a field `title`, which it no longer has"
    );
}

/// The rules alone would misread what a function of the kept type converts.
#[test]
fn a_kept_type_with_functions_is_read_exactly() {
    mod dollars {
        #[derive(Debug, typeser::StateType)]
        pub(super) struct Price {
            pub(super) amount: u32,
        }
    }
    #[derive(Debug, StateType)]
    #[state(name = "Price")]
    struct Price1 {
        #[state(convert(u32, with = cents))]
        amount: u64,
    }
    #[derive(Debug, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => spelled))]
    struct Price {
        text: String,
    }
    fn cents(dollars: u32) -> u64 {
        u64::from(dollars) * 100
    }
    fn spelled(old: Price1) -> Price {
        Price { text: old.amount.to_string() }
    }
    becomes(&Price1 { amount: 250 }, &Price { text: "250".to_owned() });
    let resolution = resolved::<dollars::Price, Price>(Role::Value);
    assert_eq!(rules(&resolution), ["migration-reads-another-layout "]);
    let detail = &resolution.findings()[0].detail;
    assert!(detail.ends_with("the type that `Price v1: spelled` takes declares functions, so it is read exactly"));
    let serializer = Serializer::<Price>::new().unwrap();
    assert!(serializer.snapshot().to_text().contains("@migrate 1 \"Price v1: spelled\" exact\n"));
}

#[test]
fn another_version_of_the_kept_type_is_not_read() {
    mod later {
        #[derive(Debug, typeser::StateType)]
        #[state(version = 2)]
        pub(super) struct Track {
            pub(super) metres: u32,
        }
    }
    #[derive(Debug, StateType)]
    #[state(name = "Track")]
    struct Track1 {
        metres: u64,
    }
    #[derive(Debug, StateType)]
    #[state(version = 3, migrate(2 => feet))]
    struct Track {
        feet: u64,
    }
    fn feet(old: Track1) -> Track {
        Track { feet: old.metres * 3 }
    }
    assert_eq!(rules(&resolved::<later::Track, Track>(Role::Value)), ["migration-reads-another-layout "]);
}

#[test]
fn keys_stay_different_on_the_way_too() {
    macro_rules! keys {
        ($module:ident: $($attributes:tt)*) => {
            mod $module {
                #[derive(typeser::StateType, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
                #[state(key, name = "K", $($attributes)*)]
                pub(super) struct K1 {
                    pub(super) id: u64,
                }

                #[derive(typeser::StateType, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
                #[state(key, version = 2, migrate(1 => text, injective))]
                pub(super) struct K {
                    pub(super) id: String,
                }

                fn text(old: K1) -> K {
                    K { id: old.id.to_string() }
                }
            }
        };
    }
    keys!(wider: version = 1);
    keys!(fewer: removed("shard"));
    #[derive(StateType, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[state(key, name = "K")]
    struct Narrow {
        id: u32,
    }
    #[derive(StateType, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[state(key, name = "K")]
    struct Sharded {
        id: u64,
        shard: u8,
    }
    becomes(&BTreeMap::from([(Narrow { id: 7 }, 1u8)]), &BTreeMap::from([(wider::K { id: "7".to_owned() }, 1u8)]));
    assert_eq!(
        rules(&resolved::<Narrow, wider::K>(Role::Key)),
        ["type-migrated-one-to-one ", "integer-widened .id", "key-migration-refused "]
    );
    let rekeyed = |new: &SerializerSnapshot, stored: &SerializerSnapshot| rekey(stored, new, &Policy::default());
    let narrow = Serializer::<Narrow>::new().unwrap();
    let wider = Serializer::<wider::K>::new().unwrap();
    assert_eq!(rekeyed(wider.snapshot(), narrow.snapshot()).compatibility(), Compatibility::RequiresMigration);
    becomes(&vec![Sharded { id: 7, shard: 3 }], &vec![fewer::K { id: "7".to_owned() }]);
    assert_eq!(rules(&resolved::<Sharded, fewer::K>(Role::MapKey)), ["migration-reads-another-layout "]);
}

/// Files decide as types do.
#[test]
fn hand_written_snapshots_decide_as_types_do() {
    let file = |version: u8, text: &str| {
        SerializerSnapshot::from_text(&format!("typeser-snapshot {version}\nroot {text}")).unwrap()
    };
    let stored = file(1, "Track\n\nstruct Track v1\n  metres u32\n  note string\n");
    let found = |version: u8, hints: &str| {
        let new = file(version, &format!("Track\n\nstruct Track v2\n{hints}  feet u64\n"));
        rules(&resolve(&stored, &new, Role::Value, &Policy::default()))
    };
    let source = |extra: &str, attributes: &str| {
        format!("  @migrate 1 feet{extra}\n    root Track\n\n    struct Track v1\n{attributes}      metres u64\n\n")
    };
    let removed = "      @removed note\n";
    assert_eq!(found(1, &source("", "")), ["migration-reads-another-layout "]);
    assert_eq!(found(2, &source("", removed)), ["type-migrated ", "field-removed .note", "integer-widened .metres"]);
    assert_eq!(found(2, &source(" exact", removed)), ["migration-reads-another-layout "]);
}
