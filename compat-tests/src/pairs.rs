//! A pair of types for each rule of the resolver: what was stored, and what is new.
//!
//! The pairs lie in `pairs/RULE/`; a folder more is a pair more.

use typeser::resolve::{Finding, Losses, Policy, Release, Resolution, Role};
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, history, resolve};

include!(concat!(env!("OUT_DIR"), "/pairs.rs"));

/// What was stored, what is new, and the rule that says what to think of it.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The id of the rule: the name of the folder.
    pub rule: &'static str,
    /// What was stored.
    pub stored: Side,
    /// A release between the two, where the rule is about histories.
    pub between: Option<Side>,
    /// What is new.
    pub new: Side,
    /// What is new, with the line that mends it, where the rule is incompatible and a line of the type can.
    pub repaired: Option<Side>,
    /// What to do where no line of the type mends it, or what else can be done, in words.
    pub instead: Option<&'static str>,
}

/// One side of a pair.
#[derive(Debug, Clone)]
pub struct Side {
    /// The snapshot of its serializer.
    pub snapshot: SerializerSnapshot,
    /// What stands in the file.
    pub code: &'static str,
    /// The language of the file, as code fences name it.
    pub language: &'static str,
}

/// Every pair, in the order of their names.
#[must_use]
pub fn all() -> Vec<Pair> {
    list()
}

/// What a pair can be asked: one role for each zone that roles lie in, and for values the other policy as well.
pub const QUESTIONS: [Question; 4] = [
    Question { about: "value", role: Role::Value, losses: Losses::Declared },
    Question { about: "value, where the policy allows any loss", role: Role::Value, losses: Losses::Any },
    Question { about: "map key or set element", role: Role::MapKey, losses: Losses::Declared },
    Question { about: "key, namespace or timer", role: Role::Key, losses: Losses::Declared },
];

/// What the values are used for, and what the caller allows.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// In words.
    pub about: &'static str,
    role: Role,
    losses: Losses,
}

impl Pair {
    /// The same pair with the repaired type as the new one.
    #[must_use]
    pub fn mended(&self) -> Option<Self> {
        Some(Self { new: self.repaired.clone()?, ..self.clone() })
    }

    /// What the resolver says.
    #[must_use]
    pub fn resolve(&self, question: Question) -> Resolution {
        let policy = Policy { losses: question.losses };
        resolve(&self.stored.snapshot, &self.new.snapshot, question.role, &policy)
    }

    /// All findings: those of the resolver, and those of the history where there is a release between.
    #[must_use]
    pub fn findings(&self, question: Question) -> Vec<Finding> {
        let mut findings = self.resolve(question).findings().to_vec();
        if let Some(between) = &self.between {
            let releases = [("1.0", &self.stored), ("2.0", between), ("3.0", &self.new)]
                .map(|(name, side)| Release::new(name, side.snapshot.clone()));
            let policy = Policy { losses: question.losses };
            let history = history::compare(&releases, question.role, &policy, &Conversions::default());
            findings.extend(history.divergences.into_iter().map(|divergence| divergence.finding));
        }
        findings
    }
}

impl Side {
    /// The same type under the other encoding of integers, so that a comparison cannot stop at equal fingerprints.
    #[must_use]
    pub fn otherwise_encoded(&self) -> SerializerSnapshot {
        let json = self.snapshot.to_json();
        let [fixed, variable] = ["fixed", "variable"].map(|name| format!("\"integers\": \"{name}\""));
        let (from, to) = if json.contains(&fixed) { (fixed, variable) } else { (variable, fixed) };
        SerializerSnapshot::from_json(&json.replacen(&from, &to, 1)).unwrap()
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
