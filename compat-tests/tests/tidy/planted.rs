//! The reading of imports, on small crates made for the purpose.

use std::fs;

use crate::imports::{Crate, circles, module_in};

#[test]
fn every_way_to_name_an_item_of_another_file_is_an_import() {
    let ways = [
        ("use crate::b::Item;", "a use of a path"),
        ("use crate::{b::{Item, Other}, c};", "a nested use"),
        ("use super::b::Item as Renamed;", "a renamed use"),
        ("use super::Item;", "a name that the root takes in from the file"),
        ("use super::Handed;", "a name that the root hands out"),
        ("use crate::b; fn f() -> b::Item { loop {} }", "an item of a module in use"),
        ("use crate::b::*; fn f() -> Item { loop {} }", "a use of everything"),
        ("fn f() { crate::b::item(); }", "a path in code"),
        ("fn f() { super::b::item::<u8>(); }", "a path with generic arguments"),
        ("fn f() { use crate::b::Item; }", "a use in a function"),
        ("fn f() { println!(\"{}\", crate::b::item()); }", "an argument of a macro"),
        ("macro_rules! m { () => { use crate::b::{Item}; $crate::c::C } }", "the body of a macro"),
        ("mod inner { fn f(_: super::super::b::Item) {} }", "a module in braces"),
        ("fn f(_: me::b::Item) {}", "the name of the crate itself"),
        ("fn f(_: crate::b::MadeByAMacro) {}", "an item that a macro makes"),
        ("fn f() -> impl Fn() { crate::b::Kind::make }", "a part of an item"),
    ];
    for (code, way) in ways {
        assert_eq!(imports_of_a(code), ["b.rs"], "{way}: {code}");
    }
}

#[test]
fn what_is_no_product_code_imports_nothing() {
    let others = [
        "// crate::b::Item",
        "/// See [`crate::b::Item`].\nfn f() {}",
        "fn f() -> &'static str { \"crate::b::Item\" }",
        "#[cfg(test)] use crate::b::Item;",
        "#[cfg(all(test, unix))] mod tests { use crate::b::Item; }",
        "struct S; impl S { #[cfg(test)] fn f() { crate::b::item(); } }",
        "fn f() { #[cfg(test)] crate::b::item!(); }",
        "pub(in crate::b) fn f() {}",
        "use other::b::Item;",
        "use ::b::Item;",
        "use crate::b;",
        "use super::External;",
        "fn f(x: X) { x.b.item() }",
        "fn f() { quote!(#crate::b::Item) }",
    ];
    for code in others {
        assert_eq!(imports_of_a(code), [""; 0], "{code}");
    }
}

#[test]
fn a_file_that_no_module_declares_is_found() {
    let krate = read(&[("lib.rs", "mod a;"), ("a.rs", ""), ("forgotten.rs", "")]);
    assert_eq!(krate.unreached, ["forgotten.rs"]);
    let krate = read(&[("lib.rs", "#[cfg(test)] mod tests;"), ("tests.rs", "mod inner;"), ("tests/inner.rs", "")]);
    assert_eq!(krate.unreached, [""; 0]);
}

#[test]
fn a_facade_imports_what_it_uses_and_not_what_it_only_hands_out() {
    let facade = |code: &str| {
        let code = format!("mod inner; pub use inner::Item; {code}");
        let krate = read(&[("lib.rs", "mod a;"), ("a/mod.rs", &code), ("a/inner.rs", "pub struct Item;")]);
        krate.imports.len()
    };
    assert_eq!(facade(""), 0);
    assert_eq!(facade("fn f(_: Item) {}"), 1);
    assert_eq!(facade("fn f(_: inner::Item) {}"), 1);
}

#[test]
fn circles_of_files_and_of_folders_are_found_whole() {
    let krate = read(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a/mod.rs", "mod first; mod second; pub use first::First; pub use second::Second;"),
        ("a/first.rs", "use crate::b::B; pub struct First;"),
        ("a/second.rs", "pub struct Second;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c.rs", "use crate::a::Second; pub struct C;"),
    ]);
    let folders: Vec<Vec<String>> = circles(&krate.imports, |file| module_in("", file))
        .iter()
        .map(|circle| circle.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(
        folders,
        [[
            "a/first.rs:1 uses `crate::b::B`, defined in b.rs",
            "b.rs:1 uses `crate::c::C`, defined in c.rs",
            "c.rs:1 uses `crate::a::Second`, defined in a/second.rs",
        ]]
    );
    // No file is in a circle: `first` does not use `second`.
    assert!(circles(&krate.imports, |file| Some(file.to_owned())).is_empty());
}

/// The files whose items the module `a` uses.
fn imports_of_a(code: &str) -> Vec<String> {
    let root = "extern crate self as me; mod a; mod b; mod c; use b::Item; pub use b::Handed; use std::fmt::External;";
    let b = "pub struct Item; pub struct Other; pub struct Handed; pub fn item() {} pub enum Kind {}";
    let krate = read(&[("lib.rs", root), ("a.rs", code), ("b.rs", b), ("c.rs", "")]);
    krate
        .imports
        .into_iter()
        .filter(|import| import.from == "a.rs" && import.to != "c.rs")
        .map(|import| import.to)
        .collect()
}

fn read(files: &[(&str, &str)]) -> Crate {
    let folder = tempfile::tempdir().unwrap();
    for (name, code) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, code).unwrap();
    }
    Crate::read(folder.path())
}
