//! Searches sources for types that derive `StateType`, so that none is forgotten.
//!
//! It reads text, not types: what a macro makes is not seen, and neither is a derive under another name. What is only
//! compiled for tests is left out.

mod lexer;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lexer::{Kind, Token, tokens};

/// A type that derives `StateType`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The declared name.
    pub(super) name: String,
    /// The Rust identifier.
    pub(super) ident: String,
    /// Whether it is declared to be a key.
    pub(super) is_key: bool,
    /// Whether it is an enum.
    pub(super) is_enum: bool,
    pub(super) file: PathBuf,
    pub(super) line: usize,
}

/// Why sources could not be read: where, and the words of the system.
pub(super) struct Unreadable {
    pub(super) path: PathBuf,
    pub(super) reason: String,
}

/// All types below a folder, or in a file, that derive `StateType` and whose stored name can be known.
pub(super) fn scan(sources: &Path) -> Result<Vec<Found>, Unreadable> {
    let mut files = BTreeSet::new();
    let mut open = vec![sources.to_owned()];
    while let Some(path) = open.pop() {
        let failed = |error: std::io::Error| Unreadable { path: path.clone(), reason: error.to_string() };
        if std::fs::metadata(&path).map_err(failed)?.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
                    open.push(path);
                }
            }
        } else {
            files.insert(path);
        }
    }
    let (mut found, mut only_for_tests) = (Vec::new(), BTreeSet::new());
    for file in files {
        let failed = |error: std::io::Error| Unreadable { path: file.clone(), reason: error.to_string() };
        let source = std::fs::read_to_string(&file).map_err(failed)?;
        let mut reading = Reading { tokens: &tokens(&source), file: &file, found: Vec::new(), tests: Vec::new() };
        reading.run();
        found.append(&mut reading.found);
        let folder = folder_of_modules(&file);
        for module in reading.tests {
            only_for_tests.insert(folder.join(format!("{module}.rs")));
            only_for_tests.insert(folder.join(module));
        }
    }
    found.retain(|found| !only_for_tests.iter().any(|path| found.file.starts_with(path)));
    Ok(found)
}

/// Where the modules that a file declares are.
fn folder_of_modules(file: &Path) -> PathBuf {
    let is_root = file.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs" || name == "main.rs");
    match file.parent() {
        Some(folder) if is_root => folder.to_owned(),
        _ => file.with_extension(""),
    }
}

struct Reading<'a> {
    tokens: &'a [Token<'a>],
    file: &'a Path,
    found: Vec<Found>,
    /// Modules in separate files that are compiled for tests only.
    tests: Vec<&'a str>,
}

/// What the attributes before an item say.
#[derive(Default)]
struct Attributes {
    derives: bool,
    is_test: bool,
    /// Whether its layout is that of another type, or its name is given elsewhere.
    is_nameless: bool,
    is_key: bool,
    name: Option<String>,
}

impl<'a> Reading<'a> {
    fn run(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let mut attributes = Attributes::default();
            let begin = at;
            while self.is_sign(at, '#') && self.is_sign(at + 1, '[') {
                let end = self.behind_group(at + 1);
                attributes.read(&self.tokens[at + 2..end.saturating_sub(1).max(at + 2)]);
                at = end;
            }
            if at == begin {
                at += 1;
                continue;
            }
            if attributes.is_test {
                at = self.behind_item(at);
            } else if attributes.derives {
                self.item(at, attributes);
            }
        }
    }

    fn kind(&self, at: usize) -> Option<&'a Kind<'a>> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn is_sign(&self, at: usize, sign: char) -> bool {
        self.kind(at) == Some(&Kind::Sign(sign))
    }

    /// The place behind the bracket that closes the one here.
    fn behind_group(&self, at: usize) -> usize {
        let mut depth = 0usize;
        for (place, token) in self.tokens.iter().enumerate().skip(at) {
            match token.kind {
                Kind::Sign('(' | '[' | '{') => depth += 1,
                Kind::Sign(')' | ']' | '}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return place + 1;
                    }
                }
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// The place behind an item that is compiled for tests only: behind its block or its semicolon.
    fn behind_item(&mut self, begin: usize) -> usize {
        if let (Some(Kind::Word("mod")), Some(Kind::Word(name))) = (self.kind(begin), self.kind(begin + 1))
            && self.is_sign(begin + 2, ';')
        {
            self.tests.push(name);
        }
        let mut at = begin;
        while let Some(kind) = self.kind(at) {
            match kind {
                Kind::Sign('{') => return self.behind_group(at),
                Kind::Sign('(' | '[') => at = self.behind_group(at),
                Kind::Sign(';') => return at + 1,
                _ => at += 1,
            }
        }
        at
    }

    fn item(&mut self, begin: usize, attributes: Attributes) {
        let mut at = begin;
        if self.kind(at) == Some(&Kind::Word("pub")) {
            at += 1;
            if self.is_sign(at, '(') {
                at = self.behind_group(at);
            }
        }
        let is_enum = match self.kind(at) {
            Some(Kind::Word("struct")) => false,
            Some(Kind::Word("enum")) => true,
            _ => return,
        };
        let (Some(Kind::Word(ident)), false) = (self.kind(at + 1), attributes.is_nameless) else { return };
        self.found.push(Found {
            name: attributes.name.unwrap_or_else(|| (*ident).to_owned()),
            ident: (*ident).to_owned(),
            is_key: attributes.is_key,
            is_enum,
            file: self.file.to_owned(),
            line: self.tokens[at + 1].line,
        });
    }
}

impl Attributes {
    /// Reads the contents of an attribute.
    fn read(&mut self, tokens: &[Token<'_>]) {
        let kinds: Vec<&Kind<'_>> = tokens.iter().map(|token| &token.kind).collect();
        let has = |word: &str| kinds.contains(&&Kind::Word(word));
        match kinds.first() {
            Some(Kind::Word("derive")) => self.derives |= has("StateType"),
            Some(Kind::Word("cfg_attr")) => {
                self.derives |= has("derive") && has("StateType");
                if has("state") {
                    self.state(&kinds);
                }
            }
            Some(Kind::Word("cfg")) => self.is_test |= has("test") && !has("not"),
            Some(Kind::Word("test")) => self.is_test = true,
            Some(Kind::Word("state")) => self.state(&kinds),
            _ => {}
        }
    }

    fn state(&mut self, kinds: &[&Kind<'_>]) {
        for three in kinds.windows(3) {
            if let [Kind::Word("name"), Kind::Sign('='), Kind::Text(name)] = three {
                self.name = Some(name.clone());
            }
        }
        let has = |word: &str| kinds.contains(&&Kind::Word(word));
        self.is_nameless |= has("transparent") || has("with");
        self.is_key |= has("key");
    }
}
