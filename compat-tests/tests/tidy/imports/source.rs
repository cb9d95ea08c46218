//! The modules of a crate, read from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, Field, File, ImplItem, Item, ItemUse, Meta, Stmt, UseTree, Visibility};

use super::Code;
use crate::files::rust_files;

/// The modules of a crate; the first is its root.
pub(super) struct Source {
    pub(super) modules: Vec<Module>,
    pub(super) unreached: Vec<String>,
}

/// A module: a file, or braces inside of one.
pub(super) struct Module {
    /// The file that it is in, relative to `src/`.
    pub(super) file: String,
    pub(super) parent: Option<usize>,
    /// What is defined in it; a module and a function can have the same name.
    pub(super) definitions: BTreeMap<String, BTreeSet<Definition>>,
    pub(super) imports: Vec<Import>,
    pub(super) code: Code,
    /// Another name of the crate itself: `extern crate self as name`.
    pub(super) crate_name: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Definition {
    Module(usize),
    Item,
}

/// One leaf of a `use` item.
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// The name that it brings, or `None` for `*`.
    pub(super) name: Option<String>,
    pub(super) line: usize,
}

/// The product code of a file: without what is compiled for tests only.
pub(crate) fn parse(file: &Path) -> File {
    let text = fs::read_to_string(file).unwrap();
    let mut parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    WithoutTests.visit_file_mut(&mut parsed);
    parsed
}

pub(super) fn read_modules(src: &Path) -> Source {
    let root = if src.join("lib.rs").exists() { "lib.rs" } else { "main.rs" };
    let mut reading = Reading { src, modules: Vec::new(), test_files: BTreeSet::new() };
    reading.read_file(root, "", None);
    let read: BTreeSet<&str> = reading.modules.iter().map(|module| module.file.as_str()).collect();
    let unreached = rust_files(src)
        .iter()
        .map(|file| file.strip_prefix(src).unwrap().to_str().unwrap().replace('\\', "/"))
        .filter(|file| !read.contains(file.as_str()))
        .filter(|file| !reading.test_files.iter().any(|test| file == test || file.starts_with(&folder_of(test))))
        .collect();
    Source { modules: reading.modules, unreached }
}

/// The folder of a file's modules, with `/` at its end.
fn folder_of(file: &str) -> String {
    match file.strip_suffix("mod.rs") {
        Some(folder) => folder.to_owned(),
        None if matches!(file, "lib.rs" | "main.rs") => String::new(),
        None => format!("{}/", file.trim_end_matches(".rs")),
    }
}

struct Reading<'a> {
    src: &'a Path,
    modules: Vec<Module>,
    /// Files of modules that are compiled for tests only.
    test_files: BTreeSet<String>,
}

impl Reading<'_> {
    fn read_file(&mut self, file: &str, folder: &str, parent: Option<usize>) -> usize {
        let text = fs::read_to_string(self.src.join(file)).unwrap();
        for item in syn::parse_file(&text).unwrap().items {
            if let Item::Mod(module) = item
                && module.content.is_none()
                && for_tests_only(&module.attrs)
            {
                self.test_files.insert(self.file_of(folder, &module.ident.to_string()));
            }
        }
        let items = parse(&self.src.join(file)).items;
        self.read_module(file, folder, parent, items)
    }

    fn read_module(&mut self, file: &str, folder: &str, parent: Option<usize>, items: Vec<Item>) -> usize {
        let at = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            definitions: BTreeMap::new(),
            imports: Vec::new(),
            code: Code::default(),
            crate_name: None,
        });
        for mut item in items {
            let mut imports = Imports(Vec::new());
            imports.visit_item_mut(&mut item);
            self.modules[at].imports.append(&mut imports.0);
            match item {
                Item::Use(_) => {}
                Item::ExternCrate(this) if this.ident == "self" => {
                    self.modules[at].crate_name = this.rename.map(|(_, name)| name.to_string());
                }
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    let inner = match module.content {
                        Some((_, items)) => self.read_module(file, &format!("{folder}{name}/"), Some(at), items),
                        None => {
                            let inner = self.file_of(folder, &name);
                            self.read_file(&inner, &folder_of(&inner), Some(at))
                        }
                    };
                    self.define(at, name, Definition::Module(inner));
                }
                item => {
                    if let Some(name) = name_of(&item) {
                        self.define(at, name, Definition::Item);
                    }
                    self.modules[at].code.add(item.to_token_stream());
                }
            }
        }
        at
    }

    fn define(&mut self, at: usize, name: String, definition: Definition) {
        self.modules[at].definitions.entry(name).or_default().insert(definition);
    }

    fn file_of(&self, folder: &str, name: &str) -> String {
        let flat = format!("{folder}{name}.rs");
        if self.src.join(&flat).exists() { flat } else { format!("{folder}{name}/mod.rs") }
    }
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Collects the imports of an item, also those in the bodies of its functions, and takes the latter out. Modules in
/// braces have separate imports.
struct Imports(Vec<Import>);

impl VisitMut for Imports {
    fn visit_item_mod_mut(&mut self, _: &mut syn::ItemMod) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        syn::visit_mut::visit_block_mut(self, block);
        block.stmts.retain(|statement| !matches!(statement, Stmt::Item(Item::Use(_))));
    }

    fn visit_item_use_mut(&mut self, item: &mut ItemUse) {
        if item.leading_colon.is_none() {
            self.add(&[], &item.tree);
        }
    }
}

impl Imports {
    fn add(&mut self, before: &[String], tree: &UseTree) {
        let with = |last: &syn::Ident| before.iter().cloned().chain([last.to_string()]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.add(&with(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => {
                self.leaf(before.to_vec(), before.last().cloned(), &name.ident)
            }
            UseTree::Name(name) => self.leaf(with(&name.ident), Some(name.ident.to_string()), &name.ident),
            UseTree::Rename(name) if name.ident == "self" => {
                self.leaf(before.to_vec(), Some(name.rename.to_string()), &name.ident);
            }
            UseTree::Rename(name) => self.leaf(with(&name.ident), Some(name.rename.to_string()), &name.ident),
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.0.push(Import { path: before.to_vec(), name: None, line });
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(before, tree)),
        }
    }

    fn leaf(&mut self, path: Vec<String>, name: Option<String>, ident: &syn::Ident) {
        self.0.push(Import { path, name, line: ident.span().start().line });
    }
}

/// Takes out what is compiled for tests only, and who may see an item: `pub(in path)` uses nothing of `path`.
struct WithoutTests;

impl VisitMut for WithoutTests {
    fn visit_visibility_mut(&mut self, visibility: &mut Visibility) {
        if matches!(visibility, Visibility::Restricted(_)) {
            *visibility = Visibility::Inherited;
        }
    }

    fn visit_file_mut(&mut self, file: &mut File) {
        file.items.retain(|item| !for_tests_only(attributes(item)));
        syn::visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !for_tests_only(attributes(item)));
        }
        syn::visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        item.items.retain(|item| match item {
            ImplItem::Const(item) => !for_tests_only(&item.attrs),
            ImplItem::Fn(item) => !for_tests_only(&item.attrs),
            ImplItem::Type(item) => !for_tests_only(&item.attrs),
            _ => true,
        });
        syn::visit_mut::visit_item_impl_mut(self, item);
    }

    fn visit_fields_named_mut(&mut self, fields: &mut syn::FieldsNamed) {
        let all = std::mem::take(&mut fields.named);
        fields.named = all.into_iter().filter(|field: &Field| !for_tests_only(&field.attrs)).collect();
        syn::visit_mut::visit_fields_named_mut(self, fields);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        block.stmts.retain(|statement| match statement {
            Stmt::Local(local) => !for_tests_only(&local.attrs),
            Stmt::Item(item) => !for_tests_only(attributes(item)),
            Stmt::Macro(call) => !for_tests_only(&call.attrs),
            Stmt::Expr(..) => true,
        });
        syn::visit_mut::visit_block_mut(self, block);
    }
}

/// Whether `#[cfg(test)]` or a condition that needs `test` is among the attributes.
fn for_tests_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition: String = list.tokens.to_string().split_whitespace().collect();
            condition == "test" || (condition.starts_with("all(") && condition[4..].split(['(', ',', ')']).any(is_test))
        }
        _ => false,
    })
}

fn is_test(word: &str) -> bool {
    word == "test" || word == "doctest"
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
