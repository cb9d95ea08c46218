//! One case: two layouts, values of the stored one, and the laws that apply to them.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;

use typeser::SerializerSnapshot;
use typeser::migrate::{MigrateError, Scratch, Trust};
use typeser::resolve::{Compatibility, Losses, Policy, Role, resolve};
use typeser::schema::{Limits, NodeId};
use typeser::snapshot::{NodeHints, RecordHints};
use typeser::value::Value as Decoded;
use typeser::wire::DecodeErrorKind;

use super::Summary;
use super::fixes::Compared;
use super::generate::{Draft, mutated};
use super::laws::{Broken, Law, LawCounts};
use super::model::{Model, No, Verdict, Zone};
use super::source::Source;
use super::subject::{Answer, Halves, Program, Subject};
use super::value::{Layout, Value};
use super::witnesses;
use crate::evolution::ROLES;

/// The number of values per pair.
const VALUES: usize = 3;
/// The number of mutated byte strings per value.
const MUTATIONS: usize = 3;

/// How often a case is drafted before it is given up.
const ATTEMPTS: usize = 32;

/// Two snapshots, and the role and policy of their comparison.
pub struct Case {
    pub(super) stored: SerializerSnapshot,
    pub(super) new: SerializerSnapshot,
    pub(super) role: Role,
    pub(super) policy: Policy,
}

impl Case {
    /// The case for these choices; `None` if they give no valid snapshots.
    #[must_use]
    pub fn made(source: &mut Source) -> Option<Self> {
        (0..ATTEMPTS).find_map(|_| Self::attempt(source))
    }

    /// The case for these choices; `None` if they give snapshots that contradict themselves.
    fn attempt(source: &mut Source) -> Option<Self> {
        let role = *source.pick(&[Role::Value, Role::Value, Role::Value, Role::MapKey, Role::Key]);
        let losses = if source.one_in(8) { Losses::Any } else { Losses::Declared };
        let downwards = source.one_in(5);
        let first = Draft::random(source);
        // Sometimes the stored side has a history: aliases, defaults, removed names.
        let (mut stored, adopts) = match source.below(8) {
            0..=4 => (first.clone(), false),
            5 => (first.evolved(source), false),
            6 => (first.evolved(source).evolved(source), false),
            _ => (first.evolved(source), true),
        };
        let mut new = stored.evolved(source);
        if downwards && !adopts && !source.one_in(4) {
            // The newer release wrote.
            std::mem::swap(&mut stored, &mut new);
        }
        let mut stored = stored.snapshot(source)?;
        if adopts {
            // The stored snapshot is one that the previous program adopted.
            let before = first.snapshot(source)?;
            let resolution = resolve(&before, &stored, Role::Value, &Policy::default());
            stored = resolution.adopted().cloned().unwrap_or(stored);
        }
        Some(Self { stored, new: new.snapshot(source)?, role, policy: Policy { losses, downwards } })
    }

    /// The stored snapshot and the new one.
    #[must_use]
    pub fn snapshots(&self) -> (&SerializerSnapshot, &SerializerSnapshot) {
        (&self.stored, &self.new)
    }

    fn model(&self, role: Role) -> Model<'_> {
        let Policy { losses, downwards } = self.policy;
        Model::new(&self.stored, &self.new, zone(role)).with_policy(losses == Losses::Any, downwards)
    }
}

/// Checks the join of all verdicts.
///
/// # Errors
/// If a law of the join does not hold.
pub fn joins(subject: &dyn Subject, laws: &mut LawCounts) -> Result<(), Broken> {
    let all = Compatibility::ALL;
    for one in all {
        for two in all {
            let join = subject.join(one, two);
            let holds = join == subject.join(two, one) && join == one.max(two) && subject.join(one, one) == one;
            laws.check(Law::Join, holds, || format!("{one} and {two} are {join}"))?;
            for three in all {
                let (left, right) = (subject.join(join, three), subject.join(one, subject.join(two, three)));
                laws.check(Law::Join, left == right, || format!("{one}, {two}, {three}: {left} or {right}"))?;
            }
        }
    }
    Ok(())
}

/// Checks all laws on a case, with values from a source.
///
/// # Errors
/// The first law that does not hold.
pub fn check_laws(
    subject: &dyn Subject,
    case: &Case,
    source: &mut Source,
    summary: &mut Summary,
) -> Result<(), Broken> {
    // The caller catches panics.
    summary.laws.check(Law::Total, true, String::new)?;
    for snapshot in [&case.stored, &case.new] {
        for role in ROLES {
            let itself = subject.resolve(snapshot, snapshot, role, &case.policy);
            let found = itself.findings;
            summary.laws.check(Law::Silent, found.is_empty(), || format!("as a {role}: {found:?}"))?;
        }
    }
    // Version 2 of the format holds no snapshot that contradicts itself, such as one with a wrong constant.
    if source.one_in(8) && case.stored.check_declared().is_ok() {
        let kept = case.stored.to_bytes().ok().and_then(|bytes| SerializerSnapshot::from_bytes(&bytes).ok());
        summary.laws.check(Law::Kept, kept.as_ref() == Some(&case.stored), || format!("{kept:?}"))?;
    }
    if Layout::of(&case.new).is_endless() && has_constants(&case.new) {
        return Ok(());
    }
    for role in [case.role, *source.pick(&ROLES)] {
        let answer = subject.resolve(&case.stored, &case.new, role, &case.policy);
        let (verdict, expected) = (verdict(answer.compatibility), case.model(role).verdict());
        summary.laws.check(Law::Verdict, verdict == expected, || {
            format!("as a {role}: the resolver says {verdict:?}, the rules say {expected:?}")
        })?;
        let joined = answer.findings.iter().fold(Compatibility::Compatible, |sum, found| subject.join(sum, found.1));
        summary.laws.check(Law::Worst, joined == answer.compatibility, || {
            format!("{} is not {joined}, which is what was found: {:?}", answer.compatibility, answer.findings)
        })?;
    }
    let is_finite = !Layout::of(&case.stored).is_endless() && !Layout::of(&case.new).is_endless();
    if is_finite {
        let compared = Compared { stored: &case.stored, new: &case.new, role: case.role, policy: &case.policy };
        // The values in placeholders do not matter, and take no choices away from the values that are migrated.
        compared.check(&mut Source::seeded(1), &mut summary.laws, &mut summary.fixes)?;
    }
    let answer = subject.resolve(&case.stored, &case.new, case.role, &case.policy);
    summary.verdicts[answer.compatibility as usize] += 1;
    let found: BTreeSet<&str> = answer.findings.iter().map(|found| found.0).collect();
    found.into_iter().for_each(|rule| *summary.rules.entry(rule).or_default() += 1);
    let calls_functions = answer.functions > 0;
    let engine = Engine::of(subject, case, answer, &mut summary.laws)?;
    if Layout::of(&case.stored).is_endless() {
        return Ok(());
    }
    let model = case.model(case.role);
    if source.below(6) == 0 {
        witnesses::check(subject, case, &model, &mut summary.laws)?;
    }
    for _ in 0..VALUES {
        let Some(value) = Layout::of(&case.stored).value(NodeId::ROOT, source) else { return Ok(()) };
        ValueChecks { case, model: &model, summary, calls_functions, scratch: Scratch::default() }
            .check_value(&engine, &value, source)?;
    }
    if source.one_in(8)
        && let Some(value) = Layout::of(&case.stored).deep(NodeId::ROOT, source)
    {
        ValueChecks { case, model: &model, summary, calls_functions, scratch: Scratch::default() }
            .check_deep_value(&engine, &value)?;
    }
    Ok(())
}

/// Whether a snapshot contains constants: the bytes of a default, or of the replacement of a removed variant.
pub(super) fn has_constants(snapshot: &SerializerSnapshot) -> bool {
    let record = |hints: &RecordHints| hints.fields.iter().any(|field| field.default.is_some() || field.none.is_some());
    let of_whole = snapshot.root_hints().none.is_some();
    of_whole
        || snapshot.hints().iter().any(|hints| match hints {
            NodeHints::Struct(hints) => record(&hints.record),
            NodeHints::Enum(hints) => {
                !hints.removed.is_empty() || hints.variants.iter().any(|variant| record(&variant.record))
            }
            _ => false,
        })
}

fn zone(role: Role) -> Zone {
    match role {
        Role::Key | Role::Namespace | Role::Timer => Zone::Fixed,
        Role::MapKey | Role::SetElement => Zone::Distinct,
        Role::Value | Role::ListElement | Role::Aggregate => Zone::Free,
    }
}

fn verdict(compatibility: Compatibility) -> Verdict {
    match compatibility {
        Compatibility::Compatible => Verdict::Compatible,
        Compatibility::AfterReconfigure => Verdict::AfterReconfigure,
        Compatibility::RequiresMigration => Verdict::RequiresMigration,
        Compatibility::Incompatible => Verdict::Incompatible,
    }
}

/// What the subject provides for a verdict.
enum Engine {
    /// The unchanged bytes.
    Plain,
    /// The stored layout under new code: the adopted snapshot and its programs.
    Reconfigured(Box<SerializerSnapshot>, Halves),
    /// A program that rewrites bytes.
    Migration(Program),
    /// Nothing.
    Refused,
}

impl Engine {
    fn of(subject: &dyn Subject, case: &Case, answer: Answer, laws: &mut LawCounts) -> Result<Self, Broken> {
        let Case { stored, new, .. } = case;
        let Answer { compatibility, adopted, migration, functions, is_linked, .. } = answer;
        if migration.is_some() {
            laws.check(Law::Linked, is_linked == (functions == 0), || {
                format!("{functions} functions are needed, and there is a migration without them: {is_linked}")
            })?;
        }
        // A change that needs more than moves has no reconfigured serializer.
        if compatibility > Compatibility::AfterReconfigure && case.role.word() == "value" {
            let none = subject.reconfigure(stored, new).is_none();
            laws.check(Law::Promise, none, || {
                format!("the verdict is {compatibility}, but there is a reconfigured serializer")
            })?;
        }
        let (is_adopted, is_migrated) = (adopted.is_some(), migration.is_some());
        let engine = match (compatibility, adopted, migration) {
            (Compatibility::Compatible, Some(adopted), None) => {
                laws.check(Law::Adopted, adopted == *new, || "compatible, but another snapshot is adopted".to_owned())?;
                Some(Self::Plain)
            }
            (Compatibility::AfterReconfigure, Some(adopted), None) => {
                adoption(subject, case, &adopted, laws)?;
                let halves = subject.reconfigure(&adopted, new);
                halves.map(|halves| Self::Reconfigured(Box::new(adopted), halves))
            }
            (Compatibility::RequiresMigration, None, Some(migration)) => Some(Self::Migration(migration)),
            (Compatibility::Incompatible, None, None) => Some(Self::Refused),
            _ => None,
        };
        laws.check(Law::Promise, engine.is_some(), || {
            format!("{compatibility}: a snapshot to adopt: {is_adopted}, a migration: {is_migrated}")
        })?;
        Ok(engine.unwrap_or(Self::Refused))
    }
}

/// Checks that the adopted snapshot is the stored layout in the terms of the new program.
fn adoption(
    subject: &dyn Subject,
    case: &Case,
    adopted: &SerializerSnapshot,
    laws: &mut LawCounts,
) -> Result<(), Broken> {
    let Case { stored, new, .. } = case;
    let downwards = case.policy.downwards;
    let verdict = |from, to| Model::new(from, to, Zone::Free).with_policy(false, downwards).verdict();
    let (before, behind) = (verdict(stored, adopted), verdict(adopted, new));
    laws.check(Law::Adopted, before == Verdict::Compatible, || {
        format!("{before:?} compared with the stored snapshot")
    })?;
    laws.check(Law::Adopted, behind == Verdict::AfterReconfigure, || {
        format!("{behind:?} compared with the new snapshot")
    })?;
    let again = subject.resolve(adopted, new, Role::Value, &Policy::default());
    laws.check(Law::Adopted, again.adopted.as_ref() == Some(adopted), || {
        "the second resolution adopts another snapshot".to_owned()
    })?;
    let words = super::model::adopted::misnamed(stored, adopted, new);
    laws.check(Law::Adopted, words.is_none(), || words.unwrap_or_default())
}

/// Checks of single values, and of byte strings that are almost those of a value.
struct ValueChecks<'a> {
    case: &'a Case,
    model: &'a Model<'a>,
    summary: &'a mut Summary,
    /// Reused from run to run, as callers do.
    /// Whether the migration calls functions of the program.
    calls_functions: bool,
    scratch: Scratch,
}

/// The innermost levels are not counted where their size is known.
const UNCOUNTED: u32 = 8;
/// The content of the output before anything is written.
const BEFORE: &[u8] = b"before";

impl ValueChecks<'_> {
    fn check_value(&mut self, engine: &Engine, value: &Value, source: &mut Source) -> Result<(), Broken> {
        if matches!(engine, Engine::Refused) {
            return Ok(());
        }
        let (old, new) = (Layout::of(&self.case.stored), Layout::of(&self.case.new));
        let stored = old.encode(NodeId::ROOT, value).unwrap_or_default();
        let back = old.decode(NodeId::ROOT, &stored);
        self.check(Law::Model, back.as_ref() == Ok(value), || format!("{value} is {back:?} as {}", Hex(&stored)))?;
        let is = self.model.migrate(value);
        if let (Err(No::Refused | No::Newer), Engine::Migration(migration)) = (&is, engine) {
            for trust in [Trust::Verified, Trust::Foreign] {
                let out = self.run(migration, &stored, trust)?;
                // A value may hold both: the first one decides.
                let refused = match &out.error {
                    Some(MigrateError::Function(_)) => true,
                    Some(MigrateError::Stored(error)) => {
                        matches!(error.kind(), DecodeErrorKind::VariantOfNewerRelease { .. })
                    }
                    _ => false,
                };
                self.check(Law::Refused, refused, || format!("{value}, stored as {}, becomes {out}", Hex(&stored)))?;
            }
            return Ok(());
        }
        let wanted = is.as_ref().ok().and_then(|is| new.encode(NodeId::ROOT, is));
        let (Ok(is), Some(wanted)) = (is, wanted) else {
            return self.check(Law::Model, false, || format!("the model cannot migrate {value}"));
        };
        // With options around each level of nested lists, the new value can exceed the depth limit.
        if is.levels() > Limits::DEPTH {
            return self.check_deep_value(engine, value);
        }
        self.summary.values += 1;
        match engine {
            Engine::Refused => {}
            Engine::Plain => {
                self.check(Law::Compatible, stored == wanted, || {
                    format!("{value} is {} and would be {}", Hex(&stored), Hex(&wanted))
                })?;
            }
            Engine::Reconfigured(adopted, halves) => {
                let words = |out: &Outcome| {
                    format!("{value} becomes {is}; {} becomes {out}, not {}", Hex(&stored), Hex(&wanted))
                };
                let out = self.run(&halves.read, &stored, Trust::Verified)?;
                self.check(Law::Read, out.is(&wanted), || words(&out))?;
                let words = |out: &Outcome| {
                    format!("{value} becomes {is}; {} becomes {out}, not {}", Hex(&wanted), Hex(&stored))
                };
                let out = self.run(&halves.write, &wanted, Trust::Verified)?;
                self.check(Law::Written, out.is(&stored), || words(&out))?;
                self.check_new_value(adopted, halves, source)?;
            }
            Engine::Migration(migration) => {
                for trust in [Trust::Verified, Trust::Foreign] {
                    let out = self.run(migration, &stored, trust)?;
                    self.check(Law::Migrated, out.is(&wanted) || self.is_in_another_order(&out, &wanted), || {
                        let (stored, wanted) = (Hex(&stored), Hex(&wanted));
                        format!("{value} becomes {is}; {trust:?}, {stored} becomes {out}, not {wanted}")
                    })?;
                }
                for _ in 0..MUTATIONS {
                    self.check_foreign_bytes(migration, &mutated(&stored, source))?;
                }
            }
        }
        self.check_complete(&wanted)
    }

    /// Whether the output is these bytes, except for the order of sets and maps within elements of sets and keys of maps:
    /// where functions make those, they are put in order so that equal ones are found.
    fn is_in_another_order(&self, out: &Outcome, wanted: &[u8]) -> bool {
        let layout = Layout::of(&self.case.new);
        let sorted = |bytes: &[u8]| {
            let value = layout.distinct().decode(NodeId::ROOT, bytes).ok()?;
            // A key is compared itself.
            let layout = if self.case.role == Role::Value { layout.sorted_within() } else { layout.sorted() };
            layout.encode(NodeId::ROOT, &value)
        };
        let (is_written, out) = (out.error.is_none(), out.bytes.as_slice());
        self.calls_functions
            && is_written
            && out.len() == wanted.len()
            && sorted(out).is_some_and(|out| sorted(wanted) == Some(out))
    }

    /// Checks a value that can be deeper than the read limit: it is migrated if it could be written, and the output can
    /// be read.
    fn check_deep_value(&mut self, engine: &Engine, value: &Value) -> Result<(), Broken> {
        let (program, trusts) = match engine {
            Engine::Migration(migration) => (migration, &[Trust::Verified, Trust::Foreign][..]),
            Engine::Reconfigured(_, halves) => (&halves.read, &[Trust::Verified][..]),
            Engine::Plain | Engine::Refused => return Ok(()),
        };
        let stored = Layout::of(&self.case.stored).encode(NodeId::ROOT, value).unwrap_or_default();
        let Ok(is) = self.model.migrate(value) else { return Ok(()) };
        let Some(wanted) = Layout::of(&self.case.new).encode(NodeId::ROOT, &is) else { return Ok(()) };
        let levels = (value.levels(), is.levels());
        for trust in trusts {
            let out = self.run(program, &stored, *trust)?;
            let deepest = levels.0.max(levels.1);
            let holds = match out.error {
                Some(_) => deepest > Limits::DEPTH,
                None => {
                    (out.is(&wanted) || self.is_in_another_order(&out, &wanted))
                        && deepest <= Limits::READ_DEPTH + UNCOUNTED
                }
            };
            self.check(Law::Deep, holds, || {
                format!("{trust:?}, of {levels:?} levels: {value}, stored as {}, becomes {out}", Hex(&stored))
            })?;
            if deepest <= Limits::DEPTH {
                self.check_complete(&wanted)?;
            }
        }
        Ok(())
    }

    /// Checks that a value of the new type, possibly of a new variant, is read back as it was written.
    fn check_new_value(
        &mut self,
        adopted: &SerializerSnapshot,
        halves: &Halves,
        source: &mut Source,
    ) -> Result<(), Broken> {
        let new = Layout::of(&self.case.new);
        let Some(fresh) = new.value(NodeId::ROOT, source) else { return Ok(()) };
        let Some(bytes) = new.encode(NodeId::ROOT, &fresh) else { return Ok(()) };
        let written = self.run(&halves.write, &bytes, Trust::Verified)?;
        let value = Layout::of(adopted).decode(NodeId::ROOT, &written.bytes);
        self.check(Law::Fresh, written.error.is_none() && value.is_ok(), || {
            format!("{fresh} is written as {written}: {value:?}")
        })?;
        let read = self.run(&halves.read, &written.bytes, Trust::Verified)?;
        self.check(Law::Fresh, read.is(&bytes), || format!("{fresh} comes back as {read}, not {}", Hex(&bytes)))
    }

    /// Checks bytes that are possibly not a value: they pass as foreign bytes only if they are one, and nothing panics.
    fn check_foreign_bytes(&mut self, migration: &Program, bytes: &[u8]) -> Result<(), Broken> {
        self.summary.mutations.0 += 1;
        self.run(migration, bytes, Trust::Verified)?;
        let out = self.run(migration, bytes, Trust::Foreign)?;
        match Layout::of(&self.case.stored).distinct().decode(NodeId::ROOT, bytes) {
            Err(reason) => self.check(Law::Foreign, out.error.is_some(), || {
                format!("{} are not a value ({reason}), but become {out}", Hex(bytes))
            }),
            Ok(value) => {
                self.summary.mutations.1 += 1;
                let is = self.model.migrate(&value);
                if matches!(is, Err(No::Refused | No::Newer)) {
                    return self.check(Law::Refused, out.error.is_some(), || format!("{value} becomes {out}"));
                }
                let wanted =
                    is.ok().and_then(|is| Layout::of(&self.case.new).encode(NodeId::ROOT, &is)).unwrap_or_default();
                // A list with too many elements of zero bytes is refused, as the reader refuses it.
                let counted = out.error.is_some() && value.count() > 65_536;
                let is_wanted = out.is(&wanted) || self.is_in_another_order(&out, &wanted);
                self.check(Law::Foreign, counted || is_wanted, || {
                    format!("{value}, stored as {}, becomes {out}, not {}", Hex(bytes), Hex(&wanted))
                })
            }
        }
    }

    /// Checks that the output is readable by the library's own reader of values, which is independent of migrations.
    fn check_complete(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        if Layout::of(&self.case.new).is_endless() {
            return Ok(());
        }
        let new = &self.case.new;
        let mut again = Vec::new();
        let outcome = Decoded::decode(new, bytes).map(|value| value.encode(new, &mut again).is_ok());
        self.check(Law::Complete, outcome == Ok(true) && again == bytes, || {
            format!("{} is read as {outcome:?}, and written as {}", Hex(bytes), Hex(&again))
        })
    }

    /// Runs a program that appends to existing bytes.
    fn run(&mut self, program: &Program, bytes: &[u8], trust: Trust) -> Result<Outcome, Broken> {
        let mut out = BEFORE.to_vec();
        let error = program(bytes, trust, &mut self.scratch, &mut out).err();
        let untouched = out.starts_with(BEFORE) && (error.is_none() || out == BEFORE);
        self.check(Law::Untouched, untouched, || format!("{trust:?}, {} leaves {}", Hex(bytes), Hex(&out)))?;
        Ok(Outcome { bytes: out.split_off(BEFORE.len()), error })
    }

    fn check(&mut self, law: Law, holds: bool, words: impl FnOnce() -> String) -> Result<(), Broken> {
        self.summary.laws.check(law, holds, words)
    }
}

/// The result of a program.
struct Outcome {
    bytes: Vec<u8>,
    error: Option<MigrateError>,
}

impl Outcome {
    fn is(&self, wanted: &[u8]) -> bool {
        self.error.is_none() && self.bytes == wanted
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(error) => write!(f, "an error ({error})"),
            None => write!(f, "{}", Hex(&self.bytes)),
        }
    }
}

pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_char(']')
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "as a {}, losses: {:?}, downwards: {}", self.role, self.policy.losses, self.policy.downwards)?;
        for (side, snapshot) in [("stored", &self.stored), ("new", &self.new)] {
            writeln!(f, "{side}:")?;
            // Without the header: names and versions of serializers have no effect.
            for line in snapshot.to_text().lines().skip(3) {
                writeln!(f, "    {line}")?;
            }
        }
        let found = std::panic::catch_unwind(|| resolve(&self.stored, &self.new, self.role, &self.policy));
        let Ok(resolution) = found else { return Ok(()) };
        writeln!(f, "found:")?;
        resolution.findings().iter().try_for_each(|finding| writeln!(f, "    {finding}"))
    }
}
