//! A savepoint as a catalog: a schema for each operator, and one for what the manifest states.

use std::sync::Arc;

use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::error::Result;
use typeser::resolve::Role;
use typeser_state::processor::{MigrationPlan, Target, Targets};
use typeser_state::savepoint::Savepoint;
use typeser_state::typed_table::TableTarget;

use crate::column::free_name;
use crate::keyed_table::KeyedTable;
use crate::metadata::{self, TableOfState};
use crate::redb_table::RedbFile;
use crate::scan::Provider;
use crate::session::{SessionTable, SqlError, TableKind};
use crate::source::Source;
use crate::state_table::StateTable;

/// The table with one row per key.
const KEYED: &str = "keyed";
/// The schema with what the manifest states.
pub(crate) const METADATA: &str = "metadata";
/// The catalog of redb files without a savepoint.
pub(crate) const FILES: &str = "files";
/// DataFusion's own schema in every catalog.
const INFORMATION_SCHEMA: &str = "information_schema";

/// The catalog of a savepoint, and the schema in which a name without one is searched: that of the only operator, or
/// the one with what the manifest states. Lists its tables.
pub(crate) fn catalog(
    name: &str,
    savepoint: &Arc<Savepoint>,
    plan: Option<&MigrationPlan<'_>>,
    listed: &mut Vec<SessionTable>,
) -> Result<(Arc<dyn CatalogProvider>, String)> {
    let mut list = |schema: &str, table: &str, kind| {
        let (catalog, schema, table) = (name.to_owned(), schema.to_owned(), table.to_owned());
        listed.push(SessionTable { catalog, schema, table, kind });
    };
    let catalog = MemoryCatalogProvider::new();
    let mut taken = vec![INFORMATION_SCHEMA.to_owned()];
    let mut tables = Vec::new();
    let sources = sources(savepoint);
    let mut uids: Vec<&str> = sources.iter().map(|source| source.uid.as_str()).collect();
    uids.dedup();
    for uid in uids {
        let name = free_name(uid.to_owned(), &taken);
        let schema = MemorySchemaProvider::new();
        add_operator((&sources, plan), uid, &schema, &mut tables, &mut |table, kind| list(&name, table, kind))?;
        catalog.register_schema(&name, Arc::new(schema))?;
        taken.push(name);
    }
    let metadata_name = free_name(METADATA.to_owned(), &taken);
    let schema = MemorySchemaProvider::new();
    let mut add = |name: &str, table| {
        list(&metadata_name, name, TableKind::Metadata);
        schema.register_table(name.to_owned(), Arc::new(table))
    };
    add("operators", metadata::operators(&sources)?)?;
    add("states", metadata::states(&tables)?)?;
    add("serializers", metadata::serializers(&sources, &tables)?)?;
    add("files", metadata::files(&tables)?)?;
    catalog.register_schema(&metadata_name, Arc::new(schema))?;
    let default = match taken.as_slice() {
        [_, only] => only.clone(),
        _ => metadata_name,
    };
    Ok((Arc::new(catalog), default))
}

/// Adds a schema for each redb file, with its typed tables, and lists them in `metadata.tables`.
pub(crate) fn add_files(
    (files, as_of): (&[(String, RedbFile)], Option<&Targets>),
    catalog_name: &str,
    catalog: &dyn CatalogProvider,
    listed: &mut Vec<SessionTable>,
) -> std::result::Result<(), SqlError> {
    if files.is_empty() {
        return Ok(());
    }
    // An operator may have this name.
    let of_catalog = listed.iter().find(|table| table.kind == TableKind::Metadata && table.catalog == catalog_name);
    let metadata_name = of_catalog.map_or_else(|| METADATA.to_owned(), |table| table.schema.clone());
    let mut list = |schema: &str, table: &str, kind| {
        let (catalog, schema, table) = (catalog_name.to_owned(), schema.to_owned(), table.to_owned());
        listed.push(SessionTable { catalog, schema, table, kind });
    };
    for (name, file) in files {
        if catalog.schema(name).is_some() || [INFORMATION_SCHEMA, METADATA].contains(&name.as_str()) {
            return Err(SqlError::DuplicateName { name: name.clone() });
        }
        let schema = MemorySchemaProvider::new();
        for info in &file.tables {
            let snapshot = |role| {
                let of_table = |target: &&Target| {
                    target.state() == Some(&info.name)
                        && target.role() == role
                        && target.operator().is_none_or(|operator| operator == name)
                };
                let found = as_of?.targets().iter().rev().find(of_table);
                found.map(|target| target.snapshot().clone())
            };
            let (key, value) = (snapshot(Role::MapKey), snapshot(Role::Value));
            let table = file.table(info, TableTarget::new(&info.name, key, value));
            let table = table.map_err(|error| SqlError::Table(Box::new(error)))?;
            schema.register_table(info.name.clone(), Arc::new(table))?;
            list(name, &info.name, TableKind::Typed);
        }
        catalog.register_schema(name, Arc::new(schema))?;
    }
    let tables = Arc::new(metadata::tables(files)?);
    let schema = match catalog.schema(&metadata_name) {
        Some(schema) => schema,
        None => {
            let schema = Arc::new(MemorySchemaProvider::new());
            catalog.register_schema(&metadata_name, Arc::clone(&schema) as Arc<dyn SchemaProvider>)?;
            schema
        }
    };
    schema.register_table("tables".to_owned(), tables)?;
    list(&metadata_name, "tables", TableKind::Metadata);
    Ok(())
}

/// The operators, those with keyed state and operator state twice in a row.
fn sources(savepoint: &Arc<Savepoint>) -> Vec<Source> {
    let source = |uid: &str, keyed| {
        let savepoint = Arc::clone(savepoint);
        Source { savepoint, uid: uid.to_owned(), keyed, as_of: None }
    };
    let mut sources = Vec::new();
    for operator in savepoint.operators() {
        let uid = operator.meta().uid();
        sources.push(source(uid, true));
        sources.extend(savepoint.operator_state(uid).map(|_| source(uid, false)));
    }
    let others = savepoint.operator_states().iter().filter(|operator| savepoint.operator(operator.uid()).is_none());
    sources.extend(others.map(|operator| source(operator.uid(), false)));
    sources
}

/// Adds the tables of an operator: its keyed states, `keyed`, and its operator states.
fn add_operator(
    (sources, plan): (&[Source], Option<&MigrationPlan<'_>>),
    uid: &str,
    schema: &MemorySchemaProvider,
    tables: &mut Vec<TableOfState>,
    list: &mut dyn FnMut(&str, TableKind),
) -> Result<()> {
    let mut taken = Vec::new();
    let mut add = |name: &str, kind, table: Arc<dyn TableProvider>| {
        let name = free_name(name.to_owned(), &taken);
        taken.push(name.clone());
        list(&name, kind);
        schema.register_table(name.clone(), table).map(|_| name)
    };
    for source in sources.iter().filter(|source| source.uid == uid) {
        // What the manifest states of a state is what is stored, whichever types its rows are read with.
        let read = plan.map_or_else(|| source.clone(), |plan| source.as_of(plan));
        for state in source.states() {
            let Some(table) = StateTable::new(read.clone(), state.id()) else { continue };
            let table = add(state.name(), TableKind::State, Arc::new(Provider(Arc::new(table))))?;
            tables.push(TableOfState { source: source.clone(), state_id: state.id(), table });
        }
        if source.keyed
            && let Some(table) = KeyedTable::new(read)
        {
            add(KEYED, TableKind::Keyed, Arc::new(Provider(Arc::new(table))))?;
        }
    }
    Ok(())
}
