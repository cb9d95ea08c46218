//! Fixes as text, and as lines of Rust or of a shell.

use super::{Fix, InjectiveMigration, Kept, Migrate, MigrateBecause, StoredType};
use crate::resolve::as_rust::{begin_of, primitive, quoted, written};
use crate::resolve::role::Role;

impl Fix {
    /// What it does, as an imperative.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Alias { site, former, name, .. } => match (site.variant, site.field) {
                (None, None) => format!("if `{former}` was renamed to `{name}`, declare it"),
                _ => format!("if you renamed `{former}` to `{name}`, declare it"),
            },
            Self::RemoveField { field, aliased: false, .. } => {
                format!("declare that the stored values of `{field}` are dropped")
            }
            Self::RemoveField { field, aliased: true, .. } => {
                format!("take `{field}` out of the alias and declare that its stored values are dropped")
            }
            Self::ReplaceVariant { variant, drops_payload, .. } => {
                let drops = if *drops_payload { "; their payload is dropped" } else { "" };
                format!("declare what stored values of `{variant}` become{drops}")
            }
            Self::Default { .. } => String::from("declare a default"),
            Self::Optional { field, .. } => format!("make `{field}` an `Option`: it becomes `None`"),
            Self::NoneValue { more, .. } => {
                let others: Vec<String> = more.iter().map(|other| format!(", and for `{}`", other.field)).collect();
                format!("declare what a stored `None` becomes{}", others.concat())
            }
            Self::Convert { from, more, .. } => {
                let others: Vec<String> = more.iter().map(|other| format!(", and one for `{}`", other.field)).collect();
                format!("or declare a function that converts a stored `{}`{}", from.name, others.concat())
            }
            Self::Injective { function, .. } | Self::InjectiveWhole { function, .. } => {
                format!(
                    "if `{}` makes different values of different ones, declare that it is injective",
                    path(function)
                )
            }
            Self::InjectiveMigration(promise) => promise.text(),
            Self::KeepField { field, declaration: None, .. } => format!("keep the field `{field}`"),
            Self::KeepField { field, declaration: Some(_), .. } => {
                format!("keep the field `{field}`, with a default for the variants that had none")
            }
            Self::KeepVariant { variant, .. } => format!("keep the variant `{variant}`"),
            Self::KeepType { kept, .. } => kept.text(),
            Self::KeepWhole { name, role, integers: None } => format!("keep the stored type `{name}` for the {role}"),
            Self::KeepWhole { name, role, integers: Some(integers) } => {
                format!("keep the stored type `{name}` with {integers} integers for the {role}")
            }
            Self::Widen { .. } => String::from("use a type that holds every stored value"),
            Self::Was { from, .. } => format!(
                "if a stored `{}` means the same, declare it: the bytes are equal, and nothing is rewritten",
                from.name
            ),
            Self::EarlierType { from } => format!(
                "if a stored `{}` means the same, declare it on the serializer of the state: the bytes are equal, and \
                 nothing is rewritten",
                from.name
            ),
            Self::ConvertWhole { from, injective, rekey } => format!(
                "or declare a function on the serializer of the state that converts a stored `{}`{}{}",
                from.name,
                if *injective { " and keeps different ones different" } else { "" },
                if *rekey { ", then re-key the savepoint" } else { "" },
            ),
            Self::NoneValueOfWhole => {
                String::from("declare what a stored `None` becomes, on the serializer of the state")
            }
            Self::Migrate(migrate) => match migrate.because {
                MigrateBecause::Kind => {
                    let name = written(&migrate.name);
                    format!("if stored values become `{name}`, declare a function that converts them")
                }
                MigrateBecause::Fields => {
                    format!(
                        "if new fields hold what removed ones held, declare a function from version {}",
                        migrate.from
                    )
                }
                MigrateBecause::Merge => {
                    String::from("declare a function that makes the new value of the whole stored one")
                }
            },
            Self::MigrateOlder { from, next, .. } => {
                format!("declare a function from version {from} to version {next}")
            }
            Self::ReadStoredLayout { .. } => {
                String::from("let the function take a type with exactly the stored layout")
            }
            Self::ReadAnyLayout { .. } => String::from("or let it take any stored value"),
            Self::Transparent { name, .. } => format!("declare that `{name}` is stored as its field"),
            Self::OtherName { name, .. } => {
                format!("choose another name; with `{name}` as an alias, data that holds it is read as well")
            }
            Self::LeafFunction { from, .. } => {
                format!("declare a function in the serializer that reads version {from}")
            }
            Self::LeafReads { versions, again: true, .. } => {
                format!("read version {} for as long as its bytes may exist", listed(versions))
            }
            Self::LeafReads { versions, again: false, .. } => {
                format!("or, if `read` also reads the bytes of version {}", listed(versions))
            }
            Self::Rekey { promises, .. } if !promises.is_empty() => {
                let promises: Vec<String> = promises.iter().map(Self::text).collect();
                format!("{}; then re-key the savepoint offline, and restore from the result", promises.join("; "))
            }
            Self::Rekey { same_bytes: true, .. } => {
                String::from("re-key the savepoint offline; the bytes are equal, so only metadata is rewritten")
            }
            Self::Rekey { same_bytes: false, .. } => {
                String::from("re-key the savepoint offline, then restore from the result")
            }
            Self::OtherUid => String::from("start empty: give the operator another uid"),
            Self::NewerRelease => String::from("start the release that wrote this state again, or one after it"),
            Self::EarlierState => String::from("or restore state that was written before the upgrade"),
            Self::ReadDownwards => String::from(
                "or let this release read it downwards, with `Policy { downwards: true, ..Policy::default() }`; what the \
                 newer release added is left out",
            ),
            Self::Advice(text) => text.clone(),
        }
    }

    /// What to type, if there is something to type. `..` is for the reader to fill in, and does not compile.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        Some(match self {
            Self::Alias { former, declaration, .. } => {
                format!("#[state(alias = {})]\n{declaration}", quoted(former))
            }
            Self::RemoveField { owner, field, .. } => {
                format!("#[state(removed({}))]\n{}", quoted(field), begin_of(owner))
            }
            Self::ReplaceVariant { owner, variant, .. } => {
                format!("#[state(removed({}, becomes = ..))]\nenum {} {{ .. }}", quoted(variant), written(owner))
            }
            Self::Default { declaration, .. } | Self::KeepField { declaration: Some(declaration), .. } => {
                format!("#[state(default)]\n{declaration}")
            }
            Self::NoneValue { declaration, more, .. } => {
                let declarations = more.iter().map(|other| &other.declaration);
                let fields = std::iter::once(declaration).chain(declarations);
                fields.map(|declaration| format!("#[state(none = ..)]\n{declaration}")).collect::<Vec<_>>().join("\n")
            }
            Self::Convert { declaration, from, more, .. } => {
                let others = more.iter().map(|other| (&other.declaration, &other.from));
                converted(std::iter::once((declaration, from)).chain(others))
            }
            Self::Injective { declaration, function, from, .. } => {
                let function = written(path(function));
                format!("#[state(convert({}, with = {function}, injective))]\n{declaration}", from.name)
            }
            Self::InjectiveMigration(promise) => promise.code(),
            Self::Widen { to } => String::from(primitive(*to)),
            Self::Was { name, word, from, .. } => {
                from.before(&format!("#[state(was = {})]\n{word} {} {{ .. }}", from.name, written(name)))
            }
            Self::EarlierType { from } => {
                from.before(&format!("Serializer::new()?.with_earlier_type::<{}>()?", from.name))
            }
            Self::ConvertWhole { from, injective, .. } => {
                let method = if *injective { "with_injective_conversion" } else { "with_conversion" };
                from.before(&format!("Serializer::new()?.{method}(\"..\", |old: {}| ..)?", from.name))
            }
            Self::InjectiveWhole { function, from } => from.before(&format!(
                "Serializer::new()?.with_injective_conversion({}, |old: {}| ..)?",
                quoted(function),
                from.name
            )),
            Self::NoneValueOfWhole => String::from("Serializer::new()?.with_none_value(&..)?"),
            Self::Migrate(migrate) => migrate.code(),
            Self::MigrateOlder { from, next, version, .. } => {
                format!("#[state(version = {version}, migrate({from} => .., {next} => ..))]")
            }
            Self::ReadStoredLayout { from, name, word, .. } => {
                let version = if *from == 1 { String::new() } else { format!(", version = {from}") };
                format!("#[state(name = \"{name}\"{version})]\n{word} {name}V{from} {{ .. }}")
            }
            Self::ReadAnyLayout { .. } => String::from("fn migrate(old: typeser::value::Value) -> Result<Self, ..>"),
            Self::Transparent { name, .. } => format!("#[state(transparent)]\nstruct {}(..);", written(name)),
            Self::OtherName { name, declaration, needs_default, .. } => {
                let default = if *needs_default { ", default" } else { "" };
                format!("#[state(name = .., alias = {}{default})]\n{declaration}", quoted(name))
            }
            Self::LeafFunction { from, .. } => format!(
                "const MIGRATES: &'static [OldVersion<..>] = &[OldVersion {{ version: {from}, read: .. }}];\n\
                 // or, where serde stores it: serde(.., migrate({from} => ..))"
            ),
            Self::LeafReads { versions, again, .. } => {
                let others = if *again { ", .." } else { "" };
                format!("const READS: &'static [u32] = &[{}{others}];", listed(versions))
            }
            Self::Rekey { role: Role::Key, promises, .. } => {
                let promises = promises.iter().filter_map(Self::code);
                let command =
                    String::from("typeser rekey SAVEPOINT --operator UID --to KEY.json --output NEW-SAVEPOINT");
                promises.chain([command]).collect::<Vec<_>>().join("\n\n")
            }
            Self::Optional { .. }
            | Self::KeepField { declaration: None, .. }
            | Self::KeepVariant { .. }
            | Self::KeepType { .. }
            | Self::KeepWhole { .. }
            | Self::Rekey { .. }
            | Self::OtherUid
            | Self::NewerRelease
            | Self::EarlierState
            | Self::ReadDownwards
            | Self::Advice(_) => return None,
        })
    }
}

/// Fields with the stored types that functions convert, after the declarations that keep those types.
fn converted<'a>(fields: impl Iterator<Item = (&'a String, &'a StoredType)>) -> String {
    let (mut kept, mut lines) = (Vec::<&str>::new(), Vec::new());
    for (declaration, from) in fields {
        for line in &from.kept {
            if !kept.contains(&line.as_str()) {
                kept.push(line);
            }
        }
        lines.push(format!("#[state(convert({}, with = ..))]\n{declaration}", from.name));
    }
    let kept = if kept.is_empty() { String::new() } else { kept.join("\n") + "\n\n" };
    kept + &lines.join("\n")
}

impl StoredType {
    /// Code that names the type, after the declarations that keep it.
    fn before(&self, code: &str) -> String {
        self.kept.iter().map(|kept| format!("{kept}\n")).chain([code.to_owned()]).collect::<Vec<_>>().join("\n")
    }
}

impl Kept {
    fn text(&self) -> String {
        match self {
            Self::Type(name) => format!("keep `{name}`"),
            Self::Here(name) => format!("keep `{name}` here"),
            Self::Beside(name) => format!("keep `{name}`, and add a new field beside it"),
            Self::Wrapping(name) => format!("keep the stored type `{name}`"),
            Self::Newtype(name) => format!("keep the newtype `{name}`"),
            Self::Version { version, name } => format!("keep version {version} of `{name}`"),
            Self::VersionForKeys(version) => format!("keep version {version} for keys"),
            Self::AsRule(text) => String::from(*text),
        }
    }
}

impl Migrate {
    fn code(&self) -> String {
        let Self { from, version, alias, word, kept, takes, has_others, .. } = self;
        let name = written(&self.name);
        let alias = alias.as_ref().map(|alias| format!("alias = {}, ", quoted(alias))).unwrap_or_default();
        let others = if *has_others { ".., " } else { "" };
        let kept = kept.as_ref().map(|kept| format!("{kept}\n\n")).unwrap_or_default();
        let function = match self.because {
            MigrateBecause::Kind | MigrateBecause::Fields => "from_stored",
            MigrateBecause::Merge => "merged",
        };
        format!(
            "#[state({alias}version = {version}, migrate({others}{from} => {function}))]\n{word} {name} {{ .. }}\n\n\
             {kept}fn {function}(old: {takes}) -> {name} {{ .. }}"
        )
    }
}

impl InjectiveMigration {
    fn text(&self) -> String {
        let functions: Vec<String> = self.functions.iter().map(|(_, id)| format!("`{}`", path(id))).collect();
        let [make, they] = match self.functions.len() {
            1 => ["makes", "it is"],
            _ => ["make", "they are"],
        };
        let functions = functions.join(" and ");
        format!("if {functions} {make} different values of different ones, declare that {they} injective")
    }

    fn code(&self) -> String {
        let functions = self.functions.iter();
        let mut functions: Vec<String> =
            functions.map(|(from, id)| format!("{from} => {}, injective", written(path(id)))).collect();
        if self.has_others {
            functions.insert(0, String::from(".."));
        }
        let Self { word, version, .. } = self;
        let functions = functions.join(", ");
        format!("#[state(version = {version}, migrate({functions}))]\n{word} {} {{ .. }}", written(&self.name))
    }
}

/// The path of a function by its id, which is the place and the path: `Order.id: spelled`.
fn path(id: &str) -> &str {
    id.rsplit(": ").next().unwrap_or(id)
}

/// `1, 2`
fn listed(versions: &[u32]) -> String {
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
