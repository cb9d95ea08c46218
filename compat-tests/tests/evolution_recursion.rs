//! Recursive types whose parts move at every level.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use compat_tests::evolution::{bytes, expect};
use compat_tests::{evolutions, versions};
use typeser::migrate::{Scratch, Trust};
use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Policy, Role};
use typeser::serializer::Conversions;
use typeser::{Serializer, StateType, TypeSerializer, resolve};

evolutions! {
    a_tree_whose_parts_move_at_every_level {
        versions! {
            enum Old { Leaf(String), Node { name: String, left: Box<Old>, right: Vec<Old> } }
            enum New { Node { right: Vec<New>, name: String, left: Box<New> }, Leaf(String) }
        }
        fn tree(depth: u32) -> (Old, New) {
            if depth == 0 {
                return (Old::Leaf("leaf".to_owned()), New::Leaf("leaf".to_owned()));
            }
            let name = format!("at {depth}");
            let (old_left, new_left) = tree(depth - 1);
            let (old_right, new_right): (Vec<_>, Vec<_>) = (0..depth % 3).map(|_| tree(depth - 1)).unzip();
            (
                Old::Node { name: name.clone(), left: Box::new(old_left), right: old_right },
                New::Node { right: new_right, name, left: Box::new(new_left) },
            )
        }
        expect(AfterReconfigure, &["fields-reordered", "variants-reordered"]).check(&[tree(0), tree(1), tree(2), tree(5)])
    }

    a_list_whose_parts_move_and_change_at_every_level {
        versions! {
            struct Old { value: u16, gone: Vec<String>, next: Option<Box<Old>>, name: String }
            #[state(removed("gone"))]
            struct New { next: Option<Box<New>>, #[state(default = 9)] more: u8, name: Option<String>, value: u64 }
        }
        let (mut old, mut new) = (None, None);
        for number in 0..40u16 {
            let name = "n".repeat(usize::from(number % 7));
            old = Some(Box::new(Old { value: number, gone: vec!["x".to_owned(); 2], next: old, name: name.clone() }));
            new = Some(Box::new(New { next: new, more: 9, name: Some(name), value: u64::from(number) }));
        }
        let rules = ["field-removed", "field-added", "fields-reordered", "integer-widened", "wrapped-in-option"];
        expect(RequiresMigration, &rules).check(&[(*old.unwrap(), *new.unwrap())])
    }

    two_types_that_contain_each_other {
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "Folder")]
        struct OldFolder { name: String, entries: BTreeMap<u8, OldEntry> }
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "Entry")]
        enum OldEntry { File { size: u64, name: String }, Folder(OldFolder) }
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "Folder")]
        struct NewFolder { entries: BTreeMap<u8, NewEntry>, name: String }
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "Entry")]
        enum NewEntry { Folder(NewFolder), Link(Box<NewEntry>), File { name: String, size: u64 } }
        let text = |text: &str| text.to_owned();
        let old = OldFolder {
            name: text("a"),
            entries: BTreeMap::from([
                (1, OldEntry::File { size: 5, name: text("f") }),
                (2, OldEntry::Folder(OldFolder { name: text("b"), entries: BTreeMap::from([
                    (1, OldEntry::File { size: 6, name: text("g") }),
                ]) })),
                (3, OldEntry::File { size: 7, name: text("h") }),
            ]),
        };
        let new = NewFolder {
            entries: BTreeMap::from([
                (1, NewEntry::File { size: 5, name: text("f") }),
                (2, NewEntry::Folder(NewFolder { name: text("b"), entries: BTreeMap::from([
                    (1, NewEntry::File { size: 6, name: text("g") }),
                ]) })),
                (3, NewEntry::File { size: 7, name: text("h") }),
            ]),
            name: text("a"),
        };
        expect(AfterReconfigure, &["fields-reordered", "fields-reordered", "variants-reordered", "variant-added"])
            .check(&[(old, new)])
    }

    an_unrolled_type_is_the_same_type {
        versions! {
            struct Old { next: Option<Box<Old>> }
            struct New { next: Option<Box<Inner>> }
        }
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "T")]
        struct Inner { next: Option<Box<Inner>> }
        expect(Compatible, &[]).check(&[(Old { next: Some(Box::new(Old { next: None })) }, New { next: Some(Box::new(Inner { next: None })) })])
    }

    an_option_without_end {
        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(transparent)]
        struct Endless(Option<Box<Endless>>);
        expect(Incompatible, &["kind-changed"]).check::<u8, Endless>(&[])
    }

    a_recursive_type_that_becomes_optional_inside {
        versions! {
            struct Old { children: Vec<Old> }
            struct New { children: Vec<Option<New>> }
        }
        let old = Old { children: vec![Old { children: vec![] }, Old { children: vec![Old { children: vec![] }] }] };
        let leaf = || Some(New { children: vec![] });
        let new = New { children: vec![leaf(), Some(New { children: vec![leaf()] })] };
        expect(RequiresMigration, &["wrapped-in-option"]).check(&[(old, new)])
    }
}

/// The places of all parts are recorded in one pass before anything moves, at any depth.
#[test]
fn large_values_come_through_deep_and_wide() {
    versions! {
        struct Old { text: String, inner: Vec<Old>, gone: u8 }
        #[state(removed("gone"))]
        struct New { inner: Vec<New>, text: String }
    }
    let text = |level: u32| "x".repeat(level as usize % 64);
    let old = |levels: u32| {
        (0..levels).fold(Old { text: text(0), inner: vec![], gone: 1 }, |inner, level| Old {
            text: text(level),
            inner: vec![inner],
            gone: 2,
        })
    };
    let new = |levels: u32| {
        (0..levels)
            .fold(New { text: text(0), inner: vec![] }, |inner, level| New { text: text(level), inner: vec![inner] })
    };
    let values = [(20_000, 1), (100, 400)].map(|(count, levels)| {
        let olds: Vec<Old> = (0..count).map(|_| old(levels)).collect();
        let news: Vec<New> = (0..count).map(|_| new(levels)).collect();
        (Serializer::<Vec<Old>>::new().unwrap(), olds, Serializer::<Vec<New>>::new().unwrap(), news)
    });
    for (old, olds, new, news) in values {
        let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        let mut out = Vec::new();
        let migration = resolution.migration(&Conversions::new()).unwrap();
        migration.run(&bytes(&old, &olds), Trust::Foreign, &mut Scratch::default(), &mut out).unwrap();
        assert!(out == bytes(&new, &news));
    }
}
