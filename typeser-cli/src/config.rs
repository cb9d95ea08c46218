//! The settings of a project: `typeser.toml` above the folder that is checked, else above the current folder. Options on
//! the command line take precedence.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};
use typeser::golden::{Pin, Retired};
use typeser::resolve::{Compatibility, Direction, RULES, Role, Rule};
use typeser::text::nearest;

use crate::choices::{
    DirectionChoice, LevelChoice, LossesChoice, PinChoice, Preset, ReachChoice, RoleChoice, VerdictChoice,
};
use crate::declarations;
use crate::output::{Format, Ignored, Levels, ReportFile};

/// The name of the file.
pub(crate) const FILE: &str = "typeser.toml";

/// The settings of a project. What the file does not set is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Config {
    /// The file, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// The folder of goldens.
    pub(crate) golden: Option<PathBuf>,
    /// What the others are, unless they are set.
    pub(crate) preset: Option<Preset>,
    pub(crate) direction: Option<DirectionChoice>,
    pub(crate) reach: Option<ReachChoice>,
    pub(crate) losses: Option<LossesChoice>,
    pub(crate) fail_on: Option<VerdictChoice>,
    pub(crate) format: Option<Format>,
    pub(crate) reports: Vec<ReportFile>,
    pub(crate) pins: Vec<Pin>,
    /// The levels of single rules, and what is ignored.
    pub(crate) levels: Levels,
    /// The oldest release that is supported. Earlier ones are not compared.
    pub(crate) oldest: Option<String>,
    /// Whether it is an error that the types equal those of the last release.
    pub(crate) refuse_identical: Option<bool>,
    /// States that were removed on purpose.
    pub(crate) retired: Vec<Retired>,
    /// Notes for the user on the file itself.
    pub(crate) notes: Vec<String>,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("{} cannot be read: {reason}\nhelp: make it readable, or name another file with `--config FILE`", .file.display())]
    Io {
        file: PathBuf,
        #[source]
        reason: io::Error,
    },
    /// The file is not valid.
    #[error("{}:{line}:{column}: {reason}\nhelp: `typeser guide ci` lists the keys of {FILE}", .file.display())]
    Form { file: PathBuf, line: usize, column: usize, reason: String },
}

impl Config {
    /// The settings in this file, else those in the nearest [`FILE`] in or above `folder`, else those in the nearest one in
    /// or above the current folder, else none.
    pub(crate) fn load(file: Option<&Path>, folder: Option<&Path>) -> Result<Self, ConfigError> {
        let found = || {
            let here = std::env::current_dir().ok()?;
            let of_folder = folder.and_then(|folder| nearest_file(&fs::canonicalize(folder).ok()?));
            Some(as_seen_from(&here, of_folder.or_else(|| nearest_file(&here))?))
        };
        let Some(file) = file.map(Path::to_owned).or_else(found) else { return Ok(Self::default()) };
        let text = fs::read_to_string(&file).map_err(|reason| ConfigError::Io { file: file.clone(), reason })?;
        Self::parse(&file, &text)
    }

    /// The folder of goldens: the one named on the command line, else that of the settings, else `golden`.
    pub(crate) fn golden_folder(named: Option<&OsStr>) -> Result<OsString, ConfigError> {
        named.map_or_else(|| Ok(Self::load(None, None)?.default_golden_folder()), |named| Ok(named.to_owned()))
    }

    /// The folder of goldens in the settings, or `golden`.
    pub(crate) fn default_golden_folder(&self) -> OsString {
        self.golden.as_ref().map_or_else(|| OsString::from("golden"), |folder| folder.clone().into_os_string())
    }

    /// Sets what a preset stands for.
    fn preset(&mut self, preset: Preset) {
        let (direction, fail_on) = match preset {
            Preset::Upgrade => (Direction::Backward, Compatibility::Incompatible),
            Preset::Rollback => (Direction::Full, Compatibility::Incompatible),
            Preset::NoMigration => (Direction::Backward, Compatibility::RequiresMigration),
            Preset::Frozen => (Direction::Full, Compatibility::AfterReconfigure),
        };
        self.preset = Some(preset);
        self.direction = Some(DirectionChoice(direction));
        self.fail_on = Some(VerdictChoice(fail_on));
    }

    fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let at = |(offset, reason): (usize, String)| {
            let before = text.get(..offset).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            ConfigError::Form { file: file.to_owned(), line, column, reason }
        };
        let table = DeTable::parse(text)
            .map_err(|error| at((error.span().map_or(0, |span| span.start), error.message().to_owned())))?;
        let mut config = read(table.get_ref()).map_err(at)?;
        for note in &mut config.notes {
            *note = format!("{}: {note}", file.display());
        }
        // Paths in the file are relative to its folder.
        let folder = file.parent().unwrap_or(Path::new(""));
        config.golden = config.golden.map(|golden| folder.join(golden));
        config.reports.iter_mut().for_each(|report| report.file = folder.join(&report.file));
        config.file = Some(file.to_owned());
        Ok(config)
    }
}

/// The nearest settings file in a folder or above it.
fn nearest_file(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file())
}

/// The path of a file for messages: relative to the current folder if it lies in that folder or directly in one above it.
fn as_seen_from(here: &Path, file: PathBuf) -> PathBuf {
    if let Ok(below) = file.strip_prefix(here) {
        return below.to_owned();
    }
    let above = file.parent().and_then(|folder| here.strip_prefix(folder).ok());
    above.map_or_else(|| file.clone(), |path| path.components().map(|_| "..").collect::<PathBuf>().join(FILE))
}

/// The offset of an error in the text, and the message.
type Wrong = (usize, String);

/// An earlier name of the key `retired`, which is still read.
const RETIRED_BEFORE: &str = "gone";

type Value<'a, 'i> = &'a Spanned<DeValue<'i>>;

fn read(table: &DeTable<'_>) -> Result<Config, Wrong> {
    let mut config = Config::default();
    let known = [
        "golden",
        "preset",
        "direction",
        "reach",
        "losses",
        "fail-on",
        "oldest",
        "refuse-identical",
        "format",
        "reports",
        "levels",
        "pins",
        "ignores",
        "retired",
    ];
    // Each key takes precedence over the preset, wherever it is.
    if let Some(preset) = table.get("preset") {
        config.preset(choice(preset)?);
    }
    for (key, value) in table {
        match &**key.get_ref() {
            "golden" => config.golden = Some(PathBuf::from(string(value)?)),
            "preset" => {}
            "oldest" => config.oldest = Some(string(value)?.to_owned()),
            "refuse-identical" => {
                config.refuse_identical = Some(value.get_ref().as_bool().ok_or_else(|| expected(value, "a boolean"))?);
            }
            "levels" => {
                for (rule, level) in inner(value)? {
                    let id: &str = rule.get_ref();
                    if !is_rule(id) {
                        return Err(no_rule(rule.span().start, id));
                    }
                    config.levels.rules.insert(id.to_owned(), choice::<LevelChoice>(level)?.0);
                }
            }
            "ignores" => config.levels.ignored = array(value)?.iter().map(ignored).collect::<Result<_, _>>()?,
            "direction" => config.direction = Some(choice(value)?),
            "reach" => config.reach = Some(choice(value)?),
            "losses" => config.losses = Some(choice(value)?),
            "fail-on" => config.fail_on = Some(choice(value)?),
            "format" => config.format = Some(choice(value)?),
            "reports" => {
                for report in array(value)? {
                    let parsed = string(report)?.parse();
                    config.reports.push(parsed.map_err(|reason| wrong(report, reason))?);
                }
            }
            "pins" => config.pins = array(value)?.iter().map(pin).collect::<Result<_, _>>()?,
            name @ ("retired" | RETIRED_BEFORE) => {
                let retired: Vec<Retired> = array(value)?.iter().map(retired).collect::<Result<_, _>>()?;
                config.retired.extend(retired);
                if name == RETIRED_BEFORE {
                    config.notes.push(format!("the key `{RETIRED_BEFORE}` is now called `retired`: rename it"));
                }
            }
            other => return Err(unknown(key.span().start, other, &known)),
        }
    }
    Ok(config)
}

fn pin(value: Value<'_, '_>) -> Result<Pin, Wrong> {
    let (mut state, mut role, mut release, mut verdict) = (None, Role::Value, None, None);
    for (key, value) in inner(value)? {
        match &**key.get_ref() {
            "state" => state = Some(string(value)?.to_owned()),
            "role" => role = choice::<RoleChoice>(value)?.0,
            "release" => release = Some(string(value)?.to_owned()),
            "verdict" => verdict = Some(choice::<PinChoice>(value)?.0),
            other => return Err(unknown(key.span().start, other, &["state", "role", "release", "verdict"])),
        }
    }
    let state = state.ok_or_else(|| missing(value, "pin", "state"))?;
    let release = release.ok_or_else(|| missing(value, "pin", "release"))?;
    let compatibility: Compatibility = verdict.ok_or_else(|| missing(value, "pin", "verdict"))?;
    Ok(Pin { state, role, release, compatibility })
}

fn ignored(value: Value<'_, '_>) -> Result<Ignored, Wrong> {
    let (mut rule, mut state, mut path, mut reason) = (None, None, None, None);
    for (key, value) in inner(value)? {
        match &**key.get_ref() {
            "rule" => {
                let id = string(value)?;
                if !is_rule(id) {
                    return Err(no_rule(value.span().start, id));
                }
                rule = Some(id.to_owned());
            }
            "state" => state = Some(string(value)?.to_owned()),
            "path" => path = Some(string(value)?.to_owned()),
            "reason" => reason = Some(string(value)?.to_owned()),
            other => return Err(unknown(key.span().start, other, &["rule", "state", "path", "reason"])),
        }
    }
    let path = path.ok_or_else(|| missing(value, "path to ignore", "path"))?;
    let reason = reason.ok_or_else(|| missing(value, "path to ignore", "reason"))?;
    Ok(Ignored { rule, state, path, reason })
}

/// The kinds of problems whose level can be set, beside the rules.
const KINDS: [&str; 4] = ["state-removed", "function-dropped", "identical", "stale-ignore"];

fn is_rule(id: &str) -> bool {
    Rule::by_id(id).is_some() || KINDS.contains(&id) || declarations::KINDS.contains(&id)
}

fn no_rule(at: usize, id: &str) -> Wrong {
    let known = RULES.iter().map(|rule| rule.id).chain(KINDS).chain(declarations::KINDS);
    let near = nearest(id, known)
        .map_or_else(|| String::from("; `typeser rules` lists all rules"), |near| format!(", did you mean `{near}`?"));
    (at, format!("there is no rule `{}`{near}", id.escape_debug()))
}

fn retired(value: Value<'_, '_>) -> Result<Retired, Wrong> {
    let (mut state, mut reason) = (None, None);
    for (key, value) in inner(value)? {
        match &**key.get_ref() {
            "state" => state = Some(string(value)?.to_owned()),
            "reason" => reason = Some(string(value)?.to_owned()),
            other => return Err(unknown(key.span().start, other, &["state", "reason"])),
        }
    }
    let state = state.ok_or_else(|| missing(value, "retired state", "state"))?;
    let reason = reason.ok_or_else(|| missing(value, "retired state", "reason"))?;
    Ok(Retired { state, reason })
}

fn wrong(value: Value<'_, '_>, reason: String) -> Wrong {
    (value.span().start, reason)
}

fn unknown(at: usize, key: &str, known: &[&str]) -> Wrong {
    let near = nearest(key, known.iter().copied()).map(|near| format!(", did you mean `{near}`?"));
    let known = || format!("; the keys are `{}`", known.join("`, `"));
    (at, format!("there is no key `{}`{}", key.escape_debug(), near.unwrap_or_else(known)))
}

fn missing(value: Value<'_, '_>, what: &str, key: &str) -> Wrong {
    wrong(value, format!("a {what} needs the key `{key}`"))
}

fn expected(value: Value<'_, '_>, what: &str) -> Wrong {
    wrong(value, format!("expected {what}, found {} {}", article(value), value.get_ref().type_str()))
}

fn article(value: Value<'_, '_>) -> &'static str {
    if value.get_ref().type_str().starts_with(['a', 'i']) { "an" } else { "a" }
}

fn string<'a>(value: Value<'a, '_>) -> Result<&'a str, Wrong> {
    value.get_ref().as_str().ok_or_else(|| expected(value, "a string"))
}

fn array<'a, 'i>(value: Value<'a, 'i>) -> Result<&'a DeArray<'i>, Wrong> {
    value.get_ref().as_array().ok_or_else(|| expected(value, "an array"))
}

fn inner<'a, 'i>(value: Value<'a, 'i>) -> Result<&'a DeTable<'i>, Wrong> {
    value.get_ref().as_table().ok_or_else(|| expected(value, "a table"))
}

/// A value that an option of the command line takes too.
fn choice<T: ValueEnum>(value: Value<'_, '_>) -> Result<T, Wrong> {
    let word = string(value)?;
    T::from_str(word, false).map_err(|_| {
        let known: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|choice| Some(choice.to_possible_value()?.get_name().to_owned()))
            .collect();
        let near = nearest(word, known.iter().map(String::as_str)).map(|near| format!(", did you mean `{near}`?"));
        let all = || format!("; the values are `{}`", known.join("`, `"));
        wrong(value, format!("there is no value `{}`{}", word.escape_debug(), near.unwrap_or_else(all)))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say what they mean in their names")]
mod tests {
    use std::path::{Path, PathBuf};

    use typeser::golden::{Pin, Retired};
    use typeser::report::Level;
    use typeser::resolve::{Compatibility, Direction, Losses, Reach, Role};

    use super::Config;
    use crate::choices::{DirectionChoice, LossesChoice, Preset, ReachChoice, VerdictChoice};
    use crate::output::{Format, Ignored, Levels, ReportFile};

    #[test]
    fn every_key_is_read() {
        let text = r#"
golden = "state/golden"
preset = "no-migration"
direction = "full"
oldest = "1.2.0"
refuse-identical = true
reach = "last"
losses = "any"
fail-on = "requires-migration"
format = "short"
reports = ["sarif=out/typeser.sarif", "junit=out/junit.xml"]

[levels]
field-removed = "error"
removed-name-dropped = "note"

[[ignores]]
rule = "integer-widened"
state = "orders"
path = "value.id"
reason = "read by nobody"

[[pins]]
state = "orders"
role = "map-key"
release = "1.4.0"
verdict = "compatible"

[[retired]]
state = "sessions"
reason = "rebuilt from the log"
"#;
        let report = |format, file: &str| ReportFile { format, file: PathBuf::from(file) };
        let expected = Config {
            file: Some(PathBuf::from("app/typeser.toml")),
            golden: Some(PathBuf::from("app/state/golden")),
            preset: Some(Preset::NoMigration),
            oldest: Some(String::from("1.2.0")),
            refuse_identical: Some(true),
            levels: Levels {
                rules: [("field-removed", Level::Error), ("removed-name-dropped", Level::Note)]
                    .map(|(rule, level)| (rule.to_owned(), level))
                    .into(),
                ignored: vec![Ignored {
                    rule: Some(String::from("integer-widened")),
                    state: Some(String::from("orders")),
                    path: String::from("value.id"),
                    reason: String::from("read by nobody"),
                }],
            },
            direction: Some(DirectionChoice(Direction::Full)),
            reach: Some(ReachChoice(Reach::Last)),
            losses: Some(LossesChoice(Losses::Any)),
            fail_on: Some(VerdictChoice(Compatibility::RequiresMigration)),
            format: Some(Format::Short),
            reports: vec![report(Format::Sarif, "app/out/typeser.sarif"), report(Format::Junit, "app/out/junit.xml")],
            pins: vec![Pin {
                state: String::from("orders"),
                role: Role::MapKey,
                release: String::from("1.4.0"),
                compatibility: Compatibility::Compatible,
            }],
            retired: vec![Retired { state: String::from("sessions"), reason: String::from("rebuilt from the log") }],
            notes: Vec::new(),
        };
        assert_eq!(Config::parse(Path::new("app/typeser.toml"), text).unwrap(), expected);
        assert_eq!(Config::parse(Path::new("t"), "").unwrap(), Config { file: Some("t".into()), ..Config::default() });
    }

    #[test]
    fn the_earlier_name_of_a_key_is_read_with_a_note() {
        let entry = "state = \"a\"\nreason = \"b\"\n";
        let now = Config::parse(Path::new("typeser.toml"), &format!("[[retired]]\n{entry}")).unwrap();
        let before = Config::parse(Path::new("typeser.toml"), &format!("[[gone]]\n{entry}")).unwrap();
        assert_eq!((now.notes, before.retired), (vec![], now.retired));
        assert_eq!(before.notes, ["typeser.toml: the key `gone` is now called `retired`: rename it"]);
    }

    #[test]
    fn errors_have_line_and_column_and_a_suggestion() {
        let cases = [
            "fail_on = \"incompatible\"\n",
            "# größe\ngolden = 1\n",
            "direction = \"back\"\n",
            "direction = \"backwards\"\n",
            "reports = [\"sarif=a\", \"sarf=b\"]\n",
            "reports = [\"sarif\"]\n",
            "reports = \"sarif=a\"\n",
            "[[pins]]\nstate = \"a\"\nrelase = \"1\"\n",
            "[[pins]]\nstate = \"a\"\nrelease = \"1\"\n",
            "pins = [\"a\"]\n",
            "[[retired]]\nstate = \"a\"\n",
            "[[gone]]\nstate = \"a\"\n",
            "[[retird]]\nstate = \"a\"\n",
            "golden = \"a\"\ngolden = \"b\"\n",
            "golden = \n",
            "[colours]\n",
            "preset = \"strict\"\n",
            "refuse-identical = \"yes\"\n",
            "[levels]\nfield-remved = \"error\"\n",
            "[levels]\nfield-removed = \"fatal\"\n",
            "[[ignores]]\npath = \"value\"\n",
            "[[ignores]]\nrule = \"nothing\"\npath = \"value\"\nreason = \"r\"\n",
        ];
        let errors: Vec<String> = cases
            .iter()
            .map(|text| {
                let error = Config::parse(Path::new("typeser.toml"), text).unwrap_err().to_string();
                error.lines().next().unwrap_or_default().to_owned()
            })
            .collect();
        insta::assert_snapshot!(errors.join("\n"));
    }
}
