//! Keys fall into groups by a hash that never changes; instances share the groups without gap or overlap.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use typeser_state::key_group::{KeyGroupRange, MaxParallelism};

#[test]
fn the_group_of_a_key_never_changes() {
    // The reference values of XXH3-64 with seed 0: the empty string gives 0x2D06800538D394C2.
    let groups = |max: u32, key: &[u8]| MaxParallelism::new(max).unwrap().group_of(key);
    assert_eq!(groups(32_768, b""), (0x2D06_8005_38D3_94C2_u64 % 32_768) as u16);
    let found: Vec<_> = [&b""[..], b"a", &[0], &[1, 0, 0, 0], &[0; 100], &[7; 500]]
        .map(|key| (key.len(), groups(100, key), groups(128, key), groups(32_768, key)))
        .map(|row| format!("{row:?}"))
        .into();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn instances_share_all_groups_evenly_and_in_order() {
    for max in (1..=40).chain([128, 1000, 32_768]) {
        let all = MaxParallelism::new(max).unwrap();
        for parallelism in (1..=max.min(50)).chain([max]) {
            let mut next = 0u32;
            let mut sizes = Vec::new();
            for instance in 0..parallelism {
                let range = KeyGroupRange::of_instance(all, parallelism, instance).unwrap();
                assert_eq!(u32::from(range.first()), next, "{instance} of {parallelism} over {max}");
                next = u32::from(range.last()) + 1;
                sizes.push(range.groups().len());
            }
            assert_eq!(next, max);
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            assert!(most - least <= 1, "{parallelism} over {max}: {sizes:?}");
        }
    }
}

#[test]
fn impossible_numbers_are_reported() {
    let all = MaxParallelism::new(4).unwrap();
    let messages = [
        MaxParallelism::new(0).unwrap_err().to_string(),
        MaxParallelism::new(32_769).unwrap_err().to_string(),
        KeyGroupRange::new(3, 2).unwrap_err().to_string(),
        KeyGroupRange::of_instance(all, 5, 0).unwrap_err().to_string(),
        KeyGroupRange::of_instance(all, 0, 0).unwrap_err().to_string(),
        KeyGroupRange::of_instance(all, 2, 2).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}
