//! Sessions over savepoints, and queries in them.

use std::path::Path;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use datafusion::sql::parser::DFParser;
use typeser_state::savepoint::{ReadSavepointError, Savepoint};

use crate::catalog::{METADATA, catalog};

/// Why a savepoint cannot be queried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// The savepoint cannot be opened.
    #[error(transparent)]
    Savepoint(#[from] ReadSavepointError),
    /// Two savepoints of the same name.
    #[error("two savepoints are named `{name}`: give each another name")]
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

/// Savepoints to query, each under a name.
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
    savepoints: Vec<(String, Arc<Savepoint>)>,
}

impl SavepointSession {
    /// No savepoint yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a savepoint as the catalog of this name. Names in a query without a catalog are searched in the first one.
    ///
    /// # Errors
    /// The savepoint cannot be opened, or the name is taken.
    pub fn with(mut self, name: impl Into<String>, directory: impl AsRef<Path>) -> Result<Self, SqlError> {
        let name = name.into();
        if self.savepoints.iter().any(|(taken, _)| *taken == name) {
            return Err(SqlError::DuplicateName { name });
        }
        self.savepoints.push((name, Arc::new(Savepoint::open(directory)?)));
        Ok(self)
    }

    /// Makes the tables of all savepoints. Nothing but their manifests is read.
    ///
    /// # Errors
    /// A table cannot be made.
    pub fn open(self) -> Result<Session, SqlError> {
        let (mut catalogs, mut tables) = (Vec::new(), Vec::new());
        for (name, savepoint) in &self.savepoints {
            let (catalog, schema) = catalog(name, savepoint, &mut tables)?;
            catalogs.push((name.clone(), catalog, schema));
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

/// A session in which savepoints are queried.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
    tables: Vec<SessionTable>,
}

/// A table of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionTable {
    /// The name of the savepoint.
    pub catalog: String,
    /// The operator, or `metadata`.
    pub schema: String,
    /// The state.
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
    /// What the manifest of the savepoint states.
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

    /// The tables of all savepoints.
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
