//! The laws, each a sentence, and how often each was checked.

use std::fmt;

/// A law that was broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The law.
    pub law: Law,
    /// What was seen.
    pub words: String,
}

macro_rules! laws {
    ($($law:ident $words:literal)*) => {
        /// What must hold of every case.
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
    Silent "a snapshot against itself is silent, in every role"
    Kept "a snapshot is the same after it was stored"
    Verdict "the verdict is what the rules say, in every role"
    Worst "the verdict is the join of what was found"
    Promise "a verdict comes with what it promises, and with nothing else"
    Adopted "what is adopted describes the stored bytes, in the words of the new program"
    Compatible "compatible: the stored bytes are those of the value now"
    Read "after reconfigure: stored bytes are read as the value now"
    Written "after reconfigure: the value is written as it was stored"
    Fresh "after reconfigure: any new value comes back"
    Migrated "requires migration: the bytes written are those of the value now, under either trust"
    Refused "what a function of the program refuses stops the migration"
    Linked "a migration that needs functions of the program is not had without them"
    Deep "what can be written is carried over, however deep; what cannot be read is not handed out"
    Complete "what is handed out decodes completely, and encodes to the same bytes"
    Foreign "foreign bytes pass only if they are those of a value"
    Witness "what shows a finding is a stored value, and shows what it claims"
    Untouched "what stood in the output stays, and a failure adds nothing"
    Model "the model reads what it writes"
}

/// How often each law was checked.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    counts: [u64; Law::ALL.len()],
}

impl Tally {
    /// Counts a law; breaks off with these words where it does not hold.
    ///
    /// # Errors
    /// The law does not hold.
    pub fn check(&mut self, law: Law, holds: bool, words: impl FnOnce() -> String) -> Result<(), Broken> {
        self.counts[law as usize] += 1;
        if holds { Ok(()) } else { Err(Broken { law, words: words() }) }
    }

    /// How often a law was checked.
    #[must_use]
    pub fn of(&self, law: Law) -> u64 {
        self.counts[law as usize]
    }
}

impl fmt::Display for Tally {
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
