//! What can go wrong with an index of a typed table.

use typeser::wire::EncodeError;

/// Why an index was not opened, built, written or read. Then the rows are as they were.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The table cannot have such an index.
    #[error("index `{index}` of table `{table}`: {reason}; nothing was written: correct its declaration")]
    Declaration {
        /// The table.
        table: String,
        /// The index.
        index: String,
        /// Why not.
        reason: String,
    },
    /// The table was opened without this index.
    #[error(
        "table `{table}` was opened without the index `{index}`: declare it with `TableOptions::with_index` when the table \
         is opened"
    )]
    NotDeclared {
        /// The table.
        table: String,
        /// The index.
        index: String,
    },
    /// Two rows have the same part in a unique index.
    #[error(
        "table `{table}`: the rows with the keys {} and {} would have the same part in the unique index `{index}`: {part}; \
         nothing was written",
        keys[0], keys[1]
    )]
    NotUnique {
        /// The table.
        table: String,
        /// The index.
        index: String,
        /// The keys of the two rows, as text.
        keys: [String; 2],
        /// The part, as text.
        part: String,
    },
    /// The indexes have to be built or deleted, and that was not allowed.
    #[error(
        "the stored indexes of table `{table}` are not those that are declared, and `without_migration()` neither \
         builds nor deletes any: declare the stored ones, or open the table once without that"
    )]
    NeedsBuild {
        /// The table.
        table: String,
    },
    /// A table with indexes cannot be migrated lazily.
    #[error(
        "table `{table}` has indexes, for which every row has to be migrated; nothing was written: open it without \
         `migrate_lazily`, or without its indexes"
    )]
    Lazy {
        /// The table.
        table: String,
    },
    /// The indexed part of a row cannot be written.
    #[error("table `{table}`: cannot write the part of a row in the index `{index}`: {source}")]
    Encode {
        /// The table.
        table: String,
        /// The index.
        index: String,
        /// Why.
        source: EncodeError,
    },
    /// An index has an entry of a row that there is not, or what is no entry.
    #[error(
        "the index `{index}` of table `{table}` has an entry without a row: {entry}; something other than a typed table \
         wrote the table or its index: open it once without its indexes, which deletes them, and again with them"
    )]
    Broken {
        /// The table.
        table: String,
        /// The index.
        index: String,
        /// The entry.
        entry: String,
    },
}

typeser::debug_as_display!(IndexError);
