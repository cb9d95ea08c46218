//! Lists the pairs in `pairs/`: one folder per rule, with a stored and a new version of a type.
//!
//! A side is Rust code, which represents its last type or, if there is one, the result of its `fn snapshot()`; or it is a
//! snapshot in JSON that no derive produces. A rule about histories also has a side `between`: a release after the
//! stored one and before the new one. An incompatible pair comes with a repair: a side `repaired`, the new type with the
//! missing line, or a file `instead.txt`, which says what to do if no line of the type helps, or what else is possible.
//! Sides `printed_1`, `printed_2` and so on are the new type with other lines that help prints.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the module that `src/pairs.rs` includes.
pub(crate) fn write(out: &Path) {
    println!("cargo::rerun-if-changed=pairs");
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("pairs");
    let mut rules: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    rules.sort();
    let mut list = String::new();
    let mut modules = String::new();
    for rule in &rules {
        let module = rule.replace('-', "_");
        let has_between = folder.join(rule).join("between.rs").exists();
        let between = if has_between { format!("Some({module}::between())") } else { "None".to_owned() };
        let has_repaired =
            ["rs", "json"].iter().any(|kind| folder.join(rule).join("repaired").with_extension(kind).exists());
        let repaired = if has_repaired { format!("Some({module}::repaired())") } else { "None".to_owned() };
        let instead = folder.join(rule).join("instead.txt");
        let instead = if instead.exists() { format!("Some(include_str!({instead:?}))") } else { "None".to_owned() };
        let printed = printed(&folder.join(rule));
        let calls: Vec<String> = printed.iter().map(|side| format!("{module}::{side}()")).collect();
        _ = writeln!(
            list,
            "    Pair {{ rule: {rule:?}, stored: {module}::stored(), between: {between}, new: {module}::new(), \
             repaired: {repaired}, instead: {instead}, printed: vec![{}] }},",
            calls.join(", ")
        );
        _ = writeln!(modules, "mod {module} {{");
        let sides = [("stored", true), ("between", has_between), ("new", true), ("repaired", has_repaired)];
        for (side, _) in sides.into_iter().filter(|(_, is_there)| *is_there) {
            modules.push_str(&module_of(rule, side));
        }
        printed.iter().for_each(|side| modules.push_str(&module_of(rule, side)));
        modules.push_str("}\n\n");
    }
    let code = format!("fn list() -> Vec<Pair> {{\n    vec![\n{list}    ]\n}}\n\n{modules}");
    fs::write(out.join("pairs.rs"), code).unwrap();
}

/// The sides `printed_1`, `printed_2` and so on.
fn printed(folder: &Path) -> Vec<String> {
    (1..)
        .map(|number| format!("printed_{number}"))
        .take_while(|side| folder.join(side).with_extension("rs").exists())
        .collect()
}

/// A function that returns one side of a pair, and a module for its types.
fn module_of(rule: &str, side: &str) -> String {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("pairs").join(rule);
    let json = folder.join(side).with_extension("json");
    if json.exists() {
        return format!("    pub(super) fn {side}() -> super::Side {{ super::Side::json(include_str!({json:?})) }}\n");
    }
    let rust = folder.join(side).with_extension("rs");
    let code =
        fs::read_to_string(&rust).unwrap_or_else(|_| panic!("{} has no `{side}.rs` or `.json`", folder.display()));
    let snapshot = if code.contains("fn snapshot()") {
        "snapshot()".to_owned()
    } else {
        let last = code.lines().filter_map(declared).next_back();
        let name = last.unwrap_or_else(|| panic!("{} declares no type", rust.display()));
        format!("super::super::described::<{name}>()")
    };
    format!(
        "    pub(super) fn {side}() -> super::Side {{ {side}_types::side() }}\n    \
         #[allow(dead_code, unused_imports, reason = \"types are only described\")]\n    \
         mod {side}_types {{\n        \
         use typeser::{{Serializer, SerializerSnapshot, StateType, TypeSerializer}};\n        \
         include!({rust:?});\n        \
         pub(super) fn side() -> super::super::Side {{ super::super::Side::rust(include_str!({rust:?}), {snapshot}) }}\n    \
         }}\n"
    )
}

/// The name of the type that a line declares.
fn declared(line: &str) -> Option<&str> {
    let words = ["struct ", "enum ", "type "];
    let rest = words.iter().find_map(|word| line.strip_prefix(word))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}
