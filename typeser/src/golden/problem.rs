//! Problems of a suite beside the verdicts: with its list, its samples, and the bytes of old samples.

use super::{ReadGoldensError, RecordError};

/// What a suite finds wrong beside the verdicts.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The goldens cannot be read.
    #[error(transparent)]
    Goldens(#[from] ReadGoldensError),
    /// Something cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Nothing is listed.
    #[error("no state is listed: add `.value(\"NAME\", [SAMPLE])` for each state that the program keeps")]
    Nothing,
    /// A state is listed twice.
    #[error("the {subject} is listed twice: states are known by name and role, so one of the two needs another name")]
    Twice {
        /// Role and name of the state.
        subject: String,
    },
    /// A type has no serializer.
    #[error("the {subject} has no serializer: {reason}")]
    NoSerializer {
        /// Role and name of the state.
        subject: String,
        /// Why.
        reason: String,
    },
    /// A sample cannot be stored.
    #[error("{subject}, sample {number}: {reason}")]
    Sample {
        /// Role and name of the state.
        subject: String,
        /// The sample, counted from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// The samples leave a part of the type out.
    #[error("{subject}: {what}")]
    Thin {
        /// Role and name of the state.
        subject: String,
        /// What is left out, and where.
        what: String,
    },
    /// No samples were given, and the library cannot make them.
    #[error(
        "{subject}: no sample was given, and the library can make none: a part of the type is opaque, or refuses every made value; give samples"
    )]
    NoSamples {
        /// Role and name of the state.
        subject: String,
    },
    /// No samples were given, and those that the library can make leave a part of the type out.
    #[error("{subject}: no sample was given, and of those that the library can make, {what} in a sample of your own")]
    Ungenerated {
        /// Role and name of the state.
        subject: String,
        /// What is left out, and where.
        what: String,
    },
    /// A sample of an old release does not come out as the verdict promises.
    #[error(
        "{subject}, sample {number} of release {release}: {reason}\n      the sample: {value}\n      its bytes:  {bytes}"
    )]
    Unstable {
        /// Role and name of the state.
        subject: String,
        /// The release that wrote it.
        release: String,
        /// The sample, counted from 1.
        number: usize,
        /// What happened.
        reason: String,
        /// The sample, readable.
        value: String,
        /// Its bytes, as hexadecimal digits; shortened if they are many.
        bytes: String,
    },
    /// A type that can be stored is in no listed state.
    #[error(
        "`{name}` ({file}:{line}) derives `StateType`, but no listed state holds it: add `{line_to_add}`, or `.except(\"{name}\", \"why it is no state\")`"
    )]
    Forgotten {
        /// The declared name of the type.
        name: String,
        /// Where it is declared.
        file: String,
        /// The line there, from 1.
        line: usize,
        /// What to type if it is a state.
        line_to_add: String,
    },
    /// The release that is to be recorded cannot read what earlier ones stored.
    #[error(
        "release {release} was not recorded: its programs would refuse what earlier releases stored, as reported above; correct the types, or accept the findings as shown below and record it again; `typeser golden record --release {release} --accept-incompatible` (or `TYPESER_GOLDEN_ACCEPT_INCOMPATIBLE=1`) records it although the golden test goes on failing"
    )]
    Strands {
        /// The release.
        release: String,
    },
    /// An exception for a type that needs none.
    #[error("`.except(\"{name}\", \"{excuse}\")` excuses nothing: {reason}; delete it")]
    Exception {
        /// The name of the type.
        name: String,
        /// The reason that the exception gives.
        excuse: String,
        /// Why it is not needed.
        reason: String,
    },
    /// The sources cannot be read.
    #[error(
        "the sources at {path} could not be searched for types without a golden: {reason}; name their folder with `.sources(\"FOLDER\")`"
    )]
    Sources {
        /// Where they were expected.
        path: String,
        /// Why.
        reason: String,
    },
}

crate::text::debug_as_display!(Problem);
