//! The oracle, for a few seconds; its binary runs it for as long as asked.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use compat_tests::oracle::source::{Source, shrink};
use compat_tests::oracle::{self, Summary};

#[test]
fn the_resolver_and_the_engine_agree_with_the_model() {
    let summary = match oracle::run(20_000, 20_130_101, |_| ()) {
        Ok(summary) => summary,
        Err(found) => panic!("after {} cases, seed {}:\n{}", found.0.cases, found.1.seed, found.1.told),
    };
    let Summary { cases, verdicts, values, mutations, .. } = summary;
    // All but a few, whose constants nothing says the end of.
    assert!(verdicts.iter().sum::<u64>() * 100 >= cases * 99, "{verdicts:?}");
    assert!(verdicts.iter().all(|count| count * 20 > cases), "not every verdict is well represented: {verdicts:?}");
    assert!(values > cases / 2 && mutations.0 > cases / 4 && mutations.1 * 20 > mutations.0, "{values} {mutations:?}");
}

#[test]
fn the_model_knows_neither_the_resolver_nor_the_engine() {
    for file in ["model.rs", "value.rs", "generate.rs", "source.rs"] {
        let path = format!("{}/src/oracle/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let uses: Vec<&str> = text.lines().filter(|line| line.contains("typeser")).collect();
        for line in uses {
            let inside = ["resolve", "migrate", "report", "serializer::"].iter().find(|name| line.contains(**name));
            assert_eq!(inside, None, "{file}: {line}");
            assert!(line.starts_with("use typeser::") || line.starts_with("//"), "{file}: {line}");
        }
        assert!(!text.contains("use crate::"), "{file} uses what may know them");
    }
}

#[test]
fn a_violation_is_made_small() {
    let mut source = Source::seeded(7);
    let choices: Vec<u32> = (0..300).map(|_| source.number() % 1_000).collect();
    let fails = |choices: &[u32]| choices.iter().any(|choice| *choice > 700) && choices.len() >= 2;
    assert!(fails(&choices));
    assert_eq!(shrink(choices, fails, 100_000).iter().sum::<u32>(), 701);
    assert_eq!(Source::seeded(7).number(), Source::seeded(7).number());
    assert_eq!(Source::replay(vec![3]).into_choices(), Vec::<u32>::new());
}
