//! Types that contain themselves, through every kind of indirection.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod common;

use std::collections::HashMap;

use common::round_trip;
use typeser::StateType;

#[derive(Debug, Clone, PartialEq, StateType)]
enum Tree {
    Leaf,
    Number(i64),
    Boxed(Box<Tree>),
    Many(Vec<Tree>),
    Named(HashMap<String, Tree>),
    Both { left: Box<Tree>, right: Option<Box<Tree>> },
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct List<T> {
    value: T,
    next: Option<Box<List<T>>>,
}

/// Two types that contain each other.
#[derive(Debug, Clone, PartialEq, StateType)]
struct Folder {
    name: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, StateType)]
enum Entry {
    File(u64),
    Folder(Folder),
}

#[test]
fn an_enum_contains_itself_through_box_vec_and_map() {
    let leaf = Tree::Boxed(Box::new(Tree::Number(-7)));
    let both = Tree::Both { left: Box::new(leaf.clone()), right: Some(Box::new(Tree::Many(vec![]))) };
    let named = Tree::Named(HashMap::from([("a".to_owned(), both.clone()), ("b".to_owned(), Tree::Leaf)]));
    let many = Tree::Many(vec![leaf.clone(), Tree::Named(HashMap::new()), both.clone(), named.clone()]);
    for tree in [Tree::Leaf, leaf, both, named, many] {
        round_trip(&tree);
    }
}

#[test]
fn a_generic_struct_contains_itself() {
    let list = List { value: 1u8, next: Some(Box::new(List { value: 2, next: None })) };
    round_trip(&list);
}

#[test]
fn two_types_contain_each_other() {
    let inner = Folder { name: "b".to_owned(), entries: vec![Entry::File(3)] };
    round_trip(&Folder { name: "a".to_owned(), entries: vec![Entry::Folder(inner), Entry::File(4)] });
}
