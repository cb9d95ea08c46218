//! Modules import only from layers below theirs, and neither files nor folders import each other in a circle.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use crate::files::root;
use crate::imports::{Crate, FileImport, circles, module_in};

#[test]
fn modules_of_the_library_import_only_from_layers_below() {
    check_layers("typeser");
}

#[test]
fn modules_of_the_state_layer_import_only_from_layers_below() {
    check_layers("typeser-state");
}

#[test]
fn modules_of_the_derive_import_only_from_layers_below() {
    check_layers("typeser-derive");
}

#[test]
fn modules_of_the_command_import_only_from_layers_below() {
    check_layers("typeser-cli");
}

#[test]
fn neither_files_nor_folders_of_the_library_import_each_other_in_a_circle() {
    check_circles("typeser");
}

#[test]
fn neither_files_nor_folders_of_the_state_layer_import_each_other_in_a_circle() {
    check_circles("typeser-state");
}

#[test]
fn neither_files_nor_folders_of_the_derive_import_each_other_in_a_circle() {
    check_circles("typeser-derive");
}

#[test]
fn neither_files_nor_folders_of_the_command_import_each_other_in_a_circle() {
    check_circles("typeser-cli");
}

fn read(krate: &str) -> Crate {
    let read = Crate::read(&root().join(krate).join("src"));
    assert_eq!(read.unreached, Vec::<String>::new(), "files of `{krate}` that no `mod` declaration reaches");
    assert!(read.imports.len() > 10, "the test sees the imports of `{krate}`: {:?}", read.imports);
    read
}

fn check_layers(krate: &str) {
    let read = read(krate);
    let layers = documented_layers(krate);
    let modules: BTreeSet<String> = read.files.iter().filter_map(|file| module_in("", file)).collect();
    let documented: BTreeSet<String> = layers.iter().cloned().collect();
    assert_eq!(modules, documented, "the modules of `{krate}` and those in the table of ARCHITECTURE.md");
    let upward: Vec<String> = read.imports.iter().filter_map(|import| upward(&layers, import)).collect();
    assert!(upward.is_empty(), "imports of `{krate}` from a layer above:\n{}", upward.join("\n"));
}

/// The modules of a crate as ARCHITECTURE.md lists them, lowest first: each imports only from those before it.
fn documented_layers(krate: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = page.split(&format!("\n### `{krate}`\n")).nth(1).unwrap_or_else(|| panic!("a table of `{krate}`"));
    let table = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = table.skip(2).filter_map(|row| row.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(|name| name.trim_end_matches('/').to_owned())
        .collect()
}

/// What an import from a higher layer does.
fn upward(layers: &[String], import: &FileImport) -> Option<String> {
    let (from, to) = (module_in("", &import.from)?, module_in("", &import.to)?);
    let layer = |module: &str| layers.iter().position(|name| name == module);
    (layer(&from)? < layer(&to)?).then(|| format!("{import}, and the layer of `{from}` is below that of `{to}`"))
}

fn check_circles(krate: &str) {
    let read = read(krate);
    let mut found = String::new();
    for folder in read.folders() {
        for circle in circles(&read.imports, |file| module_in(&folder, file)) {
            describe(&mut found, &format!("modules in {krate}/src/{folder}"), &circle);
        }
    }
    for circle in circles(&read.imports, |file| Some(file.to_owned())) {
        describe(&mut found, &format!("files of {krate}/src"), &circle);
    }
    assert!(found.is_empty(), "imports in circles:\n{found}");
}

fn describe(found: &mut String, what: &str, circle: &[FileImport]) {
    writeln!(found, "{what}:").unwrap();
    for import in circle {
        writeln!(found, "    {import}").unwrap();
    }
}
