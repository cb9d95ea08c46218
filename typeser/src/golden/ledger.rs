//! The ledger of accepted findings, with the reason, the author and the date.

use std::fmt::Write as _;

use super::name::{TODAY, check_release};
use super::{Date, DateError};
use crate::report::FindingId;
use crate::resolve::Role;
use crate::snapshot::{Json, ParseSnapshotError, json_string};

/// The version of the form.
const VERSION: u32 = 1;

/// The findings that were accepted: the file `accepted.json` beside the manifest.
///
/// It is no golden: people edit it. So it is not in the manifest, and what it says is checked against what is found: an
/// entry that is stale or expired fails.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// In the order of the file.
    pub entries: Vec<Accepted>,
}

/// One finding that was accepted, for one pair of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The finding.
    pub finding: FindingId,
    /// The state.
    pub state: String,
    /// The role of the state.
    pub role: Role,
    /// The release that wrote, or `today`.
    pub from: String,
    /// The release that reads, or `today`.
    pub to: String,
    /// The rule of the finding, for those who read the ledger.
    pub rule: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub author: String,
    /// When.
    pub date: Date,
    /// The last day on which it holds; for ever if there is none.
    pub until: Option<Date>,
}

/// Why a ledger cannot be read, or added to.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// It is not of the form of a ledger.
    #[error("{reason}; restore the file from version control, or remove the entry and run `typeser accept` again")]
    Form {
        /// Why, and where.
        reason: String,
    },
    /// A version of the form that this release does not know.
    #[error("its form has version {found}, this release of typeser reads {VERSION}: upgrade typeser")]
    Version {
        /// The version.
        found: u32,
    },
    /// An entry says something that cannot be.
    #[error("entry {number}: {reason}")]
    Entry {
        /// The entry, counted from 1.
        number: usize,
        /// What is wrong.
        reason: String,
    },
    /// The finding is there already.
    #[error(
        "the finding {finding} from {from} to {to} was accepted on {date} by {author}: to change that, edit its entry"
    )]
    Twice {
        /// The finding.
        finding: FindingId,
        /// The release that wrote.
        from: String,
        /// The release that reads.
        to: String,
        /// When it was accepted.
        date: Date,
        /// By whom.
        author: String,
    },
}

crate::text::debug_as_display!(LedgerError);

/// An entry as it is written.
struct Entry {
    finding: String,
    state: String,
    role: String,
    from: String,
    to: String,
    rule: String,
    reason: String,
    author: String,
    date: String,
    until: Option<String>,
}

impl Ledger {
    /// Reads a ledger.
    ///
    /// # Errors
    /// It is not of the form, or an entry says something that cannot be.
    #[doc(hidden)]
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, LedgerError> {
        let form = |error: ParseSnapshotError| LedgerError::Form { reason: error.to_string() };
        let mut json = Json::from_bytes(json.as_ref()).and_then(Json::object).map_err(form)?;
        let found = json.expect("typeser-accepted").and_then(Json::number).map_err(form)?;
        if found != VERSION {
            return Err(LedgerError::Version { found });
        }
        let accepted = json.expect("accepted").and_then(Json::array).map_err(form)?;
        json.finish().map_err(form)?;
        let accepted: Vec<Entry> = accepted.into_iter().map(Entry::read).collect::<Result<_, _>>().map_err(form)?;
        let mut ledger = Self::default();
        for (number, entry) in (1..).zip(accepted) {
            let entry = entry.accepted().map_err(|reason| LedgerError::Entry { number, reason })?;
            ledger.check_new(&entry)?;
            ledger.entries.push(entry);
        }
        Ok(ledger)
    }

    /// Adds an entry at the end, or in the place of one for the same finding of the same pair that is over by then.
    ///
    /// # Errors
    /// There is one that still holds, or it says something that cannot be.
    #[doc(hidden)]
    pub fn accept(&mut self, entry: Accepted) -> Result<(), LedgerError> {
        entry.check().map_err(|reason| LedgerError::Entry { number: self.entries.len() + 1, reason })?;
        self.entries.retain(|known| !(known.is_about_the_same(&entry) && known.is_expired(entry.date)));
        self.check_new(&entry)?;
        self.entries.push(entry);
        Ok(())
    }

    fn check_new(&self, entry: &Accepted) -> Result<(), LedgerError> {
        match self.entries.iter().find(|known| known.is_about_the_same(entry)).cloned() {
            None => Ok(()),
            Some(Accepted { finding, from, to, date, author, .. }) => {
                Err(LedgerError::Twice { finding, from, to, date, author })
            }
        }
    }

    /// The ledger as the text of its file.
    #[doc(hidden)]
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = format!("{{\n  \"typeser-accepted\": {VERSION},\n  \"accepted\": [");
        for (number, entry) in self.entries.iter().enumerate() {
            json.push_str(if number == 0 { "\n    {\n" } else { ",\n    {\n" });
            let finding = entry.finding.to_string();
            let (date, until) = (entry.date.to_string(), entry.until.map(|until| until.to_string()));
            let fields = [
                ("finding", Some(finding.as_str())),
                ("state", Some(&entry.state)),
                ("role", Some(entry.role.word())),
                ("from", Some(&entry.from)),
                ("to", Some(&entry.to)),
                ("rule", Some(&entry.rule)),
                ("reason", Some(&entry.reason)),
                ("author", Some(&entry.author)),
                ("date", Some(&date)),
                ("until", until.as_deref()),
            ];
            let fields = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
            for (place, (key, value)) in fields.enumerate() {
                _ = write!(json, "{}      \"{key}\": {}", if place == 0 { "" } else { ",\n" }, json_string(value));
            }
            json.push_str("\n    }");
        }
        json.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        json
    }
}

/// Adds an entry to the text of a ledger, or to none: what `typeser accept` writes to `accepted.json`.
///
/// # Errors
/// The text is no ledger, or the finding is in it already.
pub fn accept(ledger: Option<&[u8]>, entry: Accepted) -> Result<String, LedgerError> {
    let mut ledger = ledger.map_or_else(|| Ok(Ledger::default()), Ledger::from_json)?;
    ledger.accept(entry)?;
    Ok(ledger.to_json())
}

impl Accepted {
    /// Whether it does not hold any more on this day.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    fn is_about_the_same(&self, other: &Self) -> bool {
        let about =
            |entry: &Self| (entry.finding, entry.role, entry.state.clone(), entry.from.clone(), entry.to.clone());
        about(self) == about(other)
    }

    fn check(&self) -> Result<(), String> {
        for (key, text) in [("reason", &self.reason), ("author", &self.author)] {
            if text.trim().is_empty() {
                return Err(format!("the `{key}` is empty: those who come later have to know"));
            }
        }
        for (key, release) in [("from", &self.from), ("to", &self.to)] {
            if release != TODAY {
                check_release(release).map_err(|error| format!("`{key}`: {error}"))?;
            }
        }
        if self.from == self.to {
            return Err(format!("`from` and `to` are both `{}`: a finding is about two releases", self.from));
        }
        Ok(())
    }
}

impl Entry {
    fn read(json: Json) -> Result<Self, ParseSnapshotError> {
        let mut json = json.object()?;
        let entry = Self {
            finding: json.text("finding")?,
            state: json.text("state")?,
            role: json.text("role")?,
            from: json.text("from")?,
            to: json.text("to")?,
            rule: json.text("rule")?,
            reason: json.text("reason")?,
            author: json.text("author")?,
            date: json.text("date")?,
            until: json.text_if_any("until")?,
        };
        json.finish()?;
        Ok(entry)
    }

    fn accepted(self) -> Result<Accepted, String> {
        let digits = Some(self.finding.as_str()).filter(|text| text.len() == 16 && !text.contains('+'));
        let finding = digits.and_then(|text| u64::from_str_radix(text, 16).ok()).map(FindingId).ok_or_else(|| {
            format!("`{}` is no finding: the id is of 16 hexadecimal digits, as reports print it", self.finding)
        })?;
        let role = Role::ALL.into_iter().find(|role| role.word() == self.role).ok_or_else(|| {
            let known: Vec<&str> = Role::ALL.into_iter().map(Role::word).collect();
            format!("`{}` is no role; there are `{}`", self.role, known.join("`, `"))
        })?;
        let date = |key: &str, text: &str| text.parse().map_err(|error: DateError| format!("`{key}`: {error}"));
        let accepted = Accepted {
            finding,
            state: self.state,
            role,
            from: self.from,
            to: self.to,
            rule: self.rule,
            reason: self.reason,
            author: self.author,
            date: date("date", &self.date)?,
            until: self.until.as_deref().map(|until| date("until", until)).transpose()?,
        };
        accepted.check()?;
        Ok(accepted)
    }
}
