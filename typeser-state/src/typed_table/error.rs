//! What can go wrong with a typed table.

use std::error::Error;
use std::fmt;

use typeser::migrate::{MigrateError, NoMigration, NotAdoptable};
use typeser::report::Reports;
use typeser::serializer::DescribeError;
use typeser::snapshot::WriteSnapshotError;
use typeser::value::DecodeValueError;
use typeser::wire::{DecodeError, EncodeError};

use super::changes::ChangesSince;
use super::display::hexadecimal;
use super::index_error::IndexError;
use crate::backend::BackendError;

/// An error of the program.
type BoxError = Box<dyn Error + Send + Sync>;

/// Why a typed table was not opened or adopted, or a row not read or written. Then the rows are as they were.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The stored types do not fit those of the program.
    #[error("table `{table}` does not fit the program; nothing was written or changed\n\n{reports}", table = .0.table, reports = .0.reports)]
    Refused(Box<TableRefusal>),
    /// Some tables of a set cannot be opened, so none was.
    #[error("{0}")]
    Set(Box<SetRefusal>),
    /// The set has no such table.
    #[error("the set has no table `{table}` with the types {types}: add it with `{add}` before it is opened")]
    NotInSet {
        /// The table.
        table: String,
        /// The types of its keys and values.
        types: String,
        /// The method that adds such a table.
        add: &'static str,
    },
    /// The options hold a serializer of another type.
    #[error(
        "the options of table `{table}` have a serializer for its {part}s of another type than `{type_name}`: give it a \
         `Serializer<{type_name}>`"
    )]
    OtherSerializer {
        /// The table.
        table: String,
        /// Which part of a row.
        part: TablePart,
        /// The type that the program uses for it.
        type_name: &'static str,
    },
    /// The rows have to be migrated, and that was not allowed.
    #[error(
        "table `{table}` has to be migrated first, which a read-only open and `without_migration()` do not do: open it \
         once with `open`\n\n{reports}",
        table = .0.table, reports = .0.reports
    )]
    NeedsMigration(Box<TableRefusal>),
    /// The table has rows, but no snapshots.
    #[error(
        "table `{table}` has rows but no snapshots: if plain bincode wrote it, adopt it once with `TypedTable::adopt`; \
         otherwise choose another name"
    )]
    NotTyped {
        /// The table.
        table: String,
    },
    /// A read-only open finds no table.
    #[error("there is no typed table `{table}`, and a read-only open does not create it: open it once with `open`")]
    Missing {
        /// The table.
        table: String,
    },
    /// The name cannot be that of a typed table.
    #[error("`{table}` cannot be a typed table: {reason}; choose another name")]
    Name {
        /// The name.
        table: String,
        /// Why not.
        reason: String,
    },
    /// What is stored beside the table cannot be read.
    #[error(
        "this release of typeser cannot read what is stored beside table `{table}`: {reason}; nothing was changed; open \
         it with the release that wrote it, or go back to a copy of the file if it is damaged"
    )]
    Unreadable {
        /// The table.
        table: String,
        /// What is wrong.
        reason: String,
    },
    /// A row cannot be migrated.
    #[error(
        "table `{table}`: the {part} of the row with key {key}: {source}; the table is unchanged; correct the function \
         or the row, and open the table again, which starts over"
    )]
    Migrate {
        /// The table.
        table: String,
        /// Which part of the row.
        part: TablePart,
        /// The key, as text.
        key: String,
        /// Why.
        source: MigrateError,
    },
    /// A row of an earlier release cannot be migrated, which is found when it is read.
    #[error(
        "table `{table}`: the value of the row with key {key}, which an earlier release wrote: {source}; the row stays as \
         it is; correct the function that converts it, or write or remove the row"
    )]
    MigrateRow {
        /// The table.
        table: String,
        /// The key, as text.
        key: String,
        /// Why.
        source: MigrateError,
    },
    /// The rows before a migration cannot be kept.
    #[error(
        "table `{table}` is migrated lazily, which keeps nothing for a rollback; nothing was changed: open it without \
         `keep_previous`, or finish the migration with `migrate_some` and open it without `migrate_lazily`"
    )]
    LazilyMigrated {
        /// The table.
        table: String,
    },
    /// Two keys would become one.
    #[error(
        "table `{table}`: the keys {} and {} migrate to the same bytes, so one of the two rows would be lost; the \
         table is unchanged; correct the function that converts the key, which must give different results \
         for different keys, or keep the stored type of the key, and open the table again",
        keys[0], keys[1]
    )]
    Collision {
        /// The table.
        table: String,
        /// The two stored keys, as values and as bytes; shortened if they are long.
        keys: [String; 2],
    },
    /// Keys of this type cannot be stored in order.
    #[error(
        "table `{table}`: the {part} cannot be stored in order: {reason}; open it as a `TypedTable`, or use a key that \
         has an order"
    )]
    NotOrdered {
        /// The table.
        table: String,
        /// Which part of its rows.
        part: TablePart,
        /// Why not.
        reason: String,
    },
    /// A newer release wrote the table, and the policy reads it downwards without allowing any loss.
    #[error(
        "table `{table}`: a newer release wrote the {part}s, and this one would rewrite them without what it added; \
         nothing was written: start the newer release, or give the fields up with `Policy {{ losses: Losses::Any, \
         downwards: true }}`"
    )]
    ReadOnly {
        /// The table.
        table: String,
        /// Which part of its rows.
        part: TablePart,
    },
    /// The verdict asks for a migration that there is none of.
    #[error("table `{table}`: the {part}: {source}; nothing was written")]
    NoMigration {
        /// The table.
        table: String,
        /// Which part of its rows.
        part: TablePart,
        /// Why not.
        source: NoMigration,
    },
    /// A type has no snapshot.
    #[error("table `{table}`: the type of the {part} has no snapshot: {source}")]
    Describe {
        /// The table.
        table: String,
        /// Which part of its rows.
        part: TablePart,
        /// Why not.
        source: DescribeError,
    },
    /// Rows are not what the types say.
    #[error("{}", Disagreements { table, rows: *rows, disagreeing: *disagreeing, first, other_forms })]
    Disagree {
        /// The table.
        table: String,
        /// How many rows it has.
        rows: u64,
        /// How many of them disagree.
        disagreeing: u64,
        /// The first of those.
        first: Vec<Disagreement>,
        /// The fields whose types serde writes in another form, each with the attribute for that form.
        other_forms: Vec<OtherForm>,
    },
    /// There is no such table.
    #[error("there is no table `{table}` to adopt")]
    NothingToAdopt {
        /// The table.
        table: String,
    },
    /// The table has snapshots already.
    #[error("table `{table}` is a typed table already: open it with `TypedTable::open`")]
    TypedAlready {
        /// The table.
        table: String,
    },
    /// The table that rows were to be copied to has some.
    #[error("table `{table}` has rows: copy to a table that does not exist yet")]
    NotEmpty {
        /// The table.
        table: String,
    },
    /// Two targets of a migration name one table.
    #[error("table `{table}` is named twice; nothing was written or changed: name it once")]
    NamedTwice {
        /// The table.
        table: String,
    },
    /// There is no typed table of this name to drop or rename.
    #[error("there is no typed table `{table}`; nothing was changed")]
    NoSuchTable {
        /// The table.
        table: String,
    },
    /// A table cannot be renamed: there is one of this name.
    #[error("there is a table `{table}` already; nothing was changed: choose another name, or drop that table first")]
    NameTaken {
        /// The table.
        table: String,
    },
    /// A function of the program made no row of a stored one.
    #[error("table `{table}`: the function failed for the row with key {key}: {source}; nothing was copied")]
    Copy {
        /// The table that rows were to be copied to.
        table: String,
        /// The stored key.
        key: String,
        /// Why not.
        source: BoxError,
    },
    /// The name cannot be that of a release.
    #[error("`{release}` cannot name a release: {reason}")]
    Release {
        /// The name.
        release: String,
        /// Why not.
        reason: String,
    },
    /// The table is kept already as the release left it.
    #[error(
        "table `{table}` has to be migrated, and is kept already as release {release} left it; nothing was changed: keep it under the name of the release that ran last, or drop what is kept with `TableCatalog::drop_previous`"
    )]
    KeptAlready {
        /// The table.
        table: String,
        /// The release.
        release: String,
    },
    /// No table is kept as this release left it.
    #[error("no table is kept as release {release} left it{}; nothing was changed", known_releases(known))]
    NothingKept {
        /// The release.
        release: String,
        /// The releases of which tables are kept.
        known: Vec<String>,
    },
    /// Going back to a release would lose rows.
    #[error("{}", Lost { release, changes })]
    WouldLose {
        /// The release.
        release: String,
        /// What was written since.
        changes: Vec<ChangesSince>,
    },
    /// Two rows would have one key.
    #[error("table `{table}`: two rows have the key {key}, so one of them would be lost: nothing was copied")]
    SameKey {
        /// The table.
        table: String,
        /// The key, as text.
        key: String,
    },
    /// A key or value cannot be written.
    #[error("cannot write a {part} to table `{table}`: {source}")]
    Encode {
        /// The table.
        table: String,
        /// Which part of the row.
        part: TablePart,
        /// Why.
        source: EncodeError,
    },
    /// A stored key or value cannot be read.
    #[error(
        "cannot read the {part} of the row with key {key} in table `{table}`: {source}; something other than a typed table wrote it, \
         or the file is damaged"
    )]
    Decode {
        /// The table.
        table: String,
        /// Which part of the row.
        part: TablePart,
        /// The key, as text.
        key: String,
        /// Why.
        source: DecodeError,
    },
    /// A stored key or value cannot be read as what its snapshot says.
    #[error(
        "cannot read the {part} of the row with key {key} in table `{table}`: {source}; something other than a typed table wrote it, \
         or the file is damaged"
    )]
    DecodeValue {
        /// The table.
        table: String,
        /// Which part of the row.
        part: TablePart,
        /// The key, as text.
        key: String,
        /// Why.
        source: DecodeValueError,
    },
    /// The table was migrated, or is being migrated, after this handle was opened.
    #[error(
        "table `{table}` was opened with other types after this handle was: its rows have been migrated, or are being \
         migrated; open it again"
    )]
    Stale {
        /// The table.
        table: String,
    },
    /// An index of the table; see [`IndexError`].
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The database fails.
    #[cfg(feature = "redb")]
    #[error(transparent)]
    Redb(Box<redb::Error>),
    /// A serializer does not take over what the resolver says it can.
    #[error(transparent)]
    NotAdoptable(#[from] NotAdoptable),
    /// A snapshot cannot be stored.
    #[error(transparent)]
    Snapshot(#[from] WriteSnapshotError),
    /// The database fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

typeser::debug_as_display!(TableError);

/// Which part of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TablePart {
    /// Its key.
    Key,
    /// Its value.
    Value,
    /// The part of it that an index has.
    Index,
}

/// How the stored types of a table differ from those of the program.
#[derive(Debug, Clone)]
pub struct TableRefusal {
    pub(super) table: String,
    pub(super) reports: Reports,
}

/// Why the tables of a [`TableSet`](super::TableSet) were not opened.
#[derive(Debug)]
pub struct SetRefusal {
    pub(super) tables: usize,
    pub(super) problems: Vec<TableError>,
}

/// A row that is not what the types of the program write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Which part of it.
    pub part: TablePart,
    /// The stored key.
    pub key: Vec<u8>,
    /// The bytes of that part.
    pub stored: Vec<u8>,
    /// What is wrong with them.
    pub reason: String,
    /// The key as text.
    pub(super) shown: String,
}

/// A field whose type serde with bincode writes in another form than typeser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherForm {
    /// The field, as in `Session.id`; or `the key` or `the value` of a row.
    pub place: String,
    /// The type that stands for the form of serde, as in `Option<SerdeForm<Uuid>>`.
    pub form: String,
}

/// The text of [`TableError::Disagree`].
struct Disagreements<'a> {
    table: &'a str,
    rows: u64,
    disagreeing: u64,
    first: &'a [Disagreement],
    other_forms: &'a [OtherForm],
}

/// The text of [`TableError::WouldLose`].
struct Lost<'a> {
    release: &'a str,
    changes: &'a [ChangesSince],
}

fn known_releases(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; there are tables of {}", known.join(", ")) }
}

impl fmt::Display for Lost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let release = self.release;
        write!(f, "rolling back to release {release} would discard changes; nothing was changed")?;
        for changes in self.changes.iter().filter(|changes| !changes.is_empty()) {
            write!(f, "\n  {changes}")?;
        }
        write!(f, "\nhelp: to discard them, call `TableCatalog::roll_back({release:?}, Newer::Discard)`")
    }
}

impl fmt::Display for TablePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Key => "key",
            Self::Value => "value",
            Self::Index => "indexed part",
        })
    }
}

impl TableRefusal {
    /// The table.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableError, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// let refused = TypedTable::<String, bool>::open(&database, "stock");
    /// let Err(TableError::Refused(refusal)) = refused else { panic!("a number is no bool") };
    /// assert_eq!(refusal.table(), "stock");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The reports on its keys and its values.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableError, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// let refused = TypedTable::<String, bool>::open(&database, "stock");
    /// let Err(TableError::Refused(refusal)) = refused else { panic!("a number is no bool") };
    /// let rules = refusal.reports().reports().iter().flat_map(|report| report.findings());
    /// assert_eq!(rules.map(|finding| finding.rule.id).collect::<Vec<_>>(), ["primitive-changed"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }
}

impl SetRefusal {
    /// The error of each table that cannot be opened.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableError, TableSet, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// TypedTable::<String, u32>::open(&database, "prices")?;
    /// let mut set = TableSet::new();
    /// set.add::<String, bool>("stock").add::<String, u64>("prices");
    /// let Err(TableError::Set(refusal)) = set.open(&database) else { panic!("a number is no bool") };
    /// assert!(matches!(refusal.problems(), [TableError::Refused(refusal)] if refusal.table() == "stock"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn problems(&self) -> &[TableError] {
        &self.problems
    }
}

impl fmt::Display for SetRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (refused, tables) = (self.problems.len(), self.tables);
        write!(f, "{refused} of {tables} tables cannot be opened, so none was; nothing was written or changed")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n\n{problem}"))
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, stored, reason, shown, .. } = self;
        write!(f, "key {shown}: the {part}, {}: {reason}", hexadecimal(stored))
    }
}

impl fmt::Display for Disagreements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, rows, disagreeing, first, other_forms } = self;
        write!(
            f,
            "table `{table}` is not adopted, nothing was changed: {disagreeing} of {rows} rows are not what its types \
             write"
        )?;
        for row in *first {
            write!(f, "\n  {row}")?;
        }
        let more = disagreeing.saturating_sub(first.len() as u64);
        if more > 0 {
            write!(f, "\n  and {more} more")?;
        }
        for OtherForm { place, form } in *other_forms {
            match place.contains('.') {
                true => {
                    write!(f, "\nhelp: serde writes `{place}` in another form: write `#[state(as = {form})]` above it")?
                }
                false => write!(f, "\nhelp: serde writes {place} in another form: use `{form}` as its type")?,
            }
        }
        write!(
            f,
            "\nhelp: adopt with the types that wrote the rows, and change them afterwards\n\
             help: `bincode::serialize` and `config::legacy()` write fixed integers, `config::standard()` variable ones"
        )
    }
}

#[cfg(feature = "redb")]
impl From<redb::Error> for TableError {
    fn from(error: redb::Error) -> Self {
        Self::Redb(Box::new(error))
    }
}

#[cfg(feature = "redb")]
macro_rules! from_redb {
    ($($error:ident),*) => { $(
        impl From<redb::$error> for TableError {
            fn from(error: redb::$error) -> Self {
                Self::from(redb::Error::from(error))
            }
        }
    )* };
}

#[cfg(feature = "redb")]
from_redb!(TransactionError, TableError, StorageError, CommitError);
