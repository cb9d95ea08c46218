//! What only ordered tables over any backend have.

use std::iter::Rev;
use std::ops::{ControlFlow, RangeBounds};

use typeser::serializer::KeyPrefix;
use typeser::{OrderedKey, StateType};

use super::backend_rows::BackendRows;
use super::backend_table::OrderedBackendTable;
use super::bounds::{prefix_bounds, row_range, stored_range};
use super::error::TableError;
use super::key_order::Ordered;
use crate::backend::Backend;

impl<K: OrderedKey, V: StateType, B: Backend> OrderedBackendTable<K, V, B> {
    /// The rows whose keys lie in a range.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::OrderedBackendTable;
    ///
    /// let mut readings = OrderedBackendTable::<(u8, i64), u32, _>::open(MemoryBackend::new(), "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.range((1, 0)..(2, 0))?.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<BackendRows<'_, K, V, B, Ordered>, TableError> {
        Ok(self.between(row_range(self.codec(), range)?))
    }

    /// The rows whose keys begin with a prefix: the first fields of a struct or tuple, or the beginning of a
    /// string or list; see [`KeyPrefix`].
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::OrderedBackendTable;
    ///
    /// let mut readings = OrderedBackendTable::<(u8, i64), u32, _>::open(MemoryBackend::new(), "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.prefix(&(1u8,))?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn prefix<P: KeyPrefix<K> + ?Sized>(
        &self,
        prefix: &P,
    ) -> Result<BackendRows<'_, K, V, B, Ordered>, TableError> {
        Ok(self.between(Some(stored_range(prefix_bounds(self.codec(), prefix)?))))
    }

    /// The row with the least key, if there are rows.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::OrderedBackendTable;
    ///
    /// let mut readings = OrderedBackendTable::<(u8, i64), u32, _>::open(MemoryBackend::new(), "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.first()?, Some(((1, -20), 5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn first(&self) -> Result<Option<(K, V)>, TableError> {
        let mut first = None;
        self.visit(.., |key, value| {
            first = Some((key, value));
            ControlFlow::Break(())
        })?;
        Ok(first)
    }

    /// The row with the greatest key, if there are rows.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::OrderedBackendTable;
    ///
    /// let mut readings = OrderedBackendTable::<(u8, i64), u32, _>::open(MemoryBackend::new(), "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.last()?, Some(((2, 7), 5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn last(&self) -> Result<Option<(K, V)>, TableError> {
        self.iter()?.next_back().transpose()
    }

    /// The rows, from the greatest key to the least.
    ///
    /// ```
    /// use typeser_state::typed_table::TableError;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::OrderedBackendTable;
    ///
    /// let mut readings = OrderedBackendTable::<(u8, i64), u32, _>::open(MemoryBackend::new(), "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let seconds = readings.rev()?.map(|row| Ok(row?.0.1)).collect::<Result<Vec<_>, TableError>>()?;
    /// assert_eq!(seconds, [7, 300, -20]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn rev(&self) -> Result<Rev<BackendRows<'_, K, V, B, Ordered>>, TableError> {
        Ok(self.iter()?.rev())
    }

    /// Shows the rows whose keys lie in a range to `visit`, in the order of their keys, until it breaks.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::OrderedBackendTable;
    ///
    /// let mut readings = OrderedBackendTable::<(u8, i64), u32, _>::open(MemoryBackend::new(), "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let mut seconds = Vec::new();
    /// readings.visit((1, 0).., |(_, second), _| {
    ///     seconds.push(second);
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(seconds, [300, 7]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn visit(
        &self,
        range: impl RangeBounds<K>,
        visit: impl FnMut(K, V) -> ControlFlow<()>,
    ) -> Result<(), TableError> {
        self.visit_between(row_range(self.codec(), range)?, visit)
    }
}
