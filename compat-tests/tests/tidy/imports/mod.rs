//! The imports of a crate, read from its source: which file uses what another file defines.
//!
//! A re-export in `mod.rs` is not an import: a file that uses the name imports from the file that defines it. Calls of
//! methods are not seen, because the types of their receivers are not known here.

mod circles;
mod code;
mod names;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

pub(crate) use circles::circles;
pub(crate) use code::Code;
use names::uses;
pub(crate) use source::parse;
use source::read_modules;

/// The files of one crate and what they import from each other.
pub(crate) struct Crate {
    /// The files of the product, relative to `src/`, with `/` between folders.
    pub(crate) files: BTreeSet<String>,
    /// One import for each two files, in order.
    pub(crate) imports: Vec<FileImport>,
    /// Files below `src/` that no `mod` declaration reaches.
    pub(crate) unreached: Vec<String>,
}

/// One import: `from` uses what `to` defines.
#[derive(Debug, Clone)]
pub(crate) struct FileImport {
    pub(crate) from: String,
    pub(crate) line: usize,
    /// The path as the source has it.
    pub(crate) path: String,
    pub(crate) to: String,
}

impl fmt::Display for FileImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} uses `{}`, defined in {}", self.from, self.line, self.path, self.to)
    }
}

impl Crate {
    /// Reads every file below `src` that belongs to the product.
    pub(crate) fn read(src: &Path) -> Self {
        let source = read_modules(src);
        let mut imports = BTreeMap::new();
        for at in 0..source.modules.len() {
            let from = &source.modules[at].file;
            for used in uses(&source.modules, at) {
                let to = &source.modules[used.defined_in].file;
                if to != from {
                    let import = FileImport { from: from.clone(), line: used.line, path: used.path, to: to.clone() };
                    imports.entry((from.clone(), to.clone())).or_insert(import);
                }
            }
        }
        let files = source.modules.iter().map(|module| module.file.clone()).collect();
        Self { files, imports: imports.into_values().collect(), unreached: source.unreached }
    }

    /// The folders of the crate; `""` is `src/` itself.
    pub(crate) fn folders(&self) -> BTreeSet<String> {
        let mut folders = BTreeSet::from([String::new()]);
        for file in &self.files {
            folders.extend(file.match_indices('/').map(|(at, _)| file[..at].to_owned()));
        }
        folders
    }
}

/// The module directly inside of `folder` that a file belongs to: a folder, or a file with its folder if it has one.
///
/// The file of `folder` itself, `mod.rs`, belongs to none, and so do `lib.rs` and `main.rs`.
pub(crate) fn module_in(folder: &str, file: &str) -> Option<String> {
    let inside = if folder.is_empty() { file } else { file.strip_prefix(folder)?.strip_prefix('/')? };
    let module = inside.split('/').next()?;
    let module = module.strip_suffix(".rs").unwrap_or(module);
    (!matches!(module, "mod" | "lib" | "main")).then(|| module.to_owned())
}
