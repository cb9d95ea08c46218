//! `migrate(1 => path, injective)`: functions that promise to keep different values different, where keys need it.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::{BTreeMap, BTreeSet};

use typeser::migrate::{Scratch, Trust};
use typeser::resolve::{Compatibility, Fix, Policy, Resolution, Role, rekey, resolve};
use typeser::{Serializer, StateType, TypeSerializer};

mod old {
    #[derive(Debug, Clone, typeser::StateType, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[state(key, name = "Account")]
    pub(super) struct Account {
        pub(super) tenant: String,
        pub(super) id: u32,
    }
}

macro_rules! account {
    ($module:ident, $form:literal, [$($promise:tt)*]) => {
        mod $module {
            #[derive(Debug, Clone, typeser::StateType, PartialEq, Eq, Hash, PartialOrd, Ord)]
            #[state(key, version = 2, migrate(1 => join $($promise)*))]
            pub(super) struct Account {
                pub(super) joined: String,
            }

            fn join(old: super::old::Account) -> Account {
                Account { joined: format!($form, old.tenant, old.id) }
            }
        }
    };
}

account!(promised, "{}/{}", [, injective]);
account!(silent, "{}/{}", []);
account!(lying, "{}{}", [, injective]);

fn joined(text: &str) -> promised::Account {
    promised::Account { joined: text.to_owned() }
}

fn account(tenant: &str, id: u32) -> old::Account {
    old::Account { tenant: tenant.to_owned(), id }
}

fn resolved<Old: StateType, New: StateType>(role: Role) -> Resolution {
    let (stored, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    resolve(stored.snapshot(), new.snapshot(), role, &Policy::default())
}

fn rules(resolution: &Resolution) -> Vec<&'static str> {
    resolution.findings().iter().map(|finding| finding.rule.id).collect()
}

fn migrated<Old: StateType, New: StateType>(old: &Old) -> Result<New, String> {
    let (stored, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let (mut bytes, mut out) = (Vec::new(), Vec::new());
    stored.serialize(old, &mut bytes).unwrap();
    let migration = resolved::<Old, New>(Role::Value).migration(new.conversions()).unwrap();
    let outcome = migration.run(&bytes, Trust::Foreign, &mut Scratch::default(), &mut out);
    outcome.map_err(|error| error.to_string())?;
    Ok(new.deserialize(&out).unwrap())
}

type Map<K> = BTreeMap<K, u8>;

#[test]
fn map_keys_and_set_elements_join_two_fields() {
    assert_eq!(
        rules(&resolved::<Map<old::Account>, Map<promised::Account>>(Role::Value)),
        ["type-migrated-one-to-one"]
    );
    let old: Map<old::Account> = BTreeMap::from([(account("a", 1), 7), (account("b", 1), 8)]);
    let new: Map<promised::Account> = migrated(&old).unwrap();
    assert_eq!(new, BTreeMap::from([(joined("a/1"), 7), (joined("b/1"), 8)]));
    let old = BTreeSet::from([account("a", 11), account("a1", 1)]);
    let new: BTreeSet<promised::Account> = migrated(&old).unwrap();
    assert_eq!(new, BTreeSet::from([joined("a/11"), joined("a1/1")]));

    let lied = migrated::<Map<old::Account>, Map<lying::Account>>(&BTreeMap::from([
        (account("a", 11), 7),
        (account("a1", 1), 8),
    ]));
    let lied = lied.unwrap_err();
    assert!(lied.contains("declared `injective` must give different results"), "{lied}");
}

#[test]
fn a_lacking_promise_is_offered() {
    for role in [Role::MapKey, Role::SetElement] {
        let resolution = resolved::<old::Account, silent::Account>(role);
        assert_eq!(rules(&resolution), ["type-migrated", "not-injective"]);
        let fix = &resolution.findings()[1].fixes[0];
        assert!(matches!(fix, Fix::InjectiveMigration(_)), "{fix:?}");
        assert_eq!(fix.code().unwrap(), "#[state(version = 2, migrate(1 => join, injective))]\nstruct Account { .. }");
    }
    let resolution = resolved::<old::Account, promised::Account>(Role::MapKey);
    assert_eq!(rules(&resolution), ["type-migrated-one-to-one"]);
}

/// The report on an operator key says at once what to declare and what to run.
#[test]
fn a_key_is_offered_the_promise_together_with_the_re_key() {
    let offered = |resolution: &Resolution| {
        let finding = resolution.findings().last().unwrap();
        assert_eq!(finding.rule.id, "key-migration-refused");
        finding.fixes.iter().find(|fix| matches!(fix, Fix::Rekey { .. })).unwrap().code().unwrap()
    };
    let command = "typeser rekey SAVEPOINT --operator UID --to KEY.json --output NEW-SAVEPOINT";
    assert_eq!(offered(&resolved::<old::Account, promised::Account>(Role::Key)), command);
    assert_eq!(
        offered(&resolved::<old::Account, silent::Account>(Role::Key)),
        format!("#[state(version = 2, migrate(1 => join, injective))]\nstruct Account {{ .. }}\n\n{command}")
    );
    let snapshot = |serializer: Serializer<promised::Account>| serializer.snapshot().clone();
    let stored = Serializer::<old::Account>::new().unwrap();
    let new = snapshot(Serializer::new().unwrap());
    let moved = rekey(stored.snapshot(), &new, &Policy::default());
    assert_eq!(moved.compatibility(), Compatibility::RequiresMigration);
}

/// Each function of a chain needs the promise.
#[test]
fn a_chain_promises_only_if_each_of_its_functions_does() {
    #[derive(StateType, PartialEq, Eq, Hash)]
    #[state(key, name = "K")]
    struct One(u8);
    #[derive(StateType, PartialEq, Eq, Hash)]
    #[state(key, name = "K", version = 2)]
    struct Two(u16);
    macro_rules! chain {
        ($name:ident: $($migrate:tt)*) => {
            #[derive(StateType, PartialEq, Eq, Hash)]
            #[state(key, name = "K", version = 3, migrate($($migrate)*))]
            struct $name(u32);

            impl From<Two> for $name {
                fn from(old: Two) -> Self {
                    Self(old.0.into())
                }
            }
        };
    }
    chain!(All: 1 => two, injective, 2 => <All as From<Two>>::from, injective);
    chain!(First: 1 => two, injective, 2 => <First as From<Two>>::from);
    chain!(Last: 2 => <Last as From<Two>>::from, injective, 1 => two);
    fn two(old: One) -> Two {
        Two(old.0.into())
    }
    assert_eq!(rules(&resolved::<One, All>(Role::MapKey)), ["type-migrated-one-to-one"]);
    assert_eq!(rules(&resolved::<One, First>(Role::MapKey)), ["type-migrated", "not-injective"]);
    assert_eq!(rules(&resolved::<Two, First>(Role::MapKey)), ["type-migrated", "not-injective"]);
    assert_eq!(rules(&resolved::<Two, Last>(Role::MapKey)), ["type-migrated-one-to-one"]);
    let lacking = resolved::<One, Last>(Role::MapKey).findings()[1].fixes[0].clone();
    assert_eq!(lacking.code().unwrap(), "#[state(version = 3, migrate(.., 1 => two, injective))]\nstruct K { .. }");
}
