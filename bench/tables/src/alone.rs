//! redb alone, with the bytes that the typed table has.

use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use typeser::{Serializer, TypeSerializer};

use crate::rows::{BATCH, NewOrder, Order, RANGE, order, shuffled, starts};
use crate::{Outcome, Steps};

const ORDERS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("orders");
const NEW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("orders.new");

pub fn run(path: &Path, rows: u64, steps: &mut Steps) -> Outcome<()> {
    let database = Database::create(path)?;
    let (serializer, new) = (Serializer::<Order>::new()?, Serializer::<NewOrder>::new()?);
    let encoded: Vec<Vec<u8>> = (0..rows).map(|number| bytes(&serializer, &order(number))).collect::<Outcome<_>>()?;

    steps.measure("insert", || {
        for first in (0..rows).step_by(BATCH as usize) {
            let transaction = database.begin_write()?;
            let mut table = transaction.open_table(ORDERS)?;
            for number in first..rows.min(first + BATCH) {
                table.insert(&number.to_be_bytes()[..], &*encoded[number as usize])?;
            }
            drop(table);
            transaction.commit()?;
        }
        Ok(rows)
    })?;
    drop(database);
    let database = Database::open(path)?;
    steps.measure("open, nothing to do", || {
        database.begin_read()?.open_table(ORDERS)?;
        Ok(1)
    })?;

    let table = database.begin_read()?.open_table(ORDERS)?;
    steps.measure("get", || {
        let mut sum = 0;
        for number in shuffled(rows) {
            sum += table.get(&number.to_be_bytes()[..])?.map_or(0, |value| value.value().len() as u64);
        }
        Ok(sum)
    })?;
    steps.measure("get and decode", || {
        let mut sum = 0;
        for number in shuffled(rows) {
            let value = table.get(&number.to_be_bytes()[..])?.ok_or("a row is missing")?;
            sum += u64::from(serializer.deserialize(value.value())?.cents);
        }
        Ok(sum)
    })?;
    steps.measure("range", || {
        let mut sum = 0;
        for first in starts(rows) {
            let (from, until) = (first.to_be_bytes(), (first + RANGE).to_be_bytes());
            for row in table.range(&from[..]..&until[..])? {
                sum += row?.1.value().len() as u64;
            }
        }
        Ok(sum)
    })?;
    steps.measure("range and decode", || {
        let mut sum = 0;
        for first in starts(rows) {
            let (from, until) = (first.to_be_bytes(), (first + RANGE).to_be_bytes());
            for row in table.range(&from[..]..&until[..])? {
                let (key, value) = row?;
                let number = u64::from_be_bytes(key.value().try_into()?);
                sum += number ^ u64::from(serializer.deserialize(value.value())?.cents);
            }
        }
        Ok(sum)
    })?;
    steps.measure("migrate", || {
        let mut from = Some(0u64.to_be_bytes());
        while let Some(begin) = from.take() {
            let transaction = database.begin_write()?;
            let (stored, mut to) = (transaction.open_table(ORDERS)?, transaction.open_table(NEW)?);
            for (count, row) in stored.range(&begin[..]..)?.enumerate() {
                let (key, value) = row?;
                if count as u64 == BATCH {
                    from = Some(key.value().try_into()?);
                    break;
                }
                let order = NewOrder::from(serializer.deserialize(value.value())?);
                to.insert(key.value(), &*bytes(&new, &order)?)?;
            }
            drop((stored, to));
            transaction.commit()?;
        }
        let transaction = database.begin_write()?;
        transaction.delete_table(ORDERS)?;
        transaction.rename_table(NEW, ORDERS)?;
        transaction.commit()?;
        Ok(rows)
    })
}

fn bytes<S: TypeSerializer>(serializer: &S, value: &S::Value) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    serializer.serialize(value, &mut bytes)?;
    Ok(bytes)
}
