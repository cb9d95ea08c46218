//! Key groups on real keys: the tail numbers of all departures are distributed evenly over groups, and so over
//! instances.
#![allow(clippy::unwrap_used, missing_docs, dead_code, unreachable_pub, reason = "a test")]

#[path = "../src/data.rs"]
mod data;

use std::collections::BTreeSet;
use std::path::Path;

use typeser::{Serializer, TypeSerializer};
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};

/// The bytes of keys, as keyed state stores them.
fn stored(keys: impl IntoIterator<Item = String>) -> Vec<Vec<u8>> {
    let serializer = Serializer::<String>::new().unwrap();
    let bytes = |key: String| {
        let mut bytes = Vec::new();
        serializer.serialize(&key, &mut bytes).unwrap();
        bytes
    };
    keys.into_iter().map(bytes).collect()
}

/// Each tail number of the data.
fn tails() -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/flights-2013.csv.gz");
    let mut flights = data::Flights::open(&path).unwrap();
    let mut tails = BTreeSet::new();
    while let Some(flight) = flights.next_flight().unwrap() {
        tails.extend(flight.tail.map(str::to_owned));
    }
    stored(tails)
}

/// Pearson's chi-square over the groups, as standard deviations from what an even hash gives on average.
fn deviations(counts: &[usize]) -> f64 {
    let freedom = (counts.len() - 1) as f64;
    let expected = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    let chi_square: f64 = counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
    (chi_square - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn tail_numbers_are_distributed_evenly_over_key_groups() {
    let tails = tails();
    let mut output = vec![format!("{} tail numbers", tails.len())];
    for max in [2, 10, 64, 100, 128, 500] {
        let max = MaxParallelism::new(max).unwrap();
        let mut counts = vec![0usize; max.groups().into()];
        tails.iter().for_each(|tail| counts[usize::from(max.group_of(tail))] += 1);
        let deviations = deviations(&counts);
        // These are only a few thousand fixed keys, so the limit allows for chance.
        assert!(deviations.abs() < 4.0, "{max} groups: {deviations} standard deviations; {counts:?}");
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        output
            .push(format!("{max} groups: {least} to {most} each, chi-square {deviations:+.1} standard deviations off"));
    }
    let max = MaxParallelism::DEFAULT;
    for parallelism in [2, 3, 8] {
        let ranges = (0..parallelism).map(|instance| KeyGroupRange::of_instance(max, parallelism, instance).unwrap());
        let count = |range: KeyGroupRange| tails.iter().filter(|tail| range.contains(max.group_of(tail))).count();
        let counts: Vec<_> = ranges.map(count).collect();
        output.push(format!("{max} groups on {parallelism} instances: {counts:?}"));
    }
    insta::assert_snapshot!(output.join("\n"), @r"
    4043 tail numbers
    2 groups: 2011 to 2032 each, chi-square -0.6 standard deviations off
    10 groups: 371 to 435 each, chi-square +0.2 standard deviations off
    64 groups: 45 to 82 each, chi-square +2.2 standard deviations off
    100 groups: 22 to 58 each, chi-square +1.8 standard deviations off
    128 groups: 18 to 52 each, chi-square +2.5 standard deviations off
    500 groups: 1 to 19 each, chi-square +3.8 standard deviations off
    128 groups on 2 instances: [1986, 2057]
    128 groups on 3 instances: [1367, 1331, 1345]
    128 groups on 8 instances: [516, 506, 526, 438, 522, 527, 511, 497]
    ");
}

/// If the hash were uneven on keys of this shape, more keys would show it more clearly.
#[test]
fn many_keys_of_this_shape_are_distributed_evenly() {
    for suffix in ["", "AA", "DL", "Q"] {
        let keys = stored((100..100_000u32).map(|number| format!("N{number}{suffix}")));
        for max in [2, 10, 64, 100, 128, 500, 1000] {
            let max = MaxParallelism::new(max).unwrap();
            let mut counts = vec![0usize; max.groups().into()];
            keys.iter().for_each(|key| counts[usize::from(max.group_of(key))] += 1);
            let deviations = deviations(&counts);
            assert!(deviations.abs() < 3.0, "{max} groups, N...{suffix}: {deviations} standard deviations");
        }
    }
}
