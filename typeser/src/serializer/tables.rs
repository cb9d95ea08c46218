//! The static tables that a derive writes: a description that is cheap to compile.

use super::conversions::Link;
use super::describe_error::DescribeError;
use super::describer::Describer;
use crate::schema::{IntegerEncoding, NodeId, Schema};
use crate::snapshot::Location;
use crate::wire::EncodeError;

/// Encodes a constant that an attribute names, such as `default = expr`, when a snapshot is built.
pub type EncodedConstant = fn(IntegerEncoding) -> Result<Vec<u8>, EncodeError>;

/// A struct as its derive describes it.
#[derive(Debug)]
pub struct StructTable {
    /// The declared name.
    pub name: &'static str,
    /// The declared version, or 1.
    pub version: u32,
    /// Earlier names.
    pub aliases: &'static [&'static str],
    /// Functions for whole values of earlier versions.
    pub migrations: &'static [MigrationTable],
    /// Types with the same bytes that were stored before.
    pub was: &'static [WasTable],
    /// Removed fields.
    pub removed: &'static [&'static str],
    /// The stored fields in order.
    pub fields: &'static [FieldTable],
    /// Where the type is declared.
    pub location: Location,
}

/// A field as its derive describes it.
#[derive(Debug)]
pub struct FieldTable {
    /// The declared name.
    pub name: &'static str,
    /// Describes the field's type.
    pub describe: fn(&mut Describer) -> NodeId,
    /// Earlier names.
    pub aliases: &'static [&'static str],
    /// The value where none is stored.
    pub default: Option<EncodedConstant>,
    /// The value where `None` is stored and the field is no option any more.
    pub none: Option<EncodedConstant>,
    /// Functions that convert what is stored.
    pub conversions: &'static [ConversionTable],
}

/// A function that converts a stored field.
#[derive(Debug)]
pub struct ConversionTable {
    /// The path of the function, as the user wrote it.
    pub path: &'static str,
    /// Whether different values stay different.
    pub injective: bool,
    /// Links the function.
    pub link: fn() -> Link,
}

/// A function for whole values of an earlier version.
#[derive(Debug)]
pub struct MigrationTable {
    /// The version that it reads.
    pub from: u32,
    /// The path of the function, as the user wrote it.
    pub path: &'static str,
    /// Whether different values stay different.
    pub injective: bool,
    /// Links the function.
    pub link: fn() -> Link,
}

/// A type with the same bytes that was stored before.
#[derive(Debug)]
pub struct WasTable {
    /// Its layout.
    pub layout: fn() -> Result<Schema, DescribeError>,
}

/// An enum as its derive describes it.
#[derive(Debug)]
pub struct EnumTable {
    /// The declared name.
    pub name: &'static str,
    /// The declared version, or 1.
    pub version: u32,
    /// Earlier names.
    pub aliases: &'static [&'static str],
    /// Functions for whole values of earlier versions.
    pub migrations: &'static [MigrationTable],
    /// Types with the same bytes that were stored before.
    pub was: &'static [WasTable],
    /// The variant that removed ones become, where nothing else is said.
    pub fallback: Option<&'static str>,
    /// Removed variants.
    pub removed: &'static [RemovedVariantTable],
    /// The variants in declaration order.
    pub variants: &'static [VariantTable],
    /// Where the type is declared.
    pub location: Location,
}

/// A removed variant.
#[derive(Debug)]
pub struct RemovedVariantTable {
    /// Its name.
    pub name: &'static str,
    /// What its values become.
    pub becomes: Option<EncodedConstant>,
}

/// A variant as its derive describes it.
#[derive(Debug)]
pub struct VariantTable {
    /// The declared name.
    pub name: &'static str,
    /// The number that is stored.
    pub tag: u32,
    /// Earlier names.
    pub aliases: &'static [&'static str],
    /// Removed fields of its payload.
    pub removed: &'static [&'static str],
    /// The stored fields of its payload in order.
    pub fields: &'static [FieldTable],
}
