//! Names of releases and states, and the names of their files.

use std::fmt::Write as _;

use crate::resolve::Role;

/// The name of the current program, wherever a release can be named.
pub const TODAY: &str = "today";

/// The file that lists all others.
pub(super) const MANIFEST: &str = "manifest.txt";
/// The file of accepted findings.
pub(super) const ACCEPTED: &str = "accepted.json";

/// The longest name of a release, in bytes.
const MOST: usize = 64;
/// The longest stem of a file name, in bytes; what every file system takes, with room for the longest ending.
const MOST_STEM: usize = 200;

/// Why a release cannot have a name.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseNameError {
    /// It is empty.
    #[error("the name of the release is empty: give one such as `1.4.0`")]
    Empty,
    /// It is too long.
    #[error("the name of the release has {length} bytes; it may have {MOST}")]
    TooLong {
        /// How many bytes it has.
        length: usize,
    },
    /// It holds a character that is not for names of folders, or begins or ends with a dot.
    #[error(
        "`{name}` cannot name a release: it is the name of a folder, made of ASCII letters, digits, `.`, `_`, `-` and `+`, with no dot at either end"
    )]
    Character {
        /// The name.
        name: String,
    },
    /// It is the name of the current program.
    #[error("`{TODAY}` means the types as they are now: a release needs another name, such as `1.4.0`")]
    Today,
}

crate::text::debug_as_display!(ReleaseNameError);

/// Checks that a folder can have this name, everywhere.
pub(crate) fn check_release(name: &str) -> Result<(), ReleaseNameError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    match name {
        "" => Err(ReleaseNameError::Empty),
        name if name.eq_ignore_ascii_case(TODAY) => Err(ReleaseNameError::Today),
        name if name.len() > MOST => Err(ReleaseNameError::TooLong { length: name.len() }),
        name if !name.chars().all(is_plain) || name.starts_with('.') || name.ends_with('.') => {
            Err(ReleaseNameError::Character { name: name.to_owned() })
        }
        name if [MANIFEST, ACCEPTED].iter().any(|file| name.eq_ignore_ascii_case(file)) => {
            Err(ReleaseNameError::Character { name: name.to_owned() })
        }
        _ => Ok(()),
    }
}

/// The stem of the files of a state: its name with everything but ASCII letters, digits, `_` and `-` percent-encoded, a
/// dot, and the word of its role.
///
/// ```
/// use typeser::golden::{state_of_stem, stem};
/// use typeser::resolve::Role;
///
/// assert_eq!(stem("a/b", Role::MapKey), "a%2Fb.map-key");
/// assert_eq!(state_of_stem("a%2Fb.map-key"), Some(("a/b".to_owned(), Role::MapKey)));
/// assert_eq!(state_of_stem("a/b.map-key"), None);
/// ```
#[must_use]
pub fn stem(state: &str, role: Role) -> String {
    let mut stem = String::with_capacity(state.len() + 8);
    for byte in state.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => stem.push(char::from(byte)),
            byte => _ = write!(stem, "%{byte:02X}"),
        }
    }
    stem.push('.');
    stem.push_str(&role.word().replace(' ', "-"));
    stem
}

/// The state and the role that a stem represents; `None` if [`stem`] gives it for none.
#[must_use]
pub fn state_of_stem(text: &str) -> Option<(String, Role)> {
    let (encoded, word) = text.split_once('.')?;
    let role = Role::ALL.into_iter().find(|role| role.word().replace(' ', "-") == word)?;
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit()? << 4 | digit()?
            }
            byte => byte,
        });
    }
    let state = String::from_utf8(bytes).ok()?;
    // One spelling only: no other digits, no other bytes.
    (stem(&state, role) == text).then_some((state, role))
}

/// Whether files can have this stem, whatever the file system.
pub(super) fn is_storable(stem: &str) -> bool {
    stem.len() <= MOST_STEM && !stem.starts_with('.')
}
