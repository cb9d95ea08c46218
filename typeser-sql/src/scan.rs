//! The leaf of a plan: reads the files of a table, one partition per file, each as a stream of batches.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, Statistics, StatisticsArgs,
};
use tokio::sync::mpsc::Sender;
use typeser::text::clean;
use typeser_state::savepoint::RowsFile;

use crate::filter::Filter;
use crate::source::Source;

/// A table whose rows are in the files of one operator.
pub(crate) trait RowTable: fmt::Debug + Send + Sync {
    fn source(&self) -> &Source;

    /// What it is called in a plan.
    fn name(&self) -> String;

    fn schema(&self) -> &SchemaRef;

    /// The exact number of its rows in a file, where the manifest states it.
    fn rows_in(&self, file: &RowsFile) -> Option<u64>;

    /// Whether a file may hold rows of it.
    fn is_in(&self, file: &RowsFile) -> bool;

    /// Reads the rows of a file that are wanted.
    fn read(&self, file: &RowsFile, wanted: &Wanted, output: &mut Output) -> Result<()>;
}

/// What is read of each file.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The columns, by their numbers in the table.
    pub(crate) columns: Vec<usize>,
    /// The schema of these columns.
    pub(crate) schema: SchemaRef,
    pub(crate) filter: Filter,
    /// No more rows than these.
    pub(crate) limit: Option<usize>,
}

/// Where the batches of one file go.
pub(crate) struct Output {
    sender: Sender<Result<RecordBatch>>,
    baseline: BaselineMetrics,
    pub(crate) blocks: Count,
    pub(crate) rows: Count,
}

impl Output {
    /// Sends a batch. Answers whether another one is wanted.
    pub(crate) fn send(&mut self, batch: RecordBatch) -> bool {
        self.baseline.record_output(batch.num_rows());
        self.sender.blocking_send(Ok(batch)).is_ok()
    }
}

/// A table as DataFusion sees it.
#[derive(Debug)]
pub(crate) struct Provider(pub(crate) Arc<dyn RowTable>);

#[async_trait]
impl TableProvider for Provider {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.0.schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let answer = |filter: &&Expr| match Filter::of(filter, self.0.source()) {
            Some(_) => TableProviderFilterPushDown::Exact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(answer).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let filter = filters.iter().try_fold(Filter::default(), |all, filter| {
            let filter = Filter::of(filter, self.0.source());
            filter
                .map(|filter| all.and(filter))
                .ok_or_else(|| DataFusionError::Internal("an unknown filter".to_owned()))
        })?;
        let columns = projection.cloned().unwrap_or_else(|| (0..self.0.schema().fields().len()).collect());
        let schema = Arc::new(self.0.schema().project(&columns)?);
        let source = self.0.source();
        let wanted_file = |file: &&RowsFile| {
            let key_groups = file.key_groups();
            self.0.is_in(file) && filter.wants_file(key_groups.first(), key_groups.last())
        };
        let files: Vec<RowsFile> = source.files().into_iter().filter(wanted_file).cloned().collect();
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let all_files = source.files().len();
        let wanted = Wanted { columns, schema, filter, limit };
        Ok(Arc::new(SavepointScan::new(Arc::clone(&self.0), files.into(), all_files, wanted)))
    }
}

/// Reads files of a savepoint.
#[derive(Debug, Clone)]
pub(crate) struct SavepointScan {
    table: Arc<dyn RowTable>,
    /// The files that are read, each of which is a partition.
    files: Arc<[RowsFile]>,
    /// How many files the operator has.
    all_files: usize,
    wanted: Wanted,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl SavepointScan {
    fn new(table: Arc<dyn RowTable>, files: Arc<[RowsFile]>, all_files: usize, wanted: Wanted) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&wanted.schema)),
            Partitioning::UnknownPartitioning(files.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        Self { table, files, all_files, wanted, properties, metrics: ExecutionPlanMetricsSet::new() }
    }

    /// The exact number of rows in these files, where the manifest states it.
    fn count(&self, files: &[RowsFile]) -> Precision<usize> {
        let whole = self.wanted.filter.is_all() && self.wanted.limit.is_none();
        let rows = || files.iter().map(|file| self.table.rows_in(file)).sum::<Option<u64>>();
        let rows = if whole { rows() } else { None };
        rows.and_then(|rows| usize::try_from(rows).ok()).map_or(Precision::Absent, Precision::Exact)
    }
}

impl DisplayAs for SavepointScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Wanted { schema, filter, limit, .. } = &self.wanted;
        let columns: Vec<String> = schema.fields().iter().map(|field| clean(field.name())).collect();
        write!(f, "SavepointScan: {}, columns=[{}]", clean(&self.table.name()), columns.join(", "))?;
        write!(f, ", files={} of {}", self.files.len(), self.all_files)?;
        if let Some((first, last)) = filter.bounds()
            && !filter.is_all()
        {
            let last = self.files.last().map_or(last, |file| last.min(file.key_groups().last()));
            write!(f, ", key_groups={first}-{last}")?;
        }
        if let Some(keys) = &filter.keys {
            write!(f, ", keys={}", keys.len())?;
        }
        match limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for SavepointScan {
    fn name(&self) -> &'static str {
        "SavepointScan"
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
        let count = |name| MetricBuilder::new(&self.metrics).counter(name, partition);
        let (files_read, blocks, rows) = (count("files_read"), count("blocks_read"), count("rows_read"));
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        // One batch waits while the next one is read.
        let mut builder = RecordBatchReceiverStream::builder(Arc::clone(&self.wanted.schema), 1);
        let mut output = Output { sender: builder.tx(), baseline, blocks, rows };
        let (table, files, wanted) = (Arc::clone(&self.table), Arc::clone(&self.files), self.wanted.clone());
        builder.spawn_blocking(move || {
            let Some(file) = files.get(partition) else {
                return Err(DataFusionError::Internal(format!("there is no partition {partition}")));
            };
            files_read.add(1);
            table.read(file, &wanted, &mut output)
        });
        Ok(builder.build())
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let files = match args.partition() {
            Some(partition) => self.files.get(partition..=partition).unwrap_or_default(),
            None => &self.files,
        };
        let num_rows = self.count(files);
        Ok(Arc::new(Statistics { num_rows, ..Statistics::new_unknown(&self.wanted.schema) }))
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        let wanted = Wanted { limit, ..self.wanted.clone() };
        Some(Arc::new(Self { wanted, metrics: ExecutionPlanMetricsSet::new(), ..self.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.wanted.limit
    }
}
