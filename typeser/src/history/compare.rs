//! The comparison of all releases with the newest.

use super::outcome::{History, Reason, Skipped};
use super::route::Comparison;
use crate::resolve::{Policy, Release, Role};
use crate::serializer::Conversions;

/// Compares, for each release that has at least one between itself and the last, what its values become directly with
/// what they become through all the releases between. The releases are in their order, the newest last; `with` are the
/// functions that migrations may need.
///
/// Values that a function refuses on either route are not compared. Elements of sets and entries of maps may be in any
/// order.
///
/// ```
/// use typeser::history;
/// use typeser::resolve::{Policy, Release, Role};
/// use typeser::serializer::Conversions;
/// use typeser::{Serializer, TypeSerializer};
///
/// let releases = [
///     Release::new("1.0", Serializer::<u8>::new()?.snapshot().clone()),
///     Release::new("1.1", Serializer::<u16>::new()?.snapshot().clone()),
///     Release::new("2.0", Serializer::<u32>::new()?.snapshot().clone()),
/// ];
/// let history = history::compare(&releases, Role::Value, &Policy::default(), &Conversions::default());
/// assert!(history.divergences.is_empty() && history.skipped.is_empty());
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[must_use]
pub fn compare(releases: &[Release], role: Role, policy: &Policy, with: &Conversions) -> History {
    let mut history = History::default();
    let Some((last, _)) = releases.split_last() else { return history };
    for first in 0..releases.len().saturating_sub(2) {
        let comparison = Comparison { releases: &releases[first..], role, policy, with };
        let reason = match comparison.divergences() {
            Ok((divergences, missed)) => {
                history.divergences.extend(divergences);
                (missed > 0).then_some(Reason::Missed(missed))
            }
            Err(reason) => Some(reason),
        };
        let [from, to] = [&releases[first], last].map(|release| release.name().to_owned());
        history.skipped.extend(reason.map(|reason| Skipped { from, to, reason }));
    }
    history
}
