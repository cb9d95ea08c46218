//! Sessions over savepoints, and queries in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::catalog::MemoryCatalogProvider;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use datafusion::sql::parser::DFParser;
use typeser_state::processor::{MigrationPlan, ProcessError, ProcessOptions, Target, Targets};
use typeser_state::savepoint::{ReadSavepointError, Savepoint};
use typeser_state::typed_table::TableError;

use crate::catalog::{FILES, METADATA, add_files, catalog};
use crate::redb_table::RedbFile;

/// Why a savepoint cannot be queried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// The savepoint cannot be opened.
    #[error(transparent)]
    Savepoint(#[from] ReadSavepointError),
    /// A redb file or its tables cannot be read.
    #[error(transparent)]
    Table(Box<TableError>),
    /// Another program has a redb file open.
    #[error(
        "{}: another program has this database open: stop that program, or copy the file and name the copy; a copy of \
         a file in use is repaired in memory when it is read",
        path.display()
    )]
    DatabaseInUse {
        /// The file.
        path: PathBuf,
    },
    /// Rows cannot be read with the types of another release.
    #[error(transparent)]
    AsOf(Box<ProcessError>),
    /// Two savepoints or redb files of the same name, or a file with the name of an operator.
    #[error(
        "`{name}` names several things: give each savepoint and file another name, and no file that of an operator"
    )]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// The query is wrong, or a row cannot be read.
    #[error("{}", message(.0))]
    Query(#[source] Box<DataFusionError>),
}

/// What went wrong, without the layers of the engine through which the error came.
fn message(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::External(error) => error.to_string(),
        root => root.strip_backtrace(),
    }
}

impl From<DataFusionError> for SqlError {
    fn from(error: DataFusionError) -> Self {
        Self::Query(Box::new(error))
    }
}

/// Savepoints and redb files to query, each under a name.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path().join("last");
/// use datafusion::arrow::util::pretty::pretty_format_batches;
/// use typeser_sql::SavepointSession;
/// # use typeser_state::{backend::MemoryBackend, keyed::Operator, savepoint::Savepoint};
/// #
/// # let mut operator = Operator::<String>::new("flights-by-tail")?;
/// # let departures = operator.value::<u32>("departures")?;
/// # let mut state = operator.open(MemoryBackend::new())?;
/// # for (tail, count) in [("N14228", 111), ("N24211", 130)] {
/// #     state.set_current_key(&tail.to_owned())?;
/// #     departures.update(&mut state, &count)?;
/// # }
/// # Savepoint::create(&directory)?.operator(&state)?.finish()?;
///
/// let session = SavepointSession::new().with("savepoint", &directory)?.open()?;
/// let query = r#"select key, value from "flights-by-tail".departures where value > 120"#;
/// let frames = session.query(query).await?;
/// let rows = frames.into_iter().next().ok_or("no query")?.collect().await?;
/// let table = pretty_format_batches(&rows)?.to_string();
/// assert_eq!(table, "\
/// +--------+-------+
/// | key    | value |
/// +--------+-------+
/// | N24211 | 130   |
/// +--------+-------+");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct SavepointSession {
    sources: Vec<(String, SessionSource)>,
    as_of: Option<Targets>,
}

/// What has a name in queries.
#[derive(Debug, Clone)]
pub(crate) enum SessionSource {
    Savepoint(Arc<Savepoint>),
    Redb(RedbFile),
}

impl SavepointSession {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a savepoint, which is a folder, or a redb file with typed tables. A savepoint is the catalog of this name.
    /// Names in a query without a catalog are searched in the first one. A file is the schema of this name, in the
    /// first savepoint.
    ///
    /// The file is not written, and no other program can write it until the session is dropped.
    ///
    /// # Errors
    /// The savepoint or file cannot be opened, or the name is taken.
    pub fn with(mut self, name: impl Into<String>, path: impl AsRef<Path>) -> Result<Self, SqlError> {
        let (name, path) = (name.into(), path.as_ref());
        if self.sources.iter().any(|(taken, _)| *taken == name) {
            return Err(SqlError::DuplicateName { name });
        }
        let source = match path.is_file() {
            true => SessionSource::Redb(RedbFile::open(path)?),
            false => SessionSource::Savepoint(Arc::new(Savepoint::open(path)?)),
        };
        self.sources.push((name, source));
        Ok(self)
    }

    /// Reads rows with the types of another release, such as [`Targets::read`] finds in a recorded one: each row is
    /// migrated while it is read, and nothing is written. States and tables without a snapshot have the types that are
    /// stored. A snapshot of a state without an operator is for each operator that has such a state.
    #[must_use]
    pub fn as_of(self, targets: Targets) -> Self {
        Self { as_of: Some(targets), ..self }
    }

    /// Makes the tables of all savepoints and files. Of savepoints, nothing but their manifests is read.
    ///
    /// # Errors
    /// A table cannot be made.
    pub fn open(self) -> Result<Session, SqlError> {
        let (mut catalogs, mut files, mut tables) = (Vec::new(), Vec::new(), Vec::new());
        let as_of = self.as_of.as_ref();
        for (name, source) in self.sources {
            match source {
                SessionSource::Savepoint(savepoint) => {
                    let targets = as_of.map(|targets| of_savepoint(&savepoint, targets));
                    let plan = |targets| MigrationPlan::new(&savepoint, targets, &ProcessOptions::new());
                    let plan =
                        targets.as_ref().map(plan).transpose().map_err(|error| SqlError::AsOf(Box::new(error)))?;
                    let (catalog, schema) = catalog(&name, &savepoint, plan.as_ref(), &mut tables)?;
                    catalogs.push((name, catalog, schema));
                }
                SessionSource::Redb(file) => files.push((name, file)),
            }
        }
        if let Some((name, _)) = files.first().filter(|_| catalogs.is_empty()) {
            catalogs.push((FILES.to_owned(), Arc::new(MemoryCatalogProvider::new()), name.clone()));
        }
        if let Some((catalog_name, catalog, _)) = catalogs.first() {
            add_files((&files, as_of), catalog_name, catalog.as_ref(), &mut tables)?;
        }
        let first = catalogs.first().map(|(name, _, schema)| (name.as_str(), schema.as_str()));
        let (name, schema) = first.unwrap_or(("savepoint", METADATA));
        let config = SessionConfig::new()
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema(name, schema)
            .with_information_schema(true);
        let context = SessionContext::new_with_config(config);
        for (name, catalog, _) in catalogs {
            context.register_catalog(name, catalog);
        }
        Ok(Session { context, tables })
    }
}

/// The new serializers of what a savepoint has.
fn of_savepoint(savepoint: &Savepoint, targets: &Targets) -> Targets {
    let mut found = Targets::new();
    for place in Targets::stored(savepoint).targets() {
        let Some(uid) = place.operator() else { continue };
        let same = |target: &&Target| {
            (target.state(), target.role()) == (place.state(), place.role())
                && target.operator().is_none_or(|operator| operator == uid)
        };
        let Some(target) = targets.targets().iter().rev().find(same) else { continue };
        match place.state() {
            Some(state) => found.add(uid, state, place.role(), target.snapshot().clone()),
            None => found.add_key(uid, target.snapshot().clone()),
        }
    }
    found
}

/// A session in which savepoints and redb files are queried.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
    tables: Vec<SessionTable>,
}

/// A table of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionTable {
    /// The name of the savepoint; of the first one, or `files`, for tables of a redb file.
    pub catalog: String,
    /// The operator, the redb file, or `metadata`.
    pub schema: String,
    /// The state or typed table.
    pub table: String,
    /// What its rows are.
    pub kind: TableKind,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableKind {
    /// The rows of one state.
    State,
    /// The keys of an operator, each with what its states have of it.
    Keyed,
    /// The rows of a typed table of a redb file.
    Typed,
    /// What is known of the others without reading their rows.
    Metadata,
}

impl Session {
    /// Plans the queries of a text, which are separated by `;`. They read: statements that write are refused.
    ///
    /// # Errors
    /// A query is wrong.
    pub async fn query(&self, text: &str) -> Result<Vec<DataFrame>, SqlError> {
        let options = SQLOptions::new().with_allow_dml(false);
        let mut frames = Vec::new();
        for statement in DFParser::parse_sql(text)? {
            let plan = self.context.state().statement_to_plan(statement).await?;
            options.verify_plan(&plan)?;
            frames.push(self.context.execute_logical_plan(plan).await?);
        }
        Ok(frames)
    }

    /// The tables of all savepoints and files.
    #[must_use]
    pub fn tables(&self) -> &[SessionTable] {
        &self.tables
    }

    /// DataFusion's session, for what is not offered here: its configuration, further tables, functions of the program.
    #[must_use]
    pub fn context(&self) -> &SessionContext {
        &self.context
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
