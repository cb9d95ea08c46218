//! The oracle: random layouts, random evolutions and random values, held against a slow and obvious model.
//!
//! The model decides by the letter of the rules and carries trees of values; it knows nothing of the resolver and of
//! the migration engine. Only this file knows both.

pub mod generate;
pub mod model;
pub mod source;
pub mod value;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use typeser::SerializerSnapshot;
use typeser::migrate::{Migration, Reconfigured, Scratch, Trust};
use typeser::resolve::{Compatibility, Losses, Policy, Resolution, Role, resolve};
use typeser::schema::NodeId;
use typeser::serializer::Conversions;
use typeser::snapshot::{NodeHints, RecordHints};

use crate::evolution::ROLES;
use generate::{Draft, mutated};
use model::{Model, Verdict, Zone};
use source::{Source, shrink};
use value::{Layout, Value};

/// How many values are tried on a pair.
const VALUES: usize = 3;
/// How many mutations of stored bytes are tried on a value.
const MUTATIONS: usize = 3;
/// How many candidates are looked at while a violation is made smaller.
const SHRINKS: usize = 20_000;

/// What a run of the oracle saw.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many pairs of layouts.
    pub cases: u64,
    /// How many of them got each verdict, from best to worst.
    pub verdicts: [u64; 4],
    /// How many statements were checked.
    pub laws: u64,
    /// How many values were carried over.
    pub values: u64,
    /// How many changed byte strings were tried, and how many of them were values all the same.
    pub mutations: (u64, u64),
}

/// A case in which the resolver or the engine and the model differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What `case` is to be called with.
    pub seed: u64,
    /// The smallest case that was found, as text.
    pub told: String,
}

/// The law that does not hold, in words.
type Broken = String;

macro_rules! law {
    ($summary:expr, $holds:expr, $($words:tt)*) => {
        $summary.laws += 1;
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}

/// Runs so many cases from a seed on, until the first violation.
///
/// # Errors
/// The violation, made small.
pub fn run(cases: u64, seed: u64, mut progress: impl FnMut(&Summary)) -> Result<Summary, Box<(Summary, Violation)>> {
    let mut summary = Summary::default();
    for number in 0..cases {
        let seed = seed.wrapping_add(number.wrapping_mul(0xD134_2543_DE82_EF95));
        let mut source = Source::seeded(seed);
        if guarded(&mut source, &mut summary).is_err() {
            let choices = shrink(source.into_choices(), fails, SHRINKS);
            let told = tell(choices);
            return Err(Box::new((summary, Violation { seed, told })));
        }
        summary.cases += 1;
        progress(&summary);
    }
    Ok(summary)
}

fn fails(choices: &[u32]) -> bool {
    guarded(&mut Source::replay(choices.to_vec()), &mut Summary::default()).is_err()
}

/// A case; a panic on the way breaks the first law of all.
fn guarded(source: &mut Source, summary: &mut Summary) -> Result<(), Broken> {
    catch_unwind(AssertUnwindSafe(|| case(source, summary))).unwrap_or_else(|_| Err("it panics".to_owned()))
}

/// The case that these choices make, and what is wrong with it, as text.
fn tell(choices: Vec<u32>) -> String {
    let broken = guarded(&mut Source::replay(choices.clone()), &mut Summary::default()).err().unwrap_or_default();
    let mut source = Source::replay(choices);
    let Some(case) = Case::made(&mut source) else { return broken };
    let mut told = format!("{broken}\n  role {}, policy {:?}\n", case.role, case.policy.losses);
    for (side, snapshot) in [("stored", &case.stored), ("new", &case.new)] {
        writeln!(told, "  {side}, {} integers:", snapshot.configuration().integers).unwrap();
        for (number, (node, hints)) in snapshot.schema().nodes().iter().zip(snapshot.hints()).enumerate() {
            write!(told, "    {number}: {node:?}").unwrap();
            if !hints.is_empty() {
                write!(told, "\n       {hints:?}").unwrap();
            }
            told.push('\n');
        }
    }
    if let Ok(resolution) = catch_unwind(|| resolve(&case.stored, &case.new, case.role, &case.policy)) {
        for finding in resolution.findings() {
            writeln!(told, "  {finding}").unwrap();
        }
    }
    told
}

/// Two snapshots and what they are compared for.
struct Case {
    stored: SerializerSnapshot,
    new: SerializerSnapshot,
    role: Role,
    policy: Policy,
}

impl Case {
    fn made(source: &mut Source) -> Option<Self> {
        let role = *source.pick(&[Role::Value, Role::Value, Role::Value, Role::MapKey, Role::Key]);
        let losses = if source.one_in(8) { Losses::Any } else { Losses::Declared };
        let first = Draft::random(source);
        // The stored side has a history of its own at times: aliases, defaults, names that it removed.
        let stored = if source.one_in(4) { first.evolved(source) } else { first };
        let new = stored.evolved(source);
        Some(Self { stored: stored.snapshot(source)?, new: new.snapshot(source)?, role, policy: Policy { losses } })
    }
}

/// One case: two layouts, and values of the stored one.
fn case(source: &mut Source, summary: &mut Summary) -> Result<(), Broken> {
    let Some(case) = Case::made(source) else { return Ok(()) };
    let Case { stored, new, role, policy } = &case;
    for snapshot in [stored, new] {
        for role in ROLES {
            let itself = resolve(snapshot, snapshot, role, policy);
            law!(summary, itself.findings().is_empty(), "a snapshot against itself is not silent");
        }
    }
    if Layout::of(new).is_endless() && has_constants(new) {
        return Ok(());
    }
    let zone = match role {
        Role::Key => Zone::Fixed,
        Role::MapKey => Zone::Distinct,
        _ => Zone::Free,
    };
    let model = Model::new(stored, new, zone, policy.losses == Losses::Any);
    let resolution = resolve(stored, new, *role, policy);
    let (verdict, expected) = (verdict(resolution.compatibility()), model.verdict());
    law!(summary, verdict == expected, "the resolver says {verdict:?}, the rules say {expected:?}");
    let joined = resolution.findings().iter().map(|finding| finding.rule.verdict).max();
    law!(
        summary,
        joined.unwrap_or(Compatibility::Compatible) == resolution.compatibility(),
        "the verdict is not the worst of the findings"
    );
    summary.verdicts[verdict as usize] += 1;
    let engine = Engine::of(&case, &resolution, summary)?;
    if Layout::of(stored).is_ambiguous() {
        return Ok(());
    }
    for _ in 0..VALUES {
        let Some(value) = Layout::of(stored).value(NodeId::ROOT, source) else { return Ok(()) };
        engine.carry(&case, &model, &value, source, summary)?;
    }
    Ok(())
}

/// Whether a snapshot holds the bytes of a default or of what a removed variant becomes.
fn has_constants(snapshot: &SerializerSnapshot) -> bool {
    let record = |hints: &RecordHints| hints.fields.iter().any(|field| field.default.is_some());
    snapshot.hints().iter().any(|hints| match hints {
        NodeHints::Struct(hints) => record(&hints.record),
        NodeHints::Enum(hints) => {
            !hints.removed.is_empty() || hints.variants.iter().any(|variant| record(&variant.record))
        }
        _ => false,
    })
}

fn verdict(compatibility: Compatibility) -> Verdict {
    match compatibility {
        Compatibility::Compatible => Verdict::Compatible,
        Compatibility::AfterReconfigure => Verdict::AfterReconfigure,
        Compatibility::RequiresMigration => Verdict::RequiresMigration,
        Compatibility::Incompatible => Verdict::Incompatible,
    }
}

/// What the caller gets for a verdict.
enum Engine {
    /// The bytes as they are.
    Plain,
    /// The stored layout under new code.
    Reconfigured(Box<Reconfigured>),
    /// Bytes in, bytes out.
    Migration(Migration),
    /// Nothing.
    Refused,
}

impl Engine {
    fn of(case: &Case, resolution: &Resolution, summary: &mut Summary) -> Result<Self, Broken> {
        let (adopted, migration) = (resolution.adopted(), resolution.migration(&Conversions::new()).ok());
        Ok(match (resolution.compatibility(), adopted, migration) {
            (Compatibility::Compatible, Some(adopted), None) => {
                law!(summary, *adopted == case.new, "what is compatible adopts another snapshot than the new one");
                Self::Plain
            }
            (Compatibility::AfterReconfigure, Some(adopted), None) => {
                let verdict = |from, to| Model::new(from, to, Zone::Fixed, false).verdict();
                let (before, behind) = (verdict(&case.stored, adopted), verdict(adopted, &case.new));
                law!(summary, before == Verdict::Compatible, "what is stored is {before:?} with what adopts it");
                law!(summary, behind == Verdict::AfterReconfigure, "what is adopted is {behind:?} with what is new");
                let again = resolve(adopted, &case.new, Role::Value, &Policy::default());
                law!(summary, again.adopted() == Some(adopted), "what is adopted twice is not what is adopted once");
                let engine = Reconfigured::new(adopted, &case.new).ok_or("what is adopted has no programs")?;
                Self::Reconfigured(Box::new(engine))
            }
            (Compatibility::RequiresMigration, None, Some(migration)) => Self::Migration(migration),
            (Compatibility::Incompatible, None, None) => Self::Refused,
            (verdict, adopted, migration) => {
                return Err(format!(
                    "for {verdict} there is {} adopted snapshot and {} migration",
                    if adopted.is_some() { "an" } else { "no" },
                    if migration.is_some() { "a" } else { "no" },
                ));
            }
        })
    }

    /// Carries a value over, and bytes that are nearly those of a value.
    fn carry(
        &self,
        case: &Case,
        model: &Model<'_>,
        value: &Value,
        source: &mut Source,
        summary: &mut Summary,
    ) -> Result<(), Broken> {
        if matches!(self, Self::Refused) {
            return Ok(());
        }
        let (old, new) = (Layout::of(&case.stored), Layout::of(&case.new));
        let stored = old.encode(NodeId::ROOT, value).ok_or("the model cannot write its own value")?;
        law!(summary, old.decode(NodeId::ROOT, &stored).as_ref() == Ok(value), "the model cannot read {value:?}");
        let is = model.carry(value).ok_or_else(|| format!("the model cannot carry {value:?}"))?;
        let wanted = new.encode(NodeId::ROOT, &is).ok_or_else(|| format!("the model cannot write {is:?}"))?;
        summary.values += 1;
        let mut scratch = Scratch::default();
        match self {
            Self::Refused => {}
            Self::Plain => {
                law!(summary, stored == wanted, "compatible, but {value:?} is {stored:?} and would be {wanted:?}");
            }
            Self::Reconfigured(programs) => {
                let mut out = Vec::new();
                let outcome = programs.read(&stored, &mut scratch, &mut out);
                law!(
                    summary,
                    outcome.is_ok() && out == wanted,
                    "{value:?} is read as {out:?}, not {wanted:?}: {outcome:?}"
                );
                out.clear();
                let outcome = programs.write(&wanted, &mut scratch, &mut out);
                law!(
                    summary,
                    outcome.is_ok() && out == stored,
                    "{is:?} is written as {out:?}, not {stored:?}: {outcome:?}"
                );
                // A value of the new type, perhaps of a new variant, comes back as well.
                if let Some(fresh) = new.value(NodeId::ROOT, source)
                    && let Some(bytes) = new.encode(NodeId::ROOT, &fresh)
                {
                    let (mut written, mut read) = (Vec::new(), Vec::new());
                    let outcome = programs.write(&bytes, &mut scratch, &mut written);
                    law!(summary, outcome.is_ok(), "{fresh:?} is not written: {outcome:?}");
                    let decoded = Layout::of(programs.snapshot()).decode(NodeId::ROOT, &written);
                    law!(summary, decoded.is_ok(), "{fresh:?} is written as {written:?}: {decoded:?}");
                    let outcome = programs.read(&written, &mut scratch, &mut read);
                    law!(summary, outcome.is_ok() && read == bytes, "{fresh:?} comes back as {read:?}: {outcome:?}");
                }
            }
            Self::Migration(migration) => {
                for trust in [Trust::Verified, Trust::Foreign] {
                    let mut out = b"before".to_vec();
                    let outcome = migration.run(&stored, trust, &mut scratch, &mut out);
                    law!(
                        summary,
                        outcome.is_ok() && out[6..] == wanted,
                        "{trust:?}: {value:?}, stored as {stored:?}, becomes {:?}, not {wanted:?}: {outcome:?}",
                        &out[6..]
                    );
                }
                for _ in 0..MUTATIONS {
                    Self::hostile(case, model, migration, &mutated(&stored, source), summary)?;
                }
            }
        }
        Ok(())
    }

    /// Bytes that may be no value: what is foreign passes only if it is one, and nothing panics.
    fn hostile(
        case: &Case,
        model: &Model<'_>,
        migration: &Migration,
        bytes: &[u8],
        summary: &mut Summary,
    ) -> Result<(), Broken> {
        let mut scratch = Scratch::default();
        summary.mutations.0 += 1;
        let mut out = b"before".to_vec();
        if migration.run(bytes, Trust::Verified, &mut scratch, &mut out).is_err() {
            law!(summary, out == b"before", "a migration that fails leaves {out:?}");
        }
        let mut out = b"before".to_vec();
        let outcome = migration.run(bytes, Trust::Foreign, &mut scratch, &mut out);
        match Layout::of(&case.stored).distinct().decode(NodeId::ROOT, bytes) {
            Err(reason) => {
                law!(summary, outcome.is_err(), "{bytes:?} are no value ({reason}), but they become {out:?}");
                law!(summary, out == b"before", "a migration that fails leaves {out:?}");
            }
            Ok(value) => {
                summary.mutations.1 += 1;
                let is = model.carry(&value).ok_or_else(|| format!("the model cannot carry {value:?}"))?;
                let wanted = Layout::of(&case.new).encode(NodeId::ROOT, &is).ok_or("the model cannot write")?;
                // A list of very many elements without bytes is refused, as its reader would refuse it.
                let counted = outcome.is_err() && value.count() > 65_536;
                law!(
                    summary,
                    counted || (outcome.is_ok() && out[6..] == wanted),
                    "{value:?}, stored as {bytes:?}, becomes {:?}, not {wanted:?}: {outcome:?}",
                    &out[6..]
                );
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} cases", self.cases)?;
        for (verdict, count) in Compatibility::ALL.iter().zip(self.verdicts) {
            writeln!(f, "  {count:>10} {verdict}")?;
        }
        writeln!(f, "{} values carried over", self.values)?;
        writeln!(f, "{} byte strings changed, {} of them values all the same", self.mutations.0, self.mutations.1)?;
        write!(f, "{} laws checked", self.laws)
    }
}
