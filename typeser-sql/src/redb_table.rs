//! Typed tables of a redb file: each is a table with the columns `key` and `value`.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, Statistics, StatisticsArgs,
};
use redb::{Database, DatabaseError};
use tokio::sync::mpsc::Sender;
use typeser::text::clean;
use typeser::value::Value;
use typeser_state::backend::{BackendError, RedbBackend};
use typeser_state::typed_table::{MigratedRow, TableCatalog, TableError, TableInfo, TableOptions, TableTarget};

use crate::batch::{BYTES, batch, external};
use crate::column::{Column, rows_at_a_time};
use crate::filter::KEY;
use crate::session::SqlError;

/// A file of redb that is open, and its typed tables. The file is never written; no other program can write it
/// meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct RedbFile {
    database: Shared,
    pub(crate) tables: Vec<TableInfo>,
}

/// A database that each scan of a table reads in its own transaction.
#[derive(Clone)]
struct Shared(Arc<Database>);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

impl Shared {
    fn catalog(&self) -> std::result::Result<TableCatalog<RedbBackend<Arc<Database>>>, TableError> {
        Ok(TableCatalog::over(RedbBackend::over(Arc::clone(&self.0))?))
    }
}

impl RedbFile {
    pub(crate) fn open(path: &Path) -> std::result::Result<Self, SqlError> {
        let backend = RedbBackend::open_unwritten(path).map_err(|error| match &error {
            BackendError::OpenRedb { source, .. } if matches!(**source, DatabaseError::DatabaseAlreadyOpen) => {
                SqlError::DatabaseInUse { path: path.to_owned() }
            }
            _ => SqlError::Table(Box::new(error.into())),
        })?;
        let database = Shared(Arc::new(backend.into_database()));
        let failed = |error| SqlError::Table(Box::new(error));
        let tables = database.catalog().and_then(|mut catalog| catalog.tables()).map_err(failed)?;
        Ok(Self { database, tables })
    }

    /// A table, with the types of a target.
    pub(crate) fn table(&self, info: &TableInfo, target: TableTarget) -> std::result::Result<RedbTable, TableError> {
        let mut catalog = self.database.catalog()?;
        let rows = catalog.migrated_rows(&target, &TableOptions::new())?;
        let (key, value) = (Column::of(rows.key()), Column::of(rows.value()));
        let most_rows = rows_at_a_time(rows.key()).min(rows_at_a_time(rows.value()));
        let schema = Arc::new(Schema::new(vec![key.field(KEY), value.field("value")]));
        let table =
            Table { database: self.database.clone(), target, columns: [key, value], most_rows, rows: info.rows };
        Ok(RedbTable { table: Arc::new(table), schema })
    }
}

/// A typed table as DataFusion sees it.
#[derive(Debug)]
pub(crate) struct RedbTable {
    table: Arc<Table>,
    schema: SchemaRef,
}

#[derive(Debug)]
struct Table {
    database: Shared,
    target: TableTarget,
    /// Those of keys and of values.
    columns: [Column; 2],
    /// How many rows are decoded at a time.
    most_rows: usize,
    rows: u64,
}

#[async_trait]
impl TableProvider for RedbTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = projection.cloned().unwrap_or_else(|| vec![0, 1]);
        let schema = Arc::new(self.schema.project(&columns)?);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let (table, properties) = (Arc::clone(&self.table), Arc::new(properties));
        let metrics = ExecutionPlanMetricsSet::new();
        Ok(Arc::new(TypedTableScan { table, columns, schema, limit, properties, metrics }))
    }
}

/// Reads a typed table.
#[derive(Debug, Clone)]
struct TypedTableScan {
    table: Arc<Table>,
    /// The columns that are read, by their numbers in the table.
    columns: Vec<usize>,
    schema: SchemaRef,
    /// No more rows than these.
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl DisplayAs for TypedTableScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, "TypedTableScan: table={}, columns=[{}]", clean(&self.table.target.table), columns.join(", "))?;
        match self.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for TypedTableScan {
    fn name(&self) -> &'static str {
        "TypedTableScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        // One batch waits while the next one is read.
        let mut builder = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), 1);
        let (scan, sender) = (self.clone(), builder.tx());
        builder.spawn_blocking(move || scan.read(&sender, &baseline));
        Ok(builder.build())
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let rows = usize::try_from(self.table.rows).ok().filter(|_| self.limit.is_none());
        let num_rows = rows.map_or(Precision::Absent, Precision::Exact);
        Ok(Arc::new(Statistics { num_rows, ..Statistics::new_unknown(&self.schema) }))
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(Self { limit, metrics: ExecutionPlanMetricsSet::new(), ..self.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }
}

impl TypedTableScan {
    /// Sends the rows in batches until no more are wanted.
    fn read(&self, sender: &Sender<Result<RecordBatch>>, baseline: &BaselineMetrics) -> Result<()> {
        let mut catalog = self.table.database.catalog().map_err(external)?;
        let rows = catalog.migrated_rows(&self.table.target, &TableOptions::new()).map_err(external)?;
        let mut page = Page::default();
        let mut left = self.limit.unwrap_or(usize::MAX);
        let mut failure = None;
        let send = |page: &mut Page| -> Result<bool> {
            let rows = self.take(page)?;
            baseline.record_output(rows.num_rows());
            Ok(sender.blocking_send(Ok(rows)).is_ok())
        };
        rows.for_each(&mut |mut row| {
            if left == 0 {
                return ControlFlow::Break(());
            }
            left -= 1;
            let more = match self.push(&mut page, &mut row) {
                Ok(()) if page.rows >= self.table.most_rows || page.bytes >= BYTES => send(&mut page),
                pushed => pushed.map(|()| true).map_err(external),
            };
            match more {
                Ok(true) => ControlFlow::Continue(()),
                Ok(false) => {
                    page = Page::default();
                    ControlFlow::Break(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })
        .map_err(external)?;
        if let Some(error) = failure {
            return Err(error);
        }
        if page.rows > 0 {
            send(&mut page)?;
        }
        Ok(())
    }

    /// Adds the wanted parts of a row; the others are neither migrated nor decoded.
    fn push(&self, page: &mut Page, row: &mut MigratedRow<'_>) -> std::result::Result<(), TableError> {
        if self.columns.contains(&0) {
            page.parts[0].push(row.key()?);
        }
        if self.columns.contains(&1) {
            page.parts[1].push(row.value()?);
        }
        page.rows += 1;
        page.bytes += row.stored_bytes();
        Ok(())
    }

    /// The rows so far. The page is empty afterwards.
    fn take(&self, page: &mut Page) -> Result<RecordBatch> {
        let Page { parts, rows, .. } = std::mem::take(page);
        let arrays = self.columns.iter().filter_map(|number| {
            let (column, values) = (self.table.columns.get(*number)?, parts.get(*number)?);
            Some(column.array(&values.iter().map(Some).collect::<Vec<_>>()).map_err(external))
        });
        batch(&self.schema, arrays.collect::<Result<_>>()?, rows)
    }
}

/// The rows that are read before a batch is complete.
#[derive(Default)]
struct Page {
    /// Keys and values.
    parts: [Vec<Value>; 2],
    rows: usize,
    bytes: usize,
}
