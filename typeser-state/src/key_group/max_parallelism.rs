//! The number of key groups of an operator, and the group of a key.

use super::error::{InvalidKeyGroups, KeyGroupError};
use xxhash_rust::xxh3::xxh3_64;

/// The number of a key group, from 0.
pub type KeyGroup = u16;

/// The number of key groups of an operator, from 1 to 32,768. The default is 128.
///
/// It determines the group of every key, so it is fixed once the first savepoint is written. It is also the upper limit
/// of the operator's parallelism.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::key_group::MaxParallelism;
///
/// let groups = MaxParallelism::new(1_024)?;
/// assert_eq!(groups.groups(), 1_024);
/// assert!(MaxParallelism::new(0).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaxParallelism(u16);

impl MaxParallelism {
    /// The largest possible value.
    pub const LARGEST: u32 = 32_768;
    /// The default of an operator.
    pub const DEFAULT: Self = Self(128);
    pub(crate) const ONE: Self = Self(1);

    /// A number of key groups.
    ///
    /// # Errors
    /// The number is 0 or greater than [`MaxParallelism::LARGEST`].
    pub fn new(groups: u32) -> Result<Self, KeyGroupError> {
        match u16::try_from(groups) {
            Ok(fits) if (1..=Self::LARGEST).contains(&groups) => Ok(Self(fits)),
            _ => Err(InvalidKeyGroups::MaxParallelism { found: groups, largest: Self::LARGEST }.into()),
        }
    }

    /// The number of key groups.
    #[must_use]
    pub const fn groups(self) -> u16 {
        self.0
    }

    /// The group of a key, given the bytes that its serializer writes.
    ///
    /// ```
    /// use typeser_state::key_group::MaxParallelism;
    ///
    /// // The bytes of the string `N14228`: a length, then UTF-8.
    /// let key = [6, 0, 0, 0, 0, 0, 0, 0, b'N', b'1', b'4', b'2', b'2', b'8'];
    /// assert_eq!(MaxParallelism::DEFAULT.group_of(&key), 114);
    /// ```
    #[inline]
    #[must_use]
    pub fn group_of(self, key: &[u8]) -> KeyGroup {
        // The remainder is less than a u16, so the cast loses nothing.
        (xxh3_64(key) % u64::from(self.0)) as KeyGroup
    }

    /// The number, from 0, of the instance that owns a key group, of `parallelism` instances. It is the one whose
    /// [`KeyGroupRange::of_instance`](super::KeyGroupRange::of_instance) contains the group.
    ///
    /// ```
    /// use typeser_state::key_group::MaxParallelism;
    ///
    /// let all = MaxParallelism::new(10)?;
    /// let owners: Vec<u32> = (0..10).map(|group| all.instance_of(3, group)).collect();
    /// assert_eq!(owners, [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    #[must_use]
    pub const fn instance_of(self, parallelism: u32, key_group: KeyGroup) -> u32 {
        // A key group is less than the max parallelism, so the quotient is less than `parallelism`.
        (key_group as u64 * parallelism as u64 / self.0 as u64) as u32
    }
}

impl Default for MaxParallelism {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl std::fmt::Display for MaxParallelism {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}
