//! How many stored values of which release there are, and which of them cannot be read.

use super::error::StoredValueError;
use crate::schema::Fingerprint;

/// What is stored: the result of [`Versions::survey`](super::Versions::survey).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// The known layouts, today's first, and the number of values of each.
    pub layouts: Vec<SurveyedLayout>,
    /// The values that describe themselves, and whose layout no known release wrote.
    pub others: u64,
    /// The number of values that cannot be read.
    pub unreadable: u64,
    /// The first of them, at most [`Survey::FAILURES`]: their places, from 0, and why.
    pub failures: Vec<(usize, StoredValueError)>,
}

/// A layout, and how many values have it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SurveyedLayout {
    /// The releases that wrote it.
    pub releases: Vec<String>,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The number of its values that can be read.
    pub values: u64,
}

impl Survey {
    /// The most values that cannot be read of which it keeps the reason.
    pub const FAILURES: usize = 100;

    pub(super) fn of<'a>(layouts: impl Iterator<Item = (&'a Vec<String>, Fingerprint)>) -> Self {
        let layout = |(releases, fingerprint): (&Vec<String>, _)| SurveyedLayout {
            releases: releases.clone(),
            fingerprint,
            values: 0,
        };
        Self { layouts: layouts.map(layout).collect(), others: 0, unreadable: 0, failures: Vec::new() }
    }

    /// Counts one value, which was read in this layout.
    pub(super) fn count(&mut self, place: usize, read: Result<Fingerprint, StoredValueError>) {
        match read {
            Ok(fingerprint) => match self.layouts.iter_mut().find(|layout| layout.fingerprint == fingerprint) {
                Some(layout) => layout.values += 1,
                None => self.others += 1,
            },
            Err(error) => {
                self.unreadable += 1;
                if self.failures.len() < Self::FAILURES {
                    self.failures.push((place, error));
                }
            }
        }
    }
}
