//! The suite of a golden test: the states of a program, compared with every recorded release.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::listed::Listed;
use super::outcome::subject;
use super::problem::Problem;
use super::scan::{Found, scan};
use super::stability::unstable;
use super::{
    Current, Date, Failure, Goldens, Options, Outcome, Pin, RecordError, Retired, Status, TODAY, Today, check, disk,
};
use crate::resolve::{Compatibility, Direction, Policy, Reach, Role};
use crate::schema::{Node, Schema};
use crate::serializer::{DescribeError, Serializer, StateKey, StateType, TypeSerializer};
use crate::snapshot::SerializerSnapshot;

/// Set to the name of a release, it makes golden tests record that release.
pub(super) const RECORD: &str = "TYPESER_GOLDEN_RECORD";
/// Set to anything but `0`, it makes golden tests record a release that cannot read what earlier releases stored.
pub(super) const ACCEPT_INCOMPATIBLE: &str = "TYPESER_GOLDEN_ACCEPT_INCOMPATIBLE";
/// Set to a folder, it makes golden tests write the snapshots of today's types there.
pub(super) const CURRENT: &str = "TYPESER_GOLDEN_CURRENT";

/// The states of a program, for one golden test.
///
/// List each state once, with sample values, and verify:
///
/// ```no_run
/// use typeser::StateType;
///
/// #[derive(StateType)]
/// struct Order { number: u64, note: Option<String> }
///
/// # fn main() {}
/// # mod tests { use super::*;
/// #[test]
/// fn every_release_can_be_read() -> Result<(), typeser::golden::Failure> {
///     typeser::golden::Suite::new(env!("CARGO_MANIFEST_DIR"))
///         .value("orders", [Order { number: 7, note: None }, Order { number: 8, note: Some("fragile".into()) }])
///         .verify()
/// }
/// # }
/// ```
///
/// `TYPESER_GOLDEN_RECORD=1.0.0 cargo test` records the release 1.0.0 into the folder `golden`, to be committed. From
/// then on, `cargo test` fails where today's types cannot read what a release wrote.
pub struct Suite {
    root: PathBuf,
    folder: PathBuf,
    sources: PathBuf,
    options: Options,
    listed: Vec<Listed>,
    excepted: Vec<Exception>,
    problems: Vec<Problem>,
    accepts_incompatible: bool,
}

/// A type that derives `StateType` but is not a state.
struct Exception {
    name: String,
    excuse: String,
}

impl Suite {
    /// A suite without states, for the crate in this folder: `env!("CARGO_MANIFEST_DIR")`. Its goldens are in the
    /// folder `golden` there.
    #[must_use]
    pub fn new(manifest_dir: impl AsRef<Path>) -> Self {
        let root = manifest_dir.as_ref().to_owned();
        Self {
            folder: root.join("golden"),
            sources: root.join("src"),
            root,
            options: Options::default(),
            listed: Vec::new(),
            excepted: Vec::new(),
            problems: Vec::new(),
            accepts_incompatible: false,
        }
    }

    /// The folder of goldens, relative to that of the crate.
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = self.root.join(folder);
        self
    }

    /// The folder or file whose sources are looked through for forgotten types, relative to that of the crate; `src` if
    /// nothing else is said.
    #[must_use]
    pub fn sources(mut self, path: impl AsRef<Path>) -> Self {
        self.sources = self.root.join(path);
        self
    }

    /// A state whose values are of this type: that of a value state, or of the entries of a map state.
    ///
    /// Between them, the samples have to reach every part of the type. Without any, the library makes some.
    #[must_use]
    pub fn value<T: StateType>(self, state: impl Into<String>, samples: impl IntoIterator<Item = T>) -> Self {
        self.plain(state.into(), Role::Value, samples)
    }

    /// A state whose keys are of this type. Keys of a typed table are listed by [`table`](Self::table).
    #[must_use]
    pub fn key<T: StateKey>(self, state: impl Into<String>, samples: impl IntoIterator<Item = T>) -> Self {
        self.plain(state.into(), Role::Key, samples)
    }

    /// A list state whose elements are of this type.
    #[must_use]
    pub fn element<T: StateType>(self, state: impl Into<String>, samples: impl IntoIterator<Item = T>) -> Self {
        self.plain(state.into(), Role::ListElement, samples)
    }

    /// A map state whose user keys are of this type.
    #[must_use]
    pub fn map_key<T: StateKey>(self, state: impl Into<String>, samples: impl IntoIterator<Item = T>) -> Self {
        self.plain(state.into(), Role::MapKey, samples)
    }

    /// A typed table with keys and values of these types. Its keys are compared as opening the table compares them:
    /// they may change as long as different keys stay different, because rows of a table may move.
    ///
    /// The keys are recorded as map keys, the values as those of a value state.
    #[must_use]
    pub fn table<K: StateKey, V: StateType>(
        self,
        table: impl Into<String>,
        samples: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let table = table.into();
        let (keys, values): (Vec<K>, Vec<V>) = samples.into_iter().unzip();
        self.map_key(table.clone(), keys).value(table, values)
    }

    /// A state in any role, by any serializer.
    #[must_use]
    pub fn state<S: TypeSerializer + 'static>(
        mut self,
        state: impl Into<String>,
        role: Role,
        serializer: S,
        samples: impl IntoIterator<Item = S::Value>,
    ) -> Self {
        let listed = Listed::new(state.into(), role, serializer, samples);
        match self.listed.iter().any(|other| other.subject() == listed.subject()) {
            true => self.problems.push(Problem::Twice { subject: listed.subject() }),
            false => self.listed.push(listed),
        }
        self
    }

    fn plain<T: StateType>(mut self, state: String, role: Role, samples: impl IntoIterator<Item = T>) -> Self {
        match Serializer::<T>::new() {
            Ok(serializer) => self.state(state, role, serializer, samples),
            Err(error) => {
                let (subject, reason) = (subject(&state, role), DescribeError::to_string(&error));
                self.problems.push(Problem::NoSerializer { subject, reason });
                self
            }
        }
    }

    /// Upgrades, rollbacks or both; upgrades by default.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.options.direction = direction;
        self
    }

    /// The last release only, or all; all by default.
    #[must_use]
    pub fn reach(mut self, reach: Reach) -> Self {
        self.options.reach = reach;
        self
    }

    /// Which losses of stored data pass.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.options.policy = policy;
        self
    }

    /// The least verdict that fails; incompatible by default.
    #[must_use]
    pub fn fails_on(mut self, least: Compatibility) -> Self {
        self.options.fails_on = least;
        self
    }

    /// Requires exactly this verdict from a release to the current types.
    #[must_use]
    pub fn pin(
        mut self,
        state: impl Into<String>,
        role: Role,
        release: impl Into<String>,
        compatibility: Compatibility,
    ) -> Self {
        self.options.pins.push(Pin { state: state.into(), role, release: release.into(), compatibility });
        self
    }

    /// A retired state, in every role that is no longer listed, and the reason.
    #[must_use]
    pub fn retired(mut self, state: impl Into<String>, reason: impl Into<String>) -> Self {
        self.options.retired.push(Retired { state: state.into(), reason: reason.into() });
        self
    }

    /// A state that another suite with the same folder lists.
    #[must_use]
    pub fn elsewhere(mut self, state: impl Into<String>, role: Role) -> Self {
        self.options.elsewhere.push((state.into(), role));
        self
    }

    /// A type that derives `StateType` but is no state and in none, and why: one that is only sent, say.
    #[must_use]
    pub fn except(mut self, type_name: impl Into<String>, reason: impl Into<String>) -> Self {
        self.excepted.push(Exception { name: type_name.into(), excuse: reason.into() });
        self
    }

    /// Whether [`Suite::record`] also records a release whose types cannot read what earlier releases stored; `false` by
    /// default.
    #[must_use]
    pub fn accept_incompatible(mut self, accepted: bool) -> Self {
        self.accepts_incompatible = accepted;
        self
    }

    /// Compares the listed states with every recorded release. Nothing is written.
    ///
    /// Unless one of two environment variables is set: `TYPESER_GOLDEN_RECORD=1.4.0` records the release 1.4.0 instead,
    /// as [`Suite::record`] does, and `TYPESER_GOLDEN_CURRENT=FOLDER` writes today's snapshots there, for tools.
    ///
    /// # Errors
    /// Something does not hold. The failure displays all of it, with what to do; `?` in a test prints it.
    pub fn verify(self) -> Result<(), Failure> {
        if let Some(folder) = std::env::var_os(CURRENT).filter(|folder| !folder.is_empty()) {
            return self.current(Path::new(&folder));
        }
        match std::env::var_os(RECORD).filter(|release| !release.is_empty()) {
            Some(release) => {
                let accepted = std::env::var_os(ACCEPT_INCOMPATIBLE).is_some_and(|set| !set.is_empty() && set != "0");
                self.accept_incompatible(accepted).record(&release.to_string_lossy())
            }
            None => self.outcome().map(|_| ()),
        }
    }

    /// Holds the listed states against every release that was recorded, whatever the environment says, and gives all
    /// that was found out. Nothing is written.
    ///
    /// # Errors
    /// Something does not hold.
    pub fn outcome(mut self) -> Result<Outcome, Failure> {
        let mut problems = self.own_problems();
        let (today, options) = (self.today(), &self.options);
        let goldens = match Goldens::read(&self.folder) {
            Ok(goldens) => goldens,
            Err(error) => {
                problems.insert(0, error.into());
                return Err(Failure::new(&self.root, &self.folder, options, None, problems));
            }
        };
        problems.extend(self.forgotten(Some(&goldens)));
        let outcome = check(&goldens, Some(&today), options, Date::today());
        problems.extend(self.listed.iter().flat_map(|listed| unstable(&goldens, &outcome, listed)));
        match outcome.passed() && problems.is_empty() {
            true => Ok(outcome),
            false => Err(Failure::new(&self.root, &self.folder, options, Some(outcome), problems)),
        }
    }

    /// Records the listed states as those of a release, into a new folder or beside the states that the release
    /// recorded already. What is there never changes.
    ///
    /// Tests record through [`Suite::verify`] and the environment variable; this is for programs that do it by a
    /// command of their own.
    ///
    /// # Errors
    /// Samples leave parts out, a type is forgotten, today's types cannot read what an earlier release stored (unless
    /// [`Suite::accept_incompatible`] is set), the release recorded something else under its name, `CI` is set, or a
    /// file cannot be written. Then no file that was there is changed.
    pub fn record(mut self, release: &str) -> Result<(), Failure> {
        let mut problems = self.own_problems();
        if let Some(ci) = disk::ci() {
            problems.push(RecordError::Ci { release: release.to_owned(), ci }.into());
        } else {
            let goldens = self.listed.iter().map(Listed::golden).collect();
            let recorded = Goldens::read(&self.folder).ok();
            problems.extend(self.forgotten(recorded.as_ref()));
            if problems.is_empty()
                && !self.accepts_incompatible
                && let Some(outcome) = self.stranded(release, recorded)
            {
                problems.push(Problem::Strands { release: release.to_owned() });
                return Err(Failure::new(&self.root, &self.folder, &self.options, Some(outcome), problems));
            }
            if problems.is_empty() {
                problems.extend(disk::record(&self.folder, release, goldens).err().map(Problem::from));
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Failure::new(&self.root, &self.folder, &self.options, None, problems)),
        }
    }

    /// Writes the snapshots of today's types to a folder, for [`Today::read`](super::Today::read) and tools.
    ///
    /// # Errors
    /// A type has no serializer, or a file cannot be written.
    pub fn current(mut self, folder: &Path) -> Result<(), Failure> {
        let mut problems = std::mem::take(&mut self.problems);
        if problems.is_empty() {
            problems.extend(disk::write_current(folder, &self.today()).err().map(Problem::from));
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Failure::new(&self.root, &self.folder, &self.options, None, problems)),
        }
    }

    /// The outcome of the check, if today's types cannot read what a release before this one stored.
    fn stranded(&self, release: &str, recorded: Option<Goldens>) -> Option<Outcome> {
        let mut earlier = recorded?;
        earlier.releases.retain(|recorded| recorded.name != release);
        let outcome = check(&earlier, Some(&self.today()), &self.options, Date::today());
        let mut pairs = outcome.states.iter().flat_map(|state| &state.pairs);
        let stranded = pairs.any(|pair| pair.reader == TODAY && pair.status == Status::Failed && pair.pin.is_none());
        stranded.then_some(outcome)
    }

    fn today(&self) -> Today {
        Today { states: self.listed.iter().map(|listed| listed.current.clone()).collect() }
    }

    /// What is wrong whatever was recorded.
    fn own_problems(&mut self) -> Vec<Problem> {
        let mut problems = std::mem::take(&mut self.problems);
        if self.listed.is_empty() && problems.is_empty() {
            problems.push(Problem::Nothing);
        }
        problems.extend(self.listed.iter_mut().flat_map(|listed| std::mem::take(&mut listed.problems)));
        problems
    }

    /// Types that derive `StateType` and are in no state, and exceptions for what is none of them.
    fn forgotten(&self, goldens: Option<&Goldens>) -> Vec<Problem> {
        let found = match scan(&self.sources) {
            Ok(found) => found,
            Err(error) => {
                let path = error.path.display().to_string();
                return vec![Problem::Sources { path, reason: error.reason }];
            }
        };
        let mut known = BTreeSet::new();
        self.listed.iter().for_each(|listed| names_of(&listed.current.snapshot, &mut known));
        for (state, role) in &self.options.elsewhere {
            let golden = goldens.and_then(|goldens| goldens.of_state(state, *role).last());
            golden.iter().for_each(|(_, golden)| names_of(&golden.snapshot, &mut known));
        }
        let is_excepted = |name: &str| self.excepted.iter().any(|exception| exception.name == name);
        let forgotten = found.iter().filter(|found| !known.contains(&found.name) && !is_excepted(&found.name));
        let mut problems: Vec<Problem> = forgotten.map(|found| self.forgotten_type(found)).collect();
        let declared: BTreeMap<&str, &Found> = found.iter().map(|found| (found.name.as_str(), found)).collect();
        for Exception { name, excuse } in &self.excepted {
            let reason = match declared.get(name.as_str()) {
                None => format!("no type of that name derives `StateType` in {}", self.display(&self.sources)),
                Some(_) if known.contains(name) => "a listed state holds it".to_owned(),
                Some(_) => continue,
            };
            problems.push(Problem::Exception { name: name.clone(), excuse: excuse.clone(), reason });
        }
        problems
    }

    fn forgotten_type(&self, found: &Found) -> Problem {
        let method = if found.is_key { "key" } else { "value" };
        let sample = if found.is_enum { "::.." } else { " { .. }" };
        Problem::Forgotten {
            name: found.name.clone(),
            file: self.display(&found.file),
            line: found.line,
            line_to_add: format!(".{method}(\"NAME OF THE STATE\", [{}{sample}])", found.ident),
        }
    }

    /// A path as messages show it: within the crate where it is.
    fn display(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// The names of all types that a snapshot holds, and of those that its functions read.
fn names_of(snapshot: &SerializerSnapshot, names: &mut BTreeSet<String>) {
    names_in(snapshot.schema(), names);
    for hints in snapshot.hints() {
        hints.sources().for_each(|(_, source)| names_in(source.schema(), names));
    }
}

fn names_in(schema: &Schema, names: &mut BTreeSet<String>) {
    names.extend(schema.nodes().iter().filter_map(|node| match node {
        Node::Struct(node) => Some(node.name.clone()),
        Node::Enum(node) => Some(node.name.clone()),
        Node::Opaque(node) => Some(node.name.clone()),
        _ => None,
    }));
}

impl std::fmt::Debug for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let states: Vec<&Current> = self.listed.iter().map(|listed| &listed.current).collect();
        f.debug_struct("Suite").field("folder", &self.folder).field("states", &states).finish_non_exhaustive()
    }
}
