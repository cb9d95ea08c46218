//! The oracle: random layouts, random evolutions and random values, held against a slow and obvious model.
//!
//! The model decides by the letter of the rules and carries trees of values; it knows nothing of the resolver and of
//! the migration engine. Those two meet in `case` alone, and there through `subject`, so that `planted` can put a
//! fault between: an oracle that finds nothing is worth what it would have found.

pub mod case;
pub mod decode;
pub mod encode;
pub mod evolve;
mod functions;
pub mod generate;
mod later;
pub mod laws;
pub mod make;
pub mod model;
mod parts;
pub mod planted;
mod small;
pub mod source;
pub mod subject;
pub mod value;
mod witnesses;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use case::{Case, judge};
use laws::{Broken, Law, Tally};
use source::{Source, shrink};
use subject::Subject;
use typeser::resolve::{Compatibility, RULES};

/// How many candidates are looked at while a violation is made smaller.
const SHRINKS: usize = 3_000;
/// In bytes.
const STACK: usize = 256 << 20;

/// What a run of the oracle saw.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many pairs of layouts.
    pub cases: u64,
    /// How many of them got each verdict, from best to worst.
    pub verdicts: [u64; 4],
    /// In how many of them each rule was found.
    pub rules: BTreeMap<&'static str, u64>,
    /// How often each law was checked.
    pub laws: Tally,
    /// How many values were carried over.
    pub values: u64,
    /// How many changed byte strings were tried, and how many of them were values all the same.
    pub mutations: (u64, u64),
}

/// A case in which a law does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The seed of the case: a run of one case from here on is this one.
    pub seed: u64,
    /// The law.
    pub law: Law,
    /// The smallest case that was found, as text.
    pub told: String,
}

/// Runs cases from a seed on while `more` says so, until the first violation.
///
/// # Errors
/// The violation, made small, and what was seen before.
pub fn run(
    subject: &(dyn Subject + Sync),
    seed: u64,
    more: impl FnMut(&Summary) -> bool + Send,
) -> Result<Summary, Box<(Summary, Violation)>> {
    on_a_large_stack(|| run_here(subject, seed, more))
}

fn run_here(
    subject: &dyn Subject,
    seed: u64,
    mut more: impl FnMut(&Summary) -> bool,
) -> Result<Summary, Box<(Summary, Violation)>> {
    let mut summary = Summary::default();
    if let Err(Broken { law, words }) = case::joins(subject, &mut summary.laws) {
        return Err(Box::new((summary, Violation { seed, law, told: words })));
    }
    while more(&summary) {
        let seed = seed_of(seed, summary.cases);
        let mut source = Source::seeded(seed);
        if let Err(Broken { law, .. }) = guarded(subject, &mut source, &mut summary) {
            let broken = |choices: &[u32]| {
                let mut source = Source::replay(choices.to_vec());
                guarded(subject, &mut source, &mut Summary::default()).err()
            };
            // The same law: another fault that is met on the way is another story.
            let same = |choices: &[u32]| broken(choices).is_some_and(|broken| broken.law == law);
            let choices = shrink(source.into_choices(), same, SHRINKS);
            let mut source = Source::replay(choices.clone());
            let small = Case::made(&mut source)
                .and_then(|case| small::smallest(subject, case, &source.rest(), law))
                .map(|(case, broken)| format!("{broken}\n{case}"));
            let told = small.unwrap_or_else(|| format!("{:?} of the choices {choices:?}", broken(&choices)));
            return Err(Box::new((summary, Violation { seed, law, told })));
        }
        summary.cases += 1;
    }
    Ok(summary)
}

/// The number of the first of so many cases that breaks a law, and the law.
#[must_use]
pub fn first_broken(subject: &(dyn Subject + Sync), seed: u64, cases: u64) -> Option<(u64, Broken)> {
    on_a_large_stack(|| {
        let mut summary = Summary::default();
        if let Err(broken) = case::joins(subject, &mut summary.laws) {
            return Some((0, broken));
        }
        (0..cases).find_map(|number| {
            let broken = guarded(subject, &mut Source::seeded(seed_of(seed, number)), &mut summary).err()?;
            Some((number + 1, broken))
        })
    })
}

/// The model recurses, and values go deeper than a thread's usual stack lets it.
fn on_a_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap();
        thread.join().unwrap()
    })
}

/// The seed of a case of a run; a run from there on is the rest of that run.
#[must_use]
pub fn seed_of(seed: u64, number: u64) -> u64 {
    seed.wrapping_add(number.wrapping_mul(0xD134_2543_DE82_EF95))
}

/// Makes a case and holds a subject to all laws.
fn guarded(subject: &dyn Subject, source: &mut Source, summary: &mut Summary) -> Result<(), Broken> {
    caught(|| match Case::made(source) {
        Some(case) => judge(subject, &case, source, summary),
        None => Ok(()),
    })
}

/// A panic on the way breaks the first law of all.
fn caught(work: impl FnOnce() -> Result<(), Broken>) -> Result<(), Broken> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|_| Err(Broken { law: Law::Total, words: "it panics".to_owned() }))
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} cases", self.cases)?;
        for (verdict, count) in Compatibility::ALL.iter().zip(self.verdicts) {
            writeln!(f, "  {count:>12} {verdict}")?;
        }
        let mut never = RULES.iter().map(|rule| rule.id).filter(|id| !self.rules.contains_key(id));
        writeln!(f, "{} of {} rules found", self.rules.len(), RULES.len())?;
        never.try_for_each(|id| writeln!(f, "  {:>12} {id}", "not"))?;
        writeln!(f, "{} values carried over", self.values)?;
        writeln!(f, "{} byte strings changed, {} of them values all the same", self.mutations.0, self.mutations.1)?;
        write!(f, "laws checked\n{}", self.laws)
    }
}
