//! The cost of comparing two snapshots: wide structs that evolved, a struct of common size, equal fingerprints.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use typeser::resolve::Compatibility;
use typeser_bench::wide::{Draft, answer};

fn resolving(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("resolve");
    for fields in [40, 1_000] {
        let stored = Draft::of(fields).snapshot();
        let evolved = Draft::of(fields).evolved().snapshot();
        let again = Draft::of(fields).snapshot();
        let evolution = answer(&stored, &evolved);
        assert_eq!(evolution.compatibility(), Compatibility::RequiresMigration);
        eprintln!("{fields} fields, evolved: {} findings", evolution.findings().len());
        group.bench_function(format!("{fields} fields, evolved"), |bencher| {
            bencher.iter(|| answer(black_box(&stored), black_box(&evolved)));
        });
        assert_eq!(answer(&stored, &again).findings(), []);
        group.bench_function(format!("{fields} fields, equal fingerprints"), |bencher| {
            bencher.iter(|| answer(black_box(&stored), black_box(&again)));
        });
    }
    group.finish();
}

criterion_group!(benches, resolving);
criterion_main!(benches);
