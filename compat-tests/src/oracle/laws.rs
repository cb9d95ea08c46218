//! The laws, each a sentence, and the number of their checks.

use std::fmt;

/// A broken law and the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The law.
    pub law: Law,
    /// What was observed.
    pub words: String,
}

macro_rules! laws {
    ($($law:ident $words:literal)*) => {
        /// A law that holds for every case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Law {
            $(#[doc = $words] $law,)*
        }

        impl Law {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$law),*];

            /// The law as a sentence.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$law => $words,)*
                }
            }
        }
    };
}

laws! {
    Total "nothing panics"
    Join "the join of verdicts is associative, commutative and idempotent, and the worse of the two"
    Silent "a snapshot compared with itself has no findings, in every role"
    Kept "a snapshot is unchanged after writing and reading it"
    Verdict "the verdict follows from the rules, in every role"
    Worst "the verdict is the join of the findings"
    Promise "a verdict comes with what it promises, and nothing else"
    Adopted "the adopted snapshot describes the stored bytes in the terms of the new program"
    Compatible "compatible: the stored bytes are the bytes of the new value"
    Read "after reconfigure: stored bytes are read as the new value"
    Written "after reconfigure: the new value is written as the stored bytes"
    Fresh "after reconfigure: any value of the new type is read back as it was written"
    Migrated "requires migration: the output is the bytes of the new value, with either trust"
    Refused "a value that a function of the program refuses stops the migration"
    Linked "a migration that needs functions of the program is not available without them"
    Deep "a value that can be written is migrated at any depth; a value that cannot be read is not output"
    Complete "the output decodes completely, and encodes to the same bytes"
    Foreign "foreign bytes pass only if they are the bytes of a value"
    Witness "a witness is a stored value, and shows what it claims"
    Untouched "the previous content of the output stays, and a failure adds nothing"
    Help "each fix repairs its finding, brings only what it announces, and says which data it gives up"
    Rounds "the first fix of every finding, all at once, end in a report that passes, in two rounds"
    Side "values of several releases side by side are read as the new values, under each frame"
    Model "the model reads what it writes"
}

/// The number of checks of each law.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LawCounts {
    counts: [u64; Law::ALL.len()],
}

impl LawCounts {
    /// Counts a check of a law.
    ///
    /// # Errors
    /// If the law does not hold, with these details.
    pub fn check(&mut self, law: Law, holds: bool, words: impl FnOnce() -> String) -> Result<(), Broken> {
        self.counts[law as usize] += 1;
        if holds { Ok(()) } else { Err(Broken { law, words: words() }) }
    }

    /// The number of checks of a law.
    #[must_use]
    pub fn of(&self, law: Law) -> u64 {
        self.counts[law as usize]
    }
}

impl fmt::Display for LawCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, law) in Law::ALL.iter().enumerate() {
            let end = if at + 1 < Law::ALL.len() { "\n" } else { "" };
            write!(f, "  {:>12} {}{end}", self.of(*law), law.words())?;
        }
        Ok(())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}\n{}", self.law.words(), self.words)
    }
}
