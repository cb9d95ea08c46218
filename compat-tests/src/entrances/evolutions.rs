//! Comparisons of any two snapshots, with their reports; migrations of any bytes; and the laws of the oracle.

use typeser::SerializerSnapshot;
use typeser::migrate::{Reconfigured, Scratch, Trust};
use typeser::report::Report;
use typeser::resolve::{Compatibility, Losses, Policy, Role, resolve};
use typeser::serializer::Conversions;
use typeser::value::Value;

use super::split;
use crate::evolution::ROLES;
use crate::oracle::case::Case;
use crate::oracle::source::Source;
use crate::oracle::subject::Typeser;
use crate::oracle::{self, Summary};
use crate::schemas::Entropy;

/// Two unrelated snapshots, or two that share the beginning of their choices, under any role and policy.
pub(super) fn comparison(bytes: &[u8]) {
    let Some(([how, shared], bytes)) = bytes.split_first_chunk() else { return };
    let (one, other) = split(bytes);
    let shared = &one[..usize::from(*shared).min(one.len())];
    let stored = Entropy::new(one).snapshot();
    let new = Entropy::new(&[shared, other].concat()).snapshot();
    let role = ROLES[usize::from(how & 7) % ROLES.len()];
    let losses = if how & 8 == 0 { Losses::Declared } else { Losses::Any };
    let policy = Policy { losses, downwards: how & 16 != 0 };
    let resolution = resolve(&stored, &new, role, &policy);
    let worst = resolution.findings().iter().fold(Compatibility::Compatible, |sum, next| sum.join(next.rule.verdict));
    assert_eq!(worst, resolution.compatibility());
    assert_eq!(resolve(&new, &new, role, &policy).findings().len(), 0, "a snapshot fits itself");
    let report = Report::new("state `s`", &resolution);
    for text in [report.to_string(), format!("{report:#}"), report.short(), report.styled()] {
        assert!(!text.is_empty());
    }
    serde_json::from_str::<serde_json::Value>(&report.to_json()).unwrap();
}

/// A case of the oracle, and any bytes as its stored value: they are refused, or become a value of the new layout.
pub(super) fn migration(bytes: &[u8]) {
    let (choices, value) = split(bytes);
    let Some(case) = Case::made(&mut replayed(choices)) else { return };
    let (stored, new) = case.snapshots();
    let resolution = resolve(stored, new, Role::Value, &Policy { losses: Losses::Any, downwards: false });
    let mut scratch = Scratch::default();
    let mut to = b"before".to_vec();
    let read = match resolution.compatibility() {
        Compatibility::AfterReconfigure => {
            let adopted = resolution.adopted().unwrap();
            let halves = Reconfigured::new(adopted, new).unwrap();
            halves.read(value, &mut scratch, &mut to)
        }
        Compatibility::RequiresMigration => match resolution.migration(&Conversions::new()) {
            Ok(migration) => migration.run(value, Trust::Foreign, &mut scratch, &mut to),
            Err(_) => return,
        },
        _ => return,
    };
    assert!(to.starts_with(b"before"), "what was there before is gone");
    match read {
        Ok(()) => {
            is_value(stored, value, "the migration read what is no value");
            is_value(new, &to[6..], "the migration wrote what is no value");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Dynamic values cannot pass an opaque leaf without a frame, and compare keys, which a migration does not do.
fn is_value(snapshot: &SerializerSnapshot, bytes: &[u8], otherwise: &str) {
    if let Err(error) = Value::decode(snapshot, bytes) {
        let text = error.to_string();
        let is_known =
            ["opaque", "custom", "twice", "duplicate", "order", "nested"].iter().any(|word| text.contains(word));
        assert!(is_known, "{otherwise}: {text}");
    }
}

/// All laws of the oracle, on the case that these bytes choose.
pub(super) fn oracle(bytes: &[u8]) {
    let checked = oracle::check(&Typeser, &mut replayed(bytes), &mut Summary::default());
    if let Err(broken) = checked {
        let case = Case::made(&mut replayed(bytes)).map(|case| case.to_string());
        panic!("{broken}\n{}", case.unwrap_or_default());
    }
}

/// A byte is a choice, or says that the next four are one.
fn replayed(bytes: &[u8]) -> Source {
    let mut choices = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after.split_first_chunk()) {
            (0xF0.., Some((four, after))) => {
                choices.push(u32::from_le_bytes(*four));
                rest = after;
            }
            _ => choices.push(u32::from(*first)),
        }
    }
    Source::replay(choices)
}
