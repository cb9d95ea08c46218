//! The oracle: compares the library with a slow and obvious model, on random layouts, evolutions and values.
//!
//! The model decides exactly as the rules say, and migrates trees of values. It uses neither the resolver nor the
//! migration engine. Model and library meet only in `case` and `witnesses`, where the library is behind the trait in
//! `subject`, so that `planted` can insert a fault: an oracle without violations is worth as much as the faults that it
//! would find.

mod became;
pub mod case;
pub mod decode;
pub mod encode;
pub mod evolve;
pub mod fixes;
mod functions;
pub mod generate;
pub mod history;
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

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use case::{Case, check_laws};
use fixes::FixCounts;
use laws::{Broken, Law, LawCounts};
use source::{Source, shrink};
use subject::Subject;
use typeser::resolve::{Compatibility, RULES};

/// The largest number of candidates while a violation is minimized.
const SHRINKS: usize = 3_000;
/// One case in this many has a history of releases as well.
const HISTORIES: usize = 4;
/// In bytes.
const STACK: usize = 256 << 20;

/// What a run of the oracle checked.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The number of pairs of layouts.
    pub cases: u64,
    /// The number of pairs per verdict, from best to worst.
    pub verdicts: [u64; 4],
    /// The number of pairs per rule.
    pub rules: BTreeMap<&'static str, u64>,
    /// The number of checks per law.
    pub laws: LawCounts,
    /// The number of values that passed.
    pub values: u64,
    /// The number of mutated byte strings, and how many of them were still values.
    pub mutations: (u64, u64),
    /// The fixes that were applied.
    pub fixes: FixCounts,
}

/// A case in which a law does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The seed of the case: a run of one case with this seed reproduces it.
    pub seed: u64,
    /// The law.
    pub law: Law,
    /// The minimized case as text.
    pub text: String,
}

/// Runs cases from a seed while `more` returns true, until the first violation.
///
/// # Errors
/// The minimized violation, and the summary of the cases before it.
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
        return Err(Box::new((summary, Violation { seed, law, text: words })));
    }
    while more(&summary) {
        let seed = seed_of(seed, summary.cases);
        let mut source = Source::seeded(seed);
        if let Err(Broken { law, .. }) = guarded(subject, &mut source, &mut summary) {
            let broken = |choices: &[u32]| {
                let mut source = Source::replay(choices.to_vec());
                guarded(subject, &mut source, &mut Summary::default()).err()
            };
            // Only cases that break the same law: another law can mean another fault.
            let same = |choices: &[u32]| broken(choices).is_some_and(|broken| broken.law == law);
            let choices = shrink(source.into_choices(), same, SHRINKS);
            let mut source = Source::replay(choices.clone());
            let small = Case::made(&mut source)
                .and_then(|case| small::smallest(subject, case, &source.rest(), law))
                .map(|(case, broken)| format!("{broken}\n{case}"));
            let text = small.unwrap_or_else(|| format!("{:?} for the choices {choices:?}", broken(&choices)));
            return Err(Box::new((summary, Violation { seed, law, text })));
        }
        summary.cases += 1;
    }
    Ok(summary)
}

/// The number of the first case that breaks a law, and the law.
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

/// A case that breaks a law, not minimized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenCase {
    /// The seed of the case.
    pub seed: u64,
    /// What is broken: the law, and the rules that its details name.
    pub kind: String,
}

/// Runs cases from a seed while `more` returns true, whatever is broken. Cases that break a law are listed and not
/// counted as passed, except in [`Summary::cases`].
pub fn survey(
    subject: &(dyn Subject + Sync),
    seed: u64,
    mut more: impl FnMut(&Summary) -> bool + Send,
) -> (Summary, Vec<BrokenCase>) {
    on_a_large_stack(|| {
        let (mut summary, mut found) = (Summary::default(), Vec::new());
        while more(&summary) {
            let seed = seed_of(seed, summary.cases);
            if let Err(broken) = guarded(subject, &mut Source::seeded(seed), &mut summary) {
                found.push(BrokenCase { seed, kind: kind_of(&broken) });
            }
            summary.cases += 1;
        }
        (summary, found)
    })
}

/// The law and the rules that the details name, each once, in their order.
fn kind_of(Broken { law, words }: &Broken) -> String {
    let is_of_id = |character: char| character.is_ascii_lowercase() || character == '-';
    let mut kind = law.words().to_owned();
    let mut met = HashSet::new();
    for word in words.split(|character| !is_of_id(character)) {
        if RULES.iter().any(|rule| rule.id == word) && met.insert(word) {
            kind.push_str(if met.len() == 1 { ": " } else { ", " });
            kind.push_str(word);
        }
    }
    kind
}

/// Runs on a large stack, because the model recurses and values are deep.
fn on_a_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap();
        thread.join().unwrap()
    })
}

/// The seed of a case of a run. A run with this seed continues the original run.
#[must_use]
pub fn seed_of(seed: u64, number: u64) -> u64 {
    seed.wrapping_add(number.wrapping_mul(0xD134_2543_DE82_EF95))
}

/// Makes the case that a source chooses, and checks all laws on it.
///
/// # Errors
/// The first law that does not hold.
pub fn check(subject: &dyn Subject, source: &mut Source, summary: &mut Summary) -> Result<(), Broken> {
    if let Some(case) = Case::made(source) {
        check_laws(subject, &case, source, summary)?;
    }
    match source.one_in(HISTORIES) {
        true => history::check(subject, source, &mut summary.laws),
        false => Ok(()),
    }
}

/// [`check`]s a case. A panic breaks [`Law::Total`].
fn guarded(subject: &dyn Subject, source: &mut Source, summary: &mut Summary) -> Result<(), Broken> {
    caught(|| check(subject, source, summary))
}

/// Turns a panic into a broken law.
fn caught(work: impl FnOnce() -> Result<(), Broken>) -> Result<(), Broken> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|_| Err(Broken { law: Law::Total, words: "a panic".to_owned() }))
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
        writeln!(f, "{} values passed", self.values)?;
        writeln!(f, "{} mutated byte strings, {} of them values", self.mutations.0, self.mutations.1)?;
        write!(f, "{}", self.fixes)?;
        write!(f, "laws checked\n{}", self.laws)
    }
}
