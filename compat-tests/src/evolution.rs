//! Checks the verdict on one pair of types: bytes under both encodings and both trust levels, and what is refused.

use std::fmt::{Debug, Write};

use typeser::migrate::{Scratch, Trust};
use typeser::resolve::{Compatibility, Finding, Policy, Resolution, Role};
use typeser::schema::IntegerEncoding::{Fixed, Variable};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, resolve};

/// Every role.
pub const ROLES: [Role; 8] = [
    Role::Value,
    Role::ListElement,
    Role::Aggregate,
    Role::Key,
    Role::Namespace,
    Role::Timer,
    Role::MapKey,
    Role::SetElement,
];

/// The expected verdict on a pair of types, and the expected rules, in order.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The verdict if both sides have the same encoding.
    pub verdict: Compatibility,
    /// The ids of the rules.
    pub rules: &'a [&'a str],
    /// The role of the values.
    pub role: Role,
}

/// What to expect in the role of a value.
#[must_use]
pub fn expect<'a>(verdict: Compatibility, rules: &'a [&'a str]) -> Expected<'a> {
    Expected { verdict, rules, role: Role::Value }
}

impl Expected<'_> {
    /// The same in another role.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Checks the pair of types, and for each old value that it becomes the new one. Returns the findings as text.
    ///
    /// # Panics
    /// If something is not as expected.
    #[track_caller]
    pub fn check<Old, New>(self, values: &[(Old, New)]) -> String
    where
        Old: StateType,
        New: StateType + PartialEq + Debug,
    {
        assert!(
            self.verdict == Compatibility::Incompatible || !values.is_empty(),
            "a verdict that accepts values must be tested with some"
        );
        let mut text = String::new();
        for (from, to) in [(Fixed, Fixed), (Variable, Variable), (Fixed, Variable), (Variable, Fixed)] {
            let old = Serializer::<Old>::with_integers(from).unwrap();
            let new = Serializer::<New>::with_integers(to).unwrap();
            for snapshot in [old.snapshot(), new.snapshot()] {
                silent(snapshot);
            }
            let resolution = resolve(old.snapshot(), new.snapshot(), self.role, &Policy::default());
            let found = report(&resolution);
            let about_encoding = ["integer-encoding", "key-migration-refused"];
            let rules: Vec<&str> = resolution
                .findings()
                .iter()
                .map(|finding| finding.rule.id)
                .filter(|id| from == to || !about_encoding.contains(id))
                .collect();
            if from == to {
                assert_eq!(resolution.compatibility(), self.verdict, "{from} to {to}\n{found}");
                assert_eq!(rules, self.rules, "{from} to {to}\n{found}");
            } else {
                let expected: Vec<&str> =
                    self.rules.iter().copied().filter(|id| !about_encoding.contains(id)).collect();
                let keys = [Role::Key, Role::Namespace, Role::Timer];
                let least = match keys.contains(&self.role) {
                    true => Compatibility::Incompatible,
                    false => Compatibility::RequiresMigration,
                };
                assert_eq!(resolution.compatibility(), self.verdict.join(least), "{from} to {to}\n{found}");
                assert_eq!(rules, expected, "{from} to {to}\n{found}");
            }
            values.iter().for_each(|(was, is)| check_value(&resolution, (&old, was), (&new, is)));
            if values.is_empty() {
                assert!(resolution.migration(new.conversions()).is_err());
                assert!(resolution.adopt(&new).is_err());
            }
            if text.is_empty() {
                text = found;
            }
        }
        text
    }
}

/// Checks that a snapshot compared with itself has no findings, in any role.
#[track_caller]
pub fn silent(snapshot: &SerializerSnapshot) {
    for role in ROLES {
        let itself = resolve(snapshot, snapshot, role, &Policy::default());
        assert_eq!(itself.findings(), [], "{role}");
        assert_eq!(itself.compatibility(), Compatibility::Compatible, "{role}");
    }
}

/// Treats an old value as the verdict requires, and compares the result with the new one.
#[track_caller]
fn check_value<Old, New>(resolution: &Resolution, old: (&Serializer<Old>, &Old), new: (&Serializer<New>, &New))
where
    Old: StateType,
    New: StateType + PartialEq + Debug,
{
    let (stored, wanted) = (bytes(old.0, old.1), bytes(new.0, new.1));
    let (old, (new, is)) = (old.0, new);
    match resolution.compatibility() {
        Compatibility::Compatible => {
            assert_eq!(stored, wanted);
            assert_eq!(&new.deserialize(&stored).unwrap(), is);
            let adopted = resolution.adopt(new).unwrap();
            assert!(!adopted.is_reconfigured());
            assert_eq!(adopted.snapshot(), new.snapshot());
            assert!(resolution.migration(new.conversions()).is_err());
        }
        Compatibility::AfterReconfigure => {
            assert!(resolution.migration(new.conversions()).is_err());
            let adopted = resolution.adopt(new).unwrap();
            assert!(adopted.is_reconfigured());
            let snapshot = adopted.snapshot();
            let verdict = |from, to| resolve(from, to, Role::Key, &Policy::default()).compatibility();
            assert_eq!(verdict(old.snapshot(), snapshot), Compatibility::Compatible);
            assert_eq!(verdict(snapshot, new.snapshot()), Compatibility::AfterReconfigure);
            assert!(verdict(new.snapshot(), snapshot) <= Compatibility::AfterReconfigure);
            // State that is saved now has the adopted snapshot; the next start adopts the same snapshot again.
            let again = resolve(snapshot, new.snapshot(), Role::Value, &Policy::default()).adopt(new).unwrap();
            assert_eq!(again.snapshot(), snapshot);
            for adopted in [adopted, again] {
                assert_eq!(&adopted.deserialize(&stored).unwrap(), is);
                assert_eq!(bytes(&adopted, is), stored);
                for cut in 0..stored.len() {
                    adopted.deserialize(&stored[..cut]).unwrap_err();
                }
            }
        }
        Compatibility::RequiresMigration => {
            resolution.adopt(new).unwrap_err();
            let migration = resolution.migration(new.conversions()).unwrap();
            let mut scratch = Scratch::default();
            for trust in [Trust::Verified, Trust::Foreign] {
                let mut out = b"before".to_vec();
                migration.run(&stored, trust, &mut scratch, &mut out).unwrap();
                assert_eq!(&out[6..], wanted, "{trust:?}, stored {stored:?}");
                assert_eq!(&new.deserialize(&out[6..]).unwrap(), is);
                out.truncate(6);
                for cut in 0..stored.len() {
                    migration.run(&stored[..cut], trust, &mut scratch, &mut out).unwrap_err();
                    assert_eq!(out, b"before");
                }
                migration.run(&[stored.as_slice(), &[0]].concat(), trust, &mut scratch, &mut out).unwrap_err();
                assert_eq!(out, b"before");
            }
        }
        Compatibility::Incompatible => {
            assert!(resolution.migration(new.conversions()).is_err());
            resolution.adopt(new).unwrap_err();
        }
    }
}

/// The bytes of a value.
#[track_caller]
pub fn bytes<S: TypeSerializer>(serializer: &S, value: &S::Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    serializer.serialize(value, &mut bytes).unwrap();
    bytes
}

/// A resolution as text: the verdict and every finding with its fixes.
#[must_use]
pub fn report(resolution: &Resolution) -> String {
    let mut text = format!("= {}", resolution.compatibility());
    for finding in resolution.findings() {
        write!(text, "\n{}", described(finding)).unwrap();
    }
    text
}

fn described(finding: &Finding) -> String {
    let mut text = format!("{finding}\n  because {}\n  so      {}", finding.rule.reason, finding.rule.consequence);
    for fix in &finding.fixes {
        write!(text, "\n  {} {}", if fix.is_guess() { "perhaps" } else { "either " }, fix.text()).unwrap();
        for line in fix.code().iter().flat_map(|code| code.lines()) {
            write!(text, "\n            {line}").unwrap();
        }
    }
    text
}

/// A table of evolutions: each row is a test, and the findings of all rows form one snapshot.
#[macro_export]
macro_rules! evolutions {
    ($($row:ident $body:block)*) => {
        mod rows {
            #[allow(unused_imports, reason = "each table uses some of them")]
            use super::*;
            $(pub(super) fn $row() -> String $body)*
        }

        $(
            #[test]
            fn $row() {
                rows::$row();
            }
        )*

        #[test]
        fn the_findings_read_well() {
            let findings = [$((stringify!($row), rows::$row())),*];
            let findings: Vec<String> = findings.iter().map(|(row, text)| format!("# {}\n{text}\n", row.replace('_', " "))).collect();
            insta::assert_snapshot!(findings.join("\n"));
        }
    };
}

/// Types with the same declared name, `T`.
#[macro_export]
macro_rules! versions {
    ($($item:item)*) => {
        $(
            #[derive(Debug, Clone, PartialEq, typeser::StateType)]
            #[state(name = "T")]
            #[allow(dead_code, reason = "some types are only described")]
            $item
        )*
    };
}
