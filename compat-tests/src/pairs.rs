//! A pair of types for each rule of the resolver: a stored version and a new version.
//!
//! The pairs are in `pairs/RULE/`; a new folder is a new pair.

use typeser::resolve::{Finding, Losses, Policy, Release, Resolution, Role};
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, history, resolve};

include!(concat!(env!("OUT_DIR"), "/pairs.rs"));

/// A stored and a new version of a type, and the rule that covers the change.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The id of the rule: the name of the folder.
    pub rule: &'static str,
    /// The stored version.
    pub stored: Side,
    /// A release between the two, if the rule is about histories.
    pub between: Option<Side>,
    /// The new version.
    pub new: Side,
    /// The new version with the line that repairs it, if the rule is incompatible and a line of the type helps.
    pub repaired: Option<Side>,
    /// What to do if no line of the type repairs it, or what else is possible, as text.
    pub instead: Option<&'static str>,
    /// The new version with other lines that help prints.
    pub printed: Vec<Side>,
}

/// One side of a pair.
#[derive(Debug, Clone)]
pub struct Side {
    /// The snapshot of its serializer.
    pub snapshot: SerializerSnapshot,
    /// The content of the file.
    pub code: &'static str,
    /// The language of the file, as code fences name it.
    pub language: &'static str,
}

/// Every pair, in the order of their names.
#[must_use]
pub fn all() -> Vec<Pair> {
    list()
}

/// The usages in which a pair is compared: one role for each zone, and for values each policy.
pub const QUESTIONS: [Question; 5] = [
    Question { about: "value", role: Role::Value, policy: STRICT },
    Question {
        about: "value, where the policy allows any loss",
        role: Role::Value,
        policy: Policy { losses: Losses::Any, downwards: false },
    },
    Question {
        about: "value, where the policy reads downwards",
        role: Role::Value,
        policy: Policy { losses: Losses::Declared, downwards: true },
    },
    Question { about: "map key or set element", role: Role::MapKey, policy: STRICT },
    Question { about: "key, namespace or timer", role: Role::Key, policy: STRICT },
];

/// The policy if nothing is said.
const STRICT: Policy = Policy { losses: Losses::Declared, downwards: false };

/// The role of the values, and the policy.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The usage as text.
    pub about: &'static str,
    role: Role,
    /// What may be read.
    pub policy: Policy,
}

impl Pair {
    /// The same pair with the repaired type as the new version.
    #[must_use]
    pub fn mended(&self) -> Option<Self> {
        Some(Self { new: self.repaired.clone()?, ..self.clone() })
    }

    /// The answer of the resolver.
    #[must_use]
    pub fn resolve(&self, question: Question) -> Resolution {
        resolve(&self.stored.snapshot, &self.new.snapshot, question.role, &question.policy)
    }

    /// All findings: those of the resolver and, if there is a release between, those of the history.
    #[must_use]
    pub fn findings(&self, question: Question) -> Vec<Finding> {
        let mut findings = self.resolve(question).findings().to_vec();
        if let Some(between) = &self.between {
            let releases = [("1.0", &self.stored), ("2.0", between), ("3.0", &self.new)]
                .map(|(name, side)| Release::new(name, side.snapshot.clone()));
            let history = history::compare(&releases, question.role, &question.policy, &Conversions::default());
            findings.extend(history.divergences.into_iter().map(|divergence| divergence.finding));
        }
        findings
    }
}

impl Side {
    /// The same type with the other integer encoding, so that the comparison cannot stop at equal fingerprints.
    #[must_use]
    pub fn otherwise_encoded(&self) -> SerializerSnapshot {
        let json = self.snapshot.to_json();
        let [fixed, variable] = ["fixed", "variable"].map(|name| format!("\"integers\": \"{name}\""));
        let (from, to) = if json.contains(&fixed) { (fixed, variable) } else { (variable, fixed) };
        // Only fixed integers can be in order.
        let json = json.replacen(&from, &to, 1).replacen("  \"ordered\": true,\n", "", 1);
        SerializerSnapshot::from_json(&json).unwrap()
    }

    fn rust(code: &'static str, snapshot: SerializerSnapshot) -> Self {
        Self { snapshot, code, language: "rust" }
    }

    fn json(code: &'static str) -> Self {
        let snapshot = SerializerSnapshot::from_json(code).unwrap_or_else(|error| panic!("{error} in\n{code}"));
        Self { snapshot, code, language: "json" }
    }
}

fn described<T: StateType>() -> SerializerSnapshot {
    Serializer::<T>::new().unwrap().snapshot().clone()
}
