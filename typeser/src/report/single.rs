//! The report on one serializer.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::source::Sources;
use super::witness::{Witness, witness};
use crate::resolve::rules::ids;
use crate::resolve::{Compatibility, FileForm, Finding, Fix, Resolution, Role, SerializerName};
use crate::schema::Path;
use crate::snapshot::{Location, SerializerSnapshot};

/// The rules whose findings report parts that were not compared.
pub(super) const NOT_CHECKED: [&str; 2] = [ids::OPAQUE_NOT_CHECKED, ids::OPAQUE_READ_AS_IS];

/// What the resolver found about one serializer, ready to be read.
///
/// `{}` is the whole report: every incompatible finding with both sides, path, cause, consequence, a stored value that
/// shows it, and what to type; then the other changes in one line each. `{:#}` is the short form, one line a finding.
/// With the feature `rich` (on by default) the whole report is drawn like the compiler's messages, and
/// [`Report::styled`] adds colours; without it, it is drawn more simply.
///
/// ```
/// use typeser::report::Report;
/// use typeser::resolve::{resolve, Policy, Role};
/// use typeser::{Serializer, TypeSerializer};
///
/// let stored = Serializer::<Option<u32>>::new()?;
/// let new = Serializer::<Option<u16>>::new()?;
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let report = Report::new("state `limits`", &resolution).with_state("limits");
/// assert!(report.to_string().starts_with("error[primitive-changed]: state `limits` is incompatible"));
/// assert_eq!(
///     format!("{report:#}"),
///     "error[primitive-changed] limits / value.Some: `u32` was stored, `u16` is used now\n",
/// );
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub(super) subject: String,
    pub(super) state: Option<String>,
    pub(super) origin: Option<String>,
    pub(super) role: Role,
    pub(super) compatibility: Compatibility,
    pub(super) stored: SerializerName,
    pub(super) new: SerializerName,
    pub(super) snapshots: [SerializerSnapshot; 2],
    pub(super) findings: Vec<Finding>,
    /// Source texts by the name of their file.
    pub(super) sources: BTreeMap<&'static str, Arc<str>>,
    /// The form of the file that has the new side, if there is no type in Rust to edit.
    pub(super) form: Option<FileForm>,
}

/// A step on the way from a finding up to the whole value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseStep {
    /// Where in the value.
    pub path: Path,
    /// The stored type there.
    pub stored: String,
    /// The new type there.
    pub new: String,
}

impl Report {
    /// The report on a resolution. `subject` says whose serializer it is: ``value of state `totals` ``.
    #[must_use]
    pub fn new(subject: impl Into<String>, resolution: &Resolution) -> Self {
        Self {
            subject: subject.into(),
            state: None,
            origin: None,
            role: resolution.role(),
            compatibility: resolution.compatibility(),
            stored: resolution.stored().clone(),
            new: resolution.new_serializer().clone(),
            snapshots: [resolution.stored_snapshot().clone(), resolution.new_snapshot().clone()],
            findings: resolution.findings().to_vec(),
            sources: BTreeMap::new(),
            form: None,
        }
    }

    /// The same report, whose paths begin with the name of a state: `orders / value.status`.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// The same report, which says where the stored serializer came from: `savepoint state/2024-05-01`.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// The same report, which shows the source of the program where it can be had.
    ///
    /// `sources` is asked once for each file in which a type of a finding is declared, by the name that the compiler
    /// gave it: relative to the folder in which the compiler was started, usually the root of the workspace.
    ///
    /// ```
    /// # use typeser::report::Report;
    /// # fn with_source(report: Report) -> Report {
    /// report.with_sources(|file: &str| std::fs::read_to_string(file).ok())
    /// # }
    /// ```
    #[must_use]
    pub fn with_sources(mut self, sources: impl Sources) -> Self {
        let files = self.findings.iter().filter_map(|finding| self.location(finding)).map(|location| location.file);
        let files: std::collections::BTreeSet<&str> = files.collect();
        self.sources.extend(files.into_iter().filter_map(|file| Some((file, Arc::from(sources.source(file)?)))));
        self
    }

    /// The same report for people who edit a snapshot in a file: what to type is in the language of the file.
    #[must_use]
    pub fn with_file_form(mut self, form: FileForm) -> Self {
        self.form = Some(form);
        self
    }

    /// What to type for a fix, if there is something to type: in Rust, or in the language of the file.
    #[must_use]
    pub fn code(&self, fix: &Fix) -> Option<String> {
        match self.form {
            Some(form) => fix.code_in_file(form, &self.snapshots[0], &self.snapshots[1]),
            None => fix.code(),
        }
    }

    /// The same report with some of its findings only, and the verdict of those: without what was accepted, say.
    #[doc(hidden)]
    #[must_use]
    pub fn keeping(mut self, keep: impl Fn(&Self, &Finding) -> bool) -> Self {
        let mut findings = std::mem::take(&mut self.findings);
        findings.retain(|finding| keep(&self, finding));
        let verdicts = findings.iter().map(|finding| finding.rule.verdict);
        self.compatibility = verdicts.fold(Compatibility::Compatible, Compatibility::join);
        self.findings = findings;
        self
    }

    /// Whose serializer it is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The name of the state, if it was given.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Where the stored serializer came from, if that was given.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// What the serializers are used for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The verdict.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        self.compatibility
    }

    /// The serializer that wrote the bytes.
    #[must_use]
    pub fn stored(&self) -> &SerializerName {
        &self.stored
    }

    /// The serializer that the program has now.
    #[must_use]
    pub fn new_serializer(&self) -> &SerializerName {
        &self.new
    }

    /// The snapshot of the serializer that wrote the bytes.
    #[must_use]
    pub fn stored_snapshot(&self) -> &SerializerSnapshot {
        &self.snapshots[0]
    }

    /// The snapshot of the serializer that the program has now.
    #[must_use]
    pub fn new_snapshot(&self) -> &SerializerSnapshot {
        &self.snapshots[1]
    }

    /// Every finding.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings about opaque parts, whose contents were not compared.
    pub fn not_checked(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| NOT_CHECKED.contains(&finding.rule.id))
    }

    /// Where a finding is, by names: `orders / value.status::Shipped.carrier`.
    #[must_use]
    pub fn path(&self, finding: &Finding) -> String {
        self.path_of(&finding.path)
    }

    /// A place in the value, by names.
    pub(super) fn path_of(&self, path: &Path) -> String {
        match &self.state {
            Some(state) => format!("{state} / {}{path}", self.role),
            None => format!("{}{path}", self.role),
        }
    }

    /// Where in this program a finding points: the declaration of its type, or of the innermost one around it.
    #[must_use]
    pub fn location(&self, finding: &Finding) -> Option<Location> {
        let around = || finding.chain.iter().rev().find_map(|link| self.new_snapshot().location(link.new));
        finding.new.location.or_else(around)
    }

    /// From a finding up to the whole value: through every option, variant, map and list on the way.
    #[must_use]
    pub fn cause_chain(&self, finding: &Finding) -> Vec<CauseStep> {
        self.innermost(finding, usize::MAX)
    }

    /// The first `most` types of the way from a finding up to the whole value.
    pub(super) fn innermost(&self, finding: &Finding, most: usize) -> Vec<CauseStep> {
        let [stored, new] = &self.snapshots;
        let segments = finding.path.segments();
        let mut steps: Vec<CauseStep> = Vec::new();
        for link in finding.chain.iter().rev().take(most) {
            let path = Path::from(segments.get(..link.depth).unwrap_or(segments).to_vec());
            let [stored, new] = [stored.schema().type_name(link.stored), new.schema().type_name(link.new)];
            let step = CauseStep { path, stored, new };
            if steps.last() != Some(&step) {
                steps.push(step);
            }
        }
        steps
    }

    /// The smallest stored value that shows a finding, if one can be built; see [`witness()`].
    #[must_use]
    pub fn witness(&self, finding: &Finding) -> Option<Witness> {
        witness(self.stored_snapshot(), self.new_snapshot(), finding)
    }

    pub(super) fn source(&self, location: Location) -> Option<&str> {
        self.sources.get(location.file).map(|source| &**source)
    }
}
