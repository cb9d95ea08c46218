//! Version 1 of the snapshot's body as types of serde, from which bincode writes it.

use serde_derive::{Deserialize, Serialize};

/// The whole body.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: u32,
    pub(crate) integers: Integers,
    #[serde(borrow)]
    pub(crate) nodes: Vec<Node<'a>>,
    /// The hints of the nodes that have any, by node number, ascending.
    #[serde(borrow)]
    pub(crate) hints: Vec<(u32, NodeHints<'a>)>,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Integers {
    /// 0
    Fixed,
    /// 1
    Variable,
}

/// A node; children are node numbers.
#[derive(Serialize, Deserialize)]
pub(crate) enum Node<'a> {
    /// 0
    Primitive(Primitive),
    /// 1
    Struct {
        name: &'a str,
        version: u32,
        #[serde(borrow)]
        fields: Vec<Field<'a>>,
    },
    /// 2
    Enum {
        name: &'a str,
        version: u32,
        #[serde(borrow)]
        variants: Vec<Variant<'a>>,
    },
    /// 3
    Option(u32),
    /// 4
    List(u32),
    /// 5
    Set(u32),
    /// 6
    Map { key: u32, value: u32 },
    /// 7
    Array { element: u32, length: u64 },
    /// 8
    Tuple(Vec<u32>),
    /// 9
    NonZero(u32),
    /// 10
    Logical {
        name: &'a str,
        #[serde(borrow)]
        parameters: Vec<(&'a str, &'a str)>,
        representation: u32,
    },
    /// 11
    Opaque { name: &'a str, version: u32, framed: bool },
}

/// Numbered 0 to 15 in this order.
#[derive(Serialize, Deserialize)]
pub(crate) enum Primitive {
    Unit,
    Bool,
    U8,
    U16,
    U32,
    U64,
    U128,
    I8,
    I16,
    I32,
    I64,
    I128,
    F32,
    F64,
    Char,
    String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) node: u32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Variant<'a> {
    pub(crate) name: &'a str,
    pub(crate) tag: u32,
    #[serde(borrow)]
    pub(crate) fields: Vec<Field<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum NodeHints<'a> {
    /// 0
    Struct {
        #[serde(borrow)]
        aliases: Vec<&'a str>,
        #[serde(borrow)]
        migrations: Vec<TypeMigration<'a>>,
        #[serde(borrow)]
        record: Record<'a>,
    },
    /// 1
    Enum {
        #[serde(borrow)]
        aliases: Vec<&'a str>,
        #[serde(borrow)]
        migrations: Vec<TypeMigration<'a>>,
        #[serde(borrow)]
        removed: Vec<RemovedVariant<'a>>,
        #[serde(borrow)]
        fallback: Option<&'a str>,
        /// The hints of the variants that have any, by position, ascending.
        #[serde(borrow)]
        variants: Vec<(u32, VariantHints<'a>)>,
    },
    /// 2
    Opaque {
        canonical: bool,
        reads: Vec<u32>,
        #[serde(borrow)]
        migrates: Vec<OpaqueMigration<'a>>,
    },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct RemovedVariant<'a> {
    pub(crate) name: &'a str,
    #[serde(borrow)]
    pub(crate) becomes: Option<&'a [u8]>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct VariantHints<'a> {
    #[serde(borrow)]
    pub(crate) aliases: Vec<&'a str>,
    #[serde(borrow)]
    pub(crate) record: Record<'a>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Record<'a> {
    #[serde(borrow)]
    pub(crate) removed: Vec<&'a str>,
    /// The hints of the fields that have any, by position, ascending.
    #[serde(borrow)]
    pub(crate) fields: Vec<(u32, FieldHints<'a>)>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct FieldHints<'a> {
    #[serde(borrow)]
    pub(crate) aliases: Vec<&'a str>,
    #[serde(borrow)]
    pub(crate) default: Option<&'a [u8]>,
    #[serde(borrow)]
    pub(crate) none: Option<&'a [u8]>,
    #[serde(borrow)]
    pub(crate) conversions: Vec<Conversion<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Conversion<'a> {
    pub(crate) id: &'a str,
    pub(crate) injective: bool,
    #[serde(borrow)]
    pub(crate) source: Vec<Node<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct TypeMigration<'a> {
    pub(crate) from: u32,
    pub(crate) id: &'a str,
    #[serde(borrow)]
    pub(crate) source: Option<Vec<Node<'a>>>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct OpaqueMigration<'a> {
    pub(crate) from: u32,
    pub(crate) id: &'a str,
}
