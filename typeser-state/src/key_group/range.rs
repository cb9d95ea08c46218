//! The contiguous key groups that one operator instance owns.

use std::fmt;

use super::error::{InvalidKeyGroups, KeyGroupError};
use super::max_parallelism::{KeyGroup, MaxParallelism};

/// Key groups from a first to a last one, both included; never empty.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
///
/// let second_of_two = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, 2, 1)?;
/// assert_eq!(second_of_two, KeyGroupRange::new(64, 127)?);
/// assert!(second_of_two.contains(114));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyGroupRange {
    first: KeyGroup,
    last: KeyGroup,
}

/// The key groups of an operator instance, in order.
pub type KeyGroups = std::ops::RangeInclusive<KeyGroup>;

impl KeyGroupRange {
    /// From the first to the last key group, both included.
    ///
    /// # Errors
    /// The first is greater than the last.
    pub fn new(first: KeyGroup, last: KeyGroup) -> Result<Self, KeyGroupError> {
        if first <= last { Ok(Self { first, last }) } else { Err(InvalidKeyGroups::Empty { first, last }.into()) }
    }

    /// All key groups of an operator.
    #[must_use]
    pub fn all(max_parallelism: MaxParallelism) -> Self {
        Self { first: 0, last: max_parallelism.groups() - 1 }
    }

    /// The key groups of one of `parallelism` instances, assigned as in Flink: the ranges are contiguous and cover all
    /// groups, and their sizes differ by at most one.
    ///
    /// ```
    /// use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
    ///
    /// let all = MaxParallelism::new(10)?;
    /// let ranges: Vec<String> = (0..3)
    ///     .map(|instance| Ok(KeyGroupRange::of_instance(all, 3, instance)?.to_string()))
    ///     .collect::<Result<_, Box<dyn std::error::Error>>>()?;
    /// assert_eq!(ranges, ["0..=3", "4..=6", "7..=9"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There are more instances than key groups, or there is no such instance.
    pub fn of_instance(
        max_parallelism: MaxParallelism,
        parallelism: u32,
        instance: u32,
    ) -> Result<Self, KeyGroupError> {
        let groups = u32::from(max_parallelism.groups());
        if parallelism == 0 || parallelism > groups {
            return Err(InvalidKeyGroups::Parallelism { parallelism, max_parallelism: groups }.into());
        }
        if instance >= parallelism {
            return Err(InvalidKeyGroups::Instance { instance, parallelism }.into());
        }
        // At most 32,768 * 32,768: a u32 holds it, and both quotients are below `groups`.
        let first = (instance * groups).div_ceil(parallelism);
        let last = ((instance + 1) * groups - 1) / parallelism;
        Self::new(first as KeyGroup, last as KeyGroup)
    }

    /// The first key group.
    #[must_use]
    pub const fn first(self) -> KeyGroup {
        self.first
    }

    /// The last key group, which is included.
    #[must_use]
    pub const fn last(self) -> KeyGroup {
        self.last
    }

    /// Whether this group belongs to the range.
    #[inline]
    #[must_use]
    pub const fn contains(self, group: KeyGroup) -> bool {
        self.first <= group && group <= self.last
    }

    /// Whether a group belongs to both ranges.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The groups of this range that are in none of `present`, which are ordered and do not overlap.
    pub(crate) fn missing_from(self, present: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut missing = Vec::new();
        // The first group that has not been compared yet; `None` after the last group.
        let mut next = Some(self.first);
        for range in present {
            let Some(first) = next.filter(|first| *first <= self.last) else { break };
            if range.first > first {
                missing.push(Self { first, last: self.last.min(range.first - 1) });
            }
            if range.last >= first {
                next = range.last.checked_add(1);
            }
        }
        if let Some(first) = next.filter(|first| *first <= self.last) {
            missing.push(Self { first, last: self.last });
        }
        missing
    }

    /// Formats ranges for a message: `0..=3, 5, 8..=9`.
    pub(crate) fn list(ranges: &[Self]) -> String {
        let one = |range: &Self| match range.first == range.last {
            true => range.first.to_string(),
            false => range.to_string(),
        };
        ranges.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// The groups in order.
    #[must_use]
    pub const fn groups(self) -> KeyGroups {
        self.first..=self.last
    }
}

impl fmt::Display for KeyGroupRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.first, self.last)
    }
}
