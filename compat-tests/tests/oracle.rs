//! A short run of the oracle. Its binary runs it for longer.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use compat_tests::oracle::laws::Law;
use compat_tests::oracle::planted::{FAULTS, Fault};
use compat_tests::oracle::source::{Source, shrink};
use compat_tests::oracle::subject::Typeser;
use compat_tests::oracle::{self, Summary};

/// With this seed, no planted fault takes long.
const SEED: u64 = 2;

#[test]
fn the_resolver_and_the_engine_agree_with_the_model() {
    let summary = match oracle::run(&Typeser, 20_130_101, |seen| seen.cases < 3_000) {
        Ok(summary) => summary,
        Err(found) => panic!("after {} cases, seed {}:\n{}", found.0.cases, found.1.seed, found.1.text),
    };
    let Summary { cases, verdicts, rules, values, mutations, laws, fixes } = summary;
    assert!(rules.len() >= 50, "{rules:?}");
    // A few cases have constants without a marked end; they get no verdict.
    assert!(verdicts.iter().sum::<u64>() * 100 >= cases * 99, "{verdicts:?}");
    assert!(verdicts.iter().all(|count| count * 12 > cases), "a verdict is too rare: {verdicts:?}");
    assert!(values > cases / 2 && mutations.0 > cases / 4 && mutations.1 * 20 > mutations.0, "{values} {mutations:?}");
    let applied: u64 = fixes.by_rule.values().map(|count| count.applied).sum();
    assert!(fixes.by_rule.len() >= 15 && applied > cases / 4, "too few fixes were applied: {fixes}");
    for law in Law::ALL {
        assert!(
            laws.of(*law) > cases / 50 || [Law::Join, Law::Refused].contains(law),
            "too few checks: {}",
            law.words()
        );
    }
}

/// Cases that broke a law once, and hold since.
const MENDED: [u64; 47] = [
    3_245_842_272_877_910_824,
    4_590_312_031_781_351_400,
    15_310_407_854_169_399_452,
    1_889_222_844_623_077_826,
    16_962_685_971_380_832_513,
    11_624_740_103_863_984_180,
    9_208_604_866_760_192_776,
    10_101_963_101_345_261_642,
    12_979_612_764_062_164_118,
    8_977_470_760_642_868_690,
    13_728_179_782_529_382_297,
    10_099_246_948_376_086_817,
    5_114_335_792_660_102_422,
    17_700_232_578_383_761_442,
    11_103_947_087_762_366_223,
    9_470_103_577_436_820_301,
    14_014_146_237_174_844_365,
    11_213_558_903_592_121_487,
    6_398_042_984_394_556_110,
    9_036_065_124_821_034_561,
    14_403_997_281_544_207_538,
    5_240_941_358_775_453_997,
    7_327_978_357_173_806_560,
    7_551_502_192_714_158_606,
    11_561_742_617_905_385_163,
    14_898_403_307_468_803_601,
    16_418_231_879_222_168_853,
    17_055_868_666_794_543_098,
    8_374_697_701_800_418_555,
    11_086_259_350_525_627_578,
    13_766_729_048_682_002_986,
    17_053_966_098_691_300_077,
    4_109_429_816_595_639_737,
    4_360_549_222_501_114_322,
    6_571_877_545_422_208_836,
    9_306_801_277_190_490_012,
    8_121_838_444_862_687_330,
    12_136_149_640_765_977_909,
    13_177_529_836_708_030_547,
    14_563_863_000_802_213_742,
    15_995_874_468_323_426_987,
    16_108_013_279_402_371_554,
    3_310_024_742_589_016_316,
    3_858_044_775_268_587_156,
    713_550_335_253_109_147,
    17_405_055_123_174_724_055,
    1_446_083_227_222_451_402,
];

#[test]
fn cases_that_broke_a_law_hold() {
    for seed in MENDED {
        if let Err(found) = oracle::run(&Typeser, seed, |seen| seen.cases < 1) {
            panic!("seed {seed}:\n{}", found.1.text);
        }
    }
}

/// `oracle --planted`, which `.ci/run` runs, finds all of them, including the rare ones.
#[test]
fn most_planted_faults_are_found_within_a_thousand_cases() {
    let found = |faults: &'static [Fault]| -> Vec<&str> {
        let is_found = |fault: &&Fault| oracle::first_broken(*fault, SEED, 1_000).is_some();
        faults.iter().filter(is_found).map(|fault| fault.name).collect()
    };
    let (one, other) = FAULTS.split_at(FAULTS.len() / 2);
    let found = std::thread::scope(|scope| {
        let other = scope.spawn(|| found(other));
        [found(one), other.join().unwrap()].concat()
    });
    assert!(FAULTS.len() >= 55 && found.len() >= 35, "{} of {}: {found:#?}", found.len(), FAULTS.len());
    for kind in ["rule table", "walker", "plan", "program", "reconfigured", "adopted", "witness"] {
        assert!(found.iter().any(|name| name.starts_with(kind)), "no fault in the {kind} is found: {found:#?}");
    }
}

#[test]
fn the_model_uses_neither_the_resolver_nor_the_engine() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/oracle");
    // These files compare the subject with the model, or are subjects. All others are the model and its helpers.
    let exempt = [
        "mod.rs",
        "case.rs",
        "history.rs",
        "witnesses.rs",
        "small.rs",
        "functions.rs",
        "subject.rs",
        "planted",
        "fixes",
    ];
    let exempt = exempt.map(|name| folder.join(name));
    let files = rust_files(&folder);
    assert!(files.len() > 15, "{files:?}");
    for file in files.iter().filter(|file| !exempt.iter().any(|exempt| file.starts_with(exempt))) {
        let text = fs::read_to_string(file).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let line = line.trim();
            if line.contains("typeser::") {
                let from = ["use typeser::SerializerSnapshot;", "use typeser::schema::", "use typeser::snapshot::"];
                assert!(from.iter().any(|from| line.starts_with(from)), "{}: {line}", file.display());
            }
            for word in ["crate::", "super::case", "super::subject", "super::planted", "extern ", "use compat"] {
                assert!(!line.contains(word), "{}: {line}", file.display());
            }
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_violation_is_reported_as_a_small_case_with_its_seed() {
    let fault = FAULTS.iter().find(|fault| fault.name == "plan: two moves of one type are swapped").unwrap();
    let (_, violation) = *oracle::run(fault, 7, |seen| seen.cases < 1_000).unwrap_err();
    insta::assert_snapshot!(violation.text);
    let again = *oracle::run(fault, violation.seed, |seen| seen.cases < 1).unwrap_err();
    assert_eq!((again.0.cases, again.1), (0, violation));
}

#[test]
fn choices_are_minimized() {
    let mut source = Source::seeded(7);
    let choices: Vec<u32> = (0..300).map(|_| source.number() % 1_000).collect();
    let fails = |choices: &[u32]| choices.iter().any(|choice| *choice > 700) && choices.len() >= 2;
    assert!(fails(&choices));
    assert_eq!(shrink(choices, fails, 100_000).iter().sum::<u32>(), 701);
    assert_eq!(Source::seeded(7).number(), Source::seeded(7).number());
    assert_eq!(Source::replay(vec![3]).into_choices(), Vec::<u32>::new());
}
