//! Findings for people: the whole report, and the short form of one line a finding.
//!
//! The library never prints; a report is a value that displays itself.

use std::fmt;

use crate::resolve::{Compatibility, Finding, Fix, Resolution, SerializerName};

/// What the resolver found about one serializer, ready to be read.
///
/// `{}` is the whole report: every incompatible finding with serializers, path, cause, consequence and what to type,
/// and the other changes in one line each. `{:#}` is the short form, one line a finding.
///
/// ```
/// use typeser::report::Report;
/// use typeser::resolve::{resolve, Policy, Role};
/// use typeser::{Serializer, TypeSerializer};
///
/// let stored = Serializer::<Option<u32>>::new()?;
/// let new = Serializer::<Option<u16>>::new()?;
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let report = Report::new("state `limits`", &resolution);
/// assert!(report.to_string().starts_with("error[primitive-changed]: state `limits` is incompatible"));
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    subject: String,
    origin: Option<String>,
    compatibility: Compatibility,
    stored: SerializerName,
    new: SerializerName,
    findings: Vec<Finding>,
}

impl Report {
    /// The report on a resolution. `subject` says whose serializer it is: ``value of state `totals` ``.
    #[must_use]
    pub fn new(subject: impl Into<String>, resolution: &Resolution) -> Self {
        Self {
            subject: subject.into(),
            origin: None,
            compatibility: resolution.compatibility(),
            stored: resolution.stored().clone(),
            new: resolution.new_serializer().clone(),
            findings: resolution.findings().to_vec(),
        }
    }

    /// The same report, which says where the stored serializer came from: `savepoint state/2024-05-01`.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Whose serializer it is.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The verdict.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        self.compatibility
    }

    /// Every finding.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn whole(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (errors, others): (Vec<_>, Vec<_>) =
            self.findings.iter().partition(|finding| finding.rule.verdict == Compatibility::Incompatible);
        for (place, error) in errors.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            self.error(f, error)?;
        }
        if errors.is_empty() {
            writeln!(f, "{}: {}", self.subject, self.compatibility)?;
            self.serializers(f)?;
        }
        for other in others {
            writeln!(f, "   = also: {other}")?;
        }
        Ok(())
    }

    fn error(&self, f: &mut fmt::Formatter<'_>, finding: &Finding) -> fmt::Result {
        writeln!(f, "error[{}]: {} is incompatible: {}", finding.rule.id, self.subject, finding.detail)?;
        if let Some(location) = finding.new.location {
            writeln!(f, "  --> {}:{}:{}", location.file, location.line, location.column)?;
        }
        self.serializers(f)?;
        writeln!(f, "   = path: {}{}", finding.role, finding.path)?;
        writeln!(f, "   = cause: {}: {}", finding.rule.title, finding.rule.reason)?;
        writeln!(f, "   = consequence: {}", finding.rule.consequence)?;
        if let Some(note) = &finding.note {
            writeln!(f, "   = note: {note}")?;
        }
        if finding.fixes.is_empty() {
            writeln!(f, "help: {}", finding.rule.help)?;
        }
        finding.fixes.iter().try_for_each(|fix| help(f, fix))
    }

    fn serializers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => writeln!(f, "   = stored serializer: {} in {origin}", self.stored)?,
            None => writeln!(f, "   = stored serializer: {}", self.stored)?,
        }
        writeln!(f, "   = new serializer:    {}", self.new)
    }

    fn short(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return writeln!(f, "{}: {}", self.subject, self.compatibility);
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "{}: {finding}", self.subject))
    }
}

fn help(f: &mut fmt::Formatter<'_>, fix: &Fix) -> fmt::Result {
    writeln!(f, "help: {}", fix.text)?;
    let Some(code) = &fix.code else { return Ok(()) };
    code.lines().try_for_each(|line| writeln!(f, "   |     {line}"))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { self.short(f) } else { self.whole(f) }
    }
}
