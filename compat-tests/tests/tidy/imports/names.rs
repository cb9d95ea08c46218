//! Where the names that a module uses are defined.

use std::collections::BTreeSet;

use super::source::{Definition, Module};

/// A use of a name that the crate defines.
pub(super) struct Use {
    /// The path as the source has it.
    pub(super) path: String,
    pub(super) line: usize,
    /// The module that defines what the path names.
    pub(super) defined_in: usize,
}

/// What the module at `at` uses, its own definitions included.
pub(super) fn uses(modules: &[Module], at: usize) -> Vec<Use> {
    let names = Names { modules };
    let module = &modules[at];
    let mut uses = Vec::new();
    for import in &module.imports {
        for target in names.resolve(at, &import.path, &mut Vec::new()) {
            let path = import.path.join("::");
            match (target, &import.name) {
                // A facade: modules hand out what those below them define.
                (Target::Item(defined_in), Some(name)) if names.is_inside(defined_in, at) => {
                    if module.code.words.contains(name) {
                        uses.push(Use { path, line: import.line, defined_in });
                    }
                }
                (Target::Item(defined_in), _) => uses.push(Use { path, line: import.line, defined_in }),
                (Target::Module(from), None) => {
                    for word in &module.code.words {
                        for found in names.look_up(from, word, &mut Vec::new()) {
                            if let Target::Item(defined_in) = found {
                                uses.push(Use { path: format!("{path}::{word}"), line: import.line, defined_in });
                            }
                        }
                    }
                }
                // What is used of a module is seen where it is used.
                (Target::Module(_), Some(_)) => {}
            }
        }
    }
    for (path, line) in &module.code.paths {
        for target in names.resolve(at, path, &mut Vec::new()) {
            if let Target::Item(defined_in) = target {
                uses.push(Use { path: path.join("::"), line: *line, defined_in });
            }
        }
    }
    uses
}

/// What a path names: a module, or an item that a module defines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(usize),
    Item(usize),
}

struct Names<'a> {
    modules: &'a [Module],
}

impl Names<'_> {
    /// What a path means in a module; nothing if it leads to another crate. `open` holds the names that are being
    /// looked up: an import can name itself, as `use resolve::resolve` does.
    fn resolve(&self, from: usize, path: &[String], open: &mut Vec<(usize, String)>) -> BTreeSet<Target> {
        let mut rest = path.iter();
        let Some(first) = rest.next() else {
            return BTreeSet::new();
        };
        let mut found = match first.as_str() {
            "crate" => BTreeSet::from([Target::Module(0)]),
            "self" => BTreeSet::from([Target::Module(from)]),
            "super" => self.parent(from),
            name if self.modules[0].crate_name.as_deref() == Some(name) => BTreeSet::from([Target::Module(0)]),
            name => self.look_up(from, name, open),
        };
        for segment in rest {
            let modules: Vec<usize> = found
                .iter()
                .filter_map(|target| match target {
                    Target::Module(module) => Some(*module),
                    Target::Item(_) => None,
                })
                .collect();
            // A path that goes on behind an item names a part of it: a variant, an associated function.
            if modules.is_empty() {
                return found;
            }
            found = BTreeSet::new();
            for module in modules {
                if segment == "super" {
                    found.extend(self.parent(module));
                    continue;
                }
                let inside = self.look_up(module, segment, open);
                // A name that is neither defined nor imported is made by a macro of the module.
                if inside.is_empty() && !self.imports(module, segment) {
                    found.insert(Target::Item(module));
                }
                found.extend(inside);
            }
        }
        found
    }

    fn look_up(&self, module: usize, name: &str, open: &mut Vec<(usize, String)>) -> BTreeSet<Target> {
        let mut found = BTreeSet::new();
        for definition in self.modules[module].definitions.get(name).into_iter().flatten() {
            found.insert(match definition {
                Definition::Module(inner) => Target::Module(*inner),
                Definition::Item => Target::Item(module),
            });
        }
        let looking = (module, name.to_owned());
        if open.contains(&looking) {
            return found;
        }
        open.push(looking);
        for import in &self.modules[module].imports {
            match &import.name {
                Some(imported) if imported == name => found.extend(self.resolve(module, &import.path, open)),
                Some(_) => {}
                None => {
                    for target in self.resolve(module, &import.path, open) {
                        if let Target::Module(inner) = target {
                            found.extend(self.look_up(inner, name, open));
                        }
                    }
                }
            }
        }
        open.pop();
        found
    }

    fn imports(&self, module: usize, name: &str) -> bool {
        self.modules[module].imports.iter().any(|import| import.name.as_deref() == Some(name))
    }

    fn parent(&self, module: usize) -> BTreeSet<Target> {
        self.modules[module].parent.map(Target::Module).into_iter().collect()
    }

    fn is_inside(&self, module: usize, outer: usize) -> bool {
        let mut at = Some(module);
        while let Some(inner) = at {
            if inner == outer {
                return true;
            }
            at = self.modules[inner].parent;
        }
        false
    }
}
