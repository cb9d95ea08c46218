//! The law of help: each fix of a finding, applied to the new type, repairs the finding and brings only what it
//! announces; and the first fix of every finding, all applied at once, end in a report that passes.

pub mod apply;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use typeser::SerializerSnapshot;
use typeser::resolve::{Compatibility, Finding, Fix, Policy, Resolution, Role, rekey, resolve};
use typeser::schema::{Node, NodeId, PathSegment};

use self::apply::Edited;
use super::laws::{Broken, Law, LawCounts};
use super::source::Source;

/// The reason that a snapshot with such a finding is none of a type.
const NO_DERIVE: &str = "no derive writes such a snapshot";

/// Rules whose findings no edit of the new type repairs, with the reason. Their help is what the rule says.
pub const WITHOUT_FORM: [(&str, &str); 10] = [
    ("version-went-back-over-function", "only another release, or state from before the upgrade, helps"),
    ("constant-malformed", NO_DERIVE),
    ("was-other-bytes", NO_DERIVE),
    ("tag-collision", "a snapshot with one is refused when it is read"),
    ("name-clash", "a snapshot with one is refused when it is read"),
    ("opaque-unframed", "the stored type cannot be rewritten at all"),
    ("array-too-long", "it is refused for the work that it would cost, whatever the type declares"),
    ("history-diverges", "the release in between is out already"),
    ("too-many-pairs", "the comparison was given up"),
    ("too-many-findings", "the comparison was given up"),
];

/// Rules that show only once something else is not incompatible any more: of the resolution as a whole, and of
/// constants that no derive writes.
const OF_THE_WHOLE: [&str; 4] = ["adopted-layout-converted", "array-too-long", "opaque-unframed", "constant-malformed"];

/// In how many rounds the first fixes must have ended in a report that passes.
pub const ROUNDS: usize = 2;

/// The most findings of a case whose fixes are applied one by one.
const MOST_FINDINGS: usize = 8;

/// Two snapshots, and how they are compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The stored side.
    pub stored: &'a SerializerSnapshot,
    /// The new side.
    pub new: &'a SerializerSnapshot,
    /// What the serializers are used for.
    pub role: Role,
    /// The policy.
    pub policy: &'a Policy,
}

/// How many fixes were applied, and after how many rounds of first fixes the report passed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct FixCounts {
    /// By rule.
    pub by_rule: BTreeMap<&'static str, FixCount>,
}

/// The counts of one rule.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct FixCount {
    /// The number of fixes that were applied alone.
    pub applied: u64,
    /// The number of cases with a finding of the rule that passed after so many rounds.
    pub rounds: [u64; ROUNDS],
}

impl Compared<'_> {
    fn resolve(&self, new: &SerializerSnapshot) -> Resolution {
        resolve(self.stored, new, self.role, self.policy)
    }

    /// Checks the law of help.
    ///
    /// # Errors
    /// The first fix that breaks it, or the rounds that do not end.
    pub fn check(&self, source: &mut Source, laws: &mut LawCounts, counts: &mut FixCounts) -> Result<(), Broken> {
        if [self.stored, self.new].into_iter().any(is_recursive_without_name) {
            return Ok(());
        }
        let before = self.resolve(self.new);
        // Nobody edits the types of an older release, which a policy that reads downwards is for.
        let reads_downwards = self.policy.downwards;
        if before.compatibility() < Compatibility::Incompatible || reads_downwards {
            return Ok(());
        }
        let offers = |fix: &Fix| all_refused(&before).any(|finding| finding.fixes.contains(fix));
        if offers(&Fix::ReadDownwards) {
            let policy = Policy { downwards: true, ..*self.policy };
            let downwards = resolve(self.stored, self.new, self.role, &policy).compatibility();
            laws.check(Law::Help, downwards < Compatibility::Incompatible, || "downwards is refused too".to_owned())?;
        }
        for finding in refused(&before).take(MOST_FINDINGS) {
            laws.check(Law::Help, finding.fixes.iter().any(has_form), || format!("no fix has a form: {finding}"))?;
            for fix in finding.fixes.iter().filter(|fix| has_form(fix)) {
                let wrong = self.wrong(&before, finding, fix, source);
                laws.check(Law::Help, wrong.is_none(), || {
                    let code = fix.code().map(|code| format!("\n{code}")).unwrap_or_default();
                    format!("{finding}\nhelp: {}{code}\n{}", fix.text(), wrong.unwrap_or_default())
                })?;
                counts.by_rule.entry(finding.rule.id).or_default().applied += 1;
            }
        }
        self.rounds(&before, source, laws, counts)
    }

    /// What is wrong with a fix, if something is.
    fn wrong(&self, before: &Resolution, finding: &Finding, fix: &Fix, source: &mut Source) -> Option<String> {
        if let Fix::Rekey { promises, .. } = fix {
            let mut edited = Edited::new(self.stored, self.new);
            let done = promises.iter().all(|promise| edited.apply(finding, promise, source).is_some());
            let Some(new) = edited.snapshot().filter(|_| done) else {
                return Some(String::from("a promise cannot be made"));
            };
            let verdict = rekey(self.stored, &new, self.policy).compatibility();
            return (verdict == Compatibility::Incompatible).then(|| String::from("a re-key is refused"));
        }
        let mut edited = Edited::new(self.stored, self.new);
        if edited.apply(finding, fix, source).is_none() {
            return (!edited.lacks_value()).then(|| String::from("it cannot be applied"));
        }
        let Some(new) = edited.snapshot() else { return Some(String::from("the result contradicts itself")) };
        let after = self.resolve(&new);
        let is_same = |other: &&Finding| other.rule == finding.rule && other.path == finding.path;
        if after.findings().iter().any(|other| is_same(&other)) {
            return Some(String::from("the finding is still there"));
        }
        let could_migrate =
            before.findings().iter().any(|finding| finding.rule.verdict == Compatibility::RequiresMigration);
        // One edit may repair the same cause at several places, and a type that is kept as a whole whatever is in it.
        let is_whole = matches!(fix, Fix::KeepWhole { .. });
        let is_gone = |known: &&Finding| {
            let is_same = |other: &Finding| other.rule == known.rule && other.path == known.path;
            (is_whole || known.rule == finding.rule) && !after.findings().iter().any(is_same)
        };
        let repaired: Vec<&Finding> = refused(before).filter(is_gone).collect();
        for other in after.findings() {
            // What no derive writes may happen to fit the edited type. Then that is compared with what was stored.
            let fits_now = |known: &&Finding| {
                let is_same = |other: &Finding| other.rule == known.rule && other.path == known.path;
                is_of_no_type(known) && !after.findings().iter().any(is_same)
            };
            if before.findings().iter().filter(fits_now).any(|known| known.path == other.path) {
                continue;
            }
            // Whether a removed variant shares its replacement with another variant depends on both.
            let replaces = |rule: &str| ["variant-removed", "variant-replaced"].contains(&rule);
            let is_known = |known: &Finding| replaces(known.rule.id) && known.path == other.path;
            if replaces(other.rule.id) && before.findings().iter().any(is_known) {
                continue;
            }
            let was_there = before.findings().iter().any(|known| {
                // One pair of types is reported at one place, which may be another one now.
                let is_same = known.path == other.path || known.stored.type_name == other.stored.type_name;
                known.rule == other.rule && is_same
            });
            // Another stored type that becomes the same new one may need an edit as well.
            let stored = |finding: &Finding| finding.chain.last().map(|link| link.stored);
            let is_another =
                other.new.type_name == finding.new.type_name && stored(other) != stored(finding) && edits_type(fix);
            let is_below = repaired.iter().any(|known| {
                let places = known.also.iter().map(|place| &place.path).chain([&known.path]);
                places.into_iter().any(|path| is_within(other.path.segments(), path.segments()))
            });
            let is_announced = fix.brings().contains(&other.rule.id)
                || fix.uncovers() && is_below
                || OF_THE_WHOLE.contains(&other.rule.id)
                || other.rule.id == "key-migration-refused" && (could_migrate || fix.uncovers());
            // A change that was refused at this place, and is none of the kind any more.
            let is_milder = other.rule.verdict < Compatibility::Incompatible
                && !other.rule.loses
                && refused(before).any(|known| known.path == other.path);
            if !was_there && !is_announced && !is_another && !is_milder {
                return Some(format!("it brings {other}"));
            }
            let says = || fix.gives_up().is_some_and(|lost| fix.text().contains(&format!("`{lost}`")));
            let is_uncovered = fix.uncovers() && is_below;
            if !was_there && other.rule.loses && !is_uncovered && !says() {
                return Some(format!("it drops data without saying so: {other}"));
            }
        }
        None
    }

    fn rounds(
        &self,
        before: &Resolution,
        source: &mut Source,
        laws: &mut LawCounts,
        counts: &mut FixCounts,
    ) -> Result<(), Broken> {
        let mut new = self.new.clone();
        let mut steps = String::new();
        // Findings of the whole show only once everything else is repaired, so a round of nothing else is not counted.
        let (mut round, mut of_the_whole) = (0, 0);
        loop {
            let resolution = self.resolve(&new);
            if resolution.compatibility() < Compatibility::Incompatible {
                laws.check(Law::Rounds, true, String::new)?;
                for finding in refused(before) {
                    let rounds = &mut counts.by_rule.entry(finding.rule.id).or_default().rounds;
                    rounds[round.clamp(1, ROUNDS) - 1] += 1;
                }
                return Ok(());
            }
            let shows_last = |rule: &str| OF_THE_WHOLE.contains(&rule) || rule == "key-migration-refused";
            match refused(&resolution).all(|finding| shows_last(finding.rule.id)) {
                true => of_the_whole += 1,
                false => round += 1,
            }
            if round > ROUNDS || of_the_whole > 1 {
                let steps = || format!("{steps}still incompatible after {ROUNDS} rounds");
                return laws.check(Law::Rounds, false, steps);
            }
            if refused(&resolution).count() < all_refused(&resolution).count() {
                return Ok(());
            }
            let mut edited = Edited::new(self.stored, &new);
            let mut applied: Vec<&Fix> = Vec::new();
            let mut first = Vec::new();
            for finding in refused(&resolution) {
                steps.push_str(&format!("round {round}: {finding}\n"));
                let Some(fix) = finding.fixes.iter().find(|fix| has_form(fix)) else { continue };
                steps.push_str(&format!("    {}\n", fix.text()));
                first.push((finding, fix));
            }
            // Values in placeholders are of the types after all edits.
            first.sort_by_key(|(_, fix)| takes_value(fix));
            for (finding, fix) in first {
                // One edit that several findings ask for is made once. Its place may have been replaced as a whole.
                if matches!(fix, Fix::KeepType { .. } | Fix::Widen { .. }) || !applied.contains(&fix) {
                    let _ = edited.apply(finding, fix, source);
                    applied.push(fix);
                }
            }
            if edited.lacks_value() {
                return Ok(());
            }
            let Some(next) = edited.snapshot() else {
                return laws.check(Law::Rounds, false, || format!("{steps}the first fixes contradict each other"));
            };
            new = next;
        }
    }
}

/// Whether a type contains itself without a struct or enum in between, which no type of Rust does.
fn is_recursive_without_name(snapshot: &SerializerSnapshot) -> bool {
    let nodes = snapshot.schema().nodes();
    let is_named = |id: NodeId| matches!(nodes[id.index()], Node::Struct(_) | Node::Enum(_));
    let reaches_itself = |id: NodeId| {
        let mut met = BTreeSet::new();
        let mut open: Vec<NodeId> = nodes[id.index()].children().collect();
        while let Some(at) = open.pop() {
            if at == id {
                return true;
            }
            if !is_named(at) && met.insert(at.number()) {
                open.extend(nodes[at.index()].children());
            }
        }
        false
    };
    snapshot.schema().ids().any(|id| !is_named(id) && reaches_itself(id))
}

/// Whether a finding is about something that no derive writes.
fn is_of_no_type(finding: &Finding) -> bool {
    WITHOUT_FORM.contains(&(finding.rule.id, NO_DERIVE))
}

/// Whether a path leads through a place. Of a long path only the two ends are known, so its beginning decides.
fn is_within(path: &[PathSegment], place: &[PathSegment]) -> bool {
    match path.iter().position(|segment| *segment == PathSegment::Elided) {
        Some(known) => path[..known].iter().zip(place).all(|(one, other)| one == other),
        None => path.starts_with(place),
    }
}

/// Whether a fix edits a struct or enum, wherever it is used.
fn edits_type(fix: &Fix) -> bool {
    !matches!(fix, Fix::KeepType { .. } | Fix::KeepWhole { .. } | Fix::Widen { .. } | Fix::Rekey { .. })
}

/// Whether the edit has a placeholder for a value.
fn takes_value(fix: &Fix) -> bool {
    matches!(
        fix,
        Fix::Default { .. }
            | Fix::NoneValue { .. }
            | Fix::ReplaceVariant { .. }
            | Fix::OtherName { needs_default: true, .. }
            | Fix::KeepField { declaration: Some(_), .. }
    )
}

/// Whether a fix can be applied to the new type, or run.
fn has_form(fix: &Fix) -> bool {
    !matches!(fix, Fix::OtherUid | Fix::NewerRelease | Fix::EarlierState | Fix::ReadDownwards | Fix::Advice(_))
}

fn all_refused(resolution: &Resolution) -> impl Iterator<Item = &Finding> {
    resolution.findings().iter().filter(|finding| finding.rule.verdict == Compatibility::Incompatible)
}

/// The findings to repair: no edit of the types helps where a newer release wrote the state.
fn refused(resolution: &Resolution) -> impl Iterator<Item = &Finding> {
    all_refused(resolution).filter(|finding| {
        let is_whole = !finding.path.segments().contains(&PathSegment::Elided);
        let is_newer = finding.fixes.contains(&Fix::NewerRelease);
        is_whole && !is_newer && !WITHOUT_FORM.iter().any(|(rule, _)| *rule == finding.rule.id)
    })
}

impl fmt::Display for FixCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "fixes applied, and findings that passed in one round and in two")?;
        for (rule, count) in &self.by_rule {
            let [one, two] = count.rounds;
            writeln!(f, "  {:>12} {one:>12} {two:>12} {rule}", count.applied)?;
        }
        Ok(())
    }
}
