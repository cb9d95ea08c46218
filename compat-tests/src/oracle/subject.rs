//! The subject of the laws: the resolver and its results, as functions that a planted fault can replace.

use typeser::SerializerSnapshot;
use typeser::migrate::{MigrateError, Reconfigured, Scratch, Trust};
use typeser::report::{Witness, witness};
use typeser::resolve::{Compatibility, Finding, Policy, Resolution, Role, resolve};
use typeser::serializer::Conversions;
use typeser::versions::{BuildVersionsError, Stored, StoredValueError, Versions};

use super::functions::FUNCTIONS;
use super::history::{AnyBytes, History};

/// A program from bytes to bytes that appends to the output.
pub type Program = Box<dyn Fn(&[u8], Trust, &mut Scratch, &mut Vec<u8>) -> Result<(), MigrateError>>;

/// The result of comparing two snapshots.
pub struct Answer {
    /// The verdict.
    pub compatibility: Compatibility,
    /// The findings: the id and the verdict of each rule.
    pub findings: Vec<(&'static str, Compatibility)>,
    /// The snapshot to store from now on, if the bytes stay unchanged.
    pub adopted: Option<SerializerSnapshot>,
    /// The number of functions of the program that are needed.
    pub functions: usize,
    /// Whether there is a migration without these functions.
    pub is_linked: bool,
    /// The program that rewrites stored bytes.
    pub migration: Option<Program>,
}

/// The two halves of a reconfigured serializer.
pub struct Halves {
    /// From stored bytes to bytes of the new layout.
    pub read: Program,
    /// From bytes of the new layout to stored bytes.
    pub write: Program,
}

/// What the oracle tests. The real subject is [`Typeser`]; the others are wrong on purpose.
pub trait Subject {
    /// The worse of two verdicts.
    fn join(&self, one: Compatibility, other: Compatibility) -> Compatibility {
        one.join(other)
    }

    /// Compares two snapshots.
    fn resolve(&self, stored: &SerializerSnapshot, new: &SerializerSnapshot, role: Role, policy: &Policy) -> Answer {
        Answer::of(&resolve(stored, new, role, policy))
    }

    /// The programs between an adopted snapshot and the new one.
    fn reconfigure(&self, adopted: &SerializerSnapshot, new: &SerializerSnapshot) -> Option<Halves> {
        Halves::of(adopted, new)
    }

    /// The witness of a finding.
    fn witness(&self, stored: &SerializerSnapshot, new: &SerializerSnapshot, finding: &Finding) -> Option<Witness> {
        witness(stored, new, finding)
    }

    /// The set of versions of a history.
    ///
    /// # Errors
    /// Values of some release cannot be read.
    fn versions(&self, history: &History) -> Result<Versions<AnyBytes>, BuildVersionsError> {
        history.build()
    }

    /// Reads a stored value.
    ///
    /// # Errors
    /// No known release wrote it.
    fn read(&self, versions: &Versions<AnyBytes>, stored: Stored<'_>) -> Result<AnyBytes, StoredValueError> {
        versions.decode(stored)
    }
}

/// The library, by its public functions.
#[derive(Debug, Clone, Copy)]
pub struct Typeser;

impl Subject for Typeser {}

impl Answer {
    /// The answer in a resolution.
    #[must_use]
    pub fn of(resolution: &Resolution) -> Self {
        Self {
            compatibility: resolution.compatibility(),
            findings: resolution.findings().iter().map(|finding| (finding.rule.id, finding.rule.verdict)).collect(),
            adopted: resolution.adopted().cloned(),
            functions: resolution.functions().len(),
            is_linked: resolution.migration(&Conversions::new()).is_ok(),
            migration: resolution.migration(&FUNCTIONS).ok().map(|migration| -> Program {
                Box::new(move |stored, trust, scratch, to| migration.run(stored, trust, scratch, to))
            }),
        }
    }
}

impl Halves {
    /// The programs of the library.
    #[must_use]
    pub fn of(adopted: &SerializerSnapshot, new: &SerializerSnapshot) -> Option<Self> {
        let read = std::rc::Rc::new(Reconfigured::new(adopted, new)?);
        let write = std::rc::Rc::clone(&read);
        Some(Self {
            read: Box::new(move |stored, _, scratch, to| read.read(stored, scratch, to)),
            write: Box::new(move |new, _, scratch, to| write.write(new, scratch, to)),
        })
    }
}
