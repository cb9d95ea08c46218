//! Type expressions, as the text and JSON forms write them: `list<Item>`, `map<string, u32>`, `(u64,)`, `Item#2`.

use super::error::ParseSnapshotError;
use super::graph::{Graph, Reference};
use super::scan::Scanner;
use crate::schema::{Limits, LogicalNode, Node, NodeId, OpaqueNode, Primitive, is_plain, is_reserved};
use crate::text::{clean, did_you_mean};

const SHAPES: [&str; 8] = ["option", "list", "set", "map", "nonzero", "logical", "opaque", "opaque-unframed"];

/// What an expression is at its top.
enum Parsed {
    Reference(NodeId),
    Shape(Node),
}

/// The node that an expression means.
pub(super) fn parse(scanner: &mut Scanner<'_>, graph: &mut Graph) -> Result<NodeId, ParseSnapshotError> {
    parse_at(scanner, graph, 0)
}

/// The shape that an expression spells out; a reference is none.
pub(super) fn shape(scanner: &mut Scanner<'_>, graph: &mut Graph) -> Result<Node, ParseSnapshotError> {
    let at = scanner.position();
    match parsed(scanner, graph, 0)? {
        Parsed::Shape(node) => Ok(node),
        Parsed::Reference(_) => Err(at.error("a type is defined by its shape, not by another type's name")),
    }
}

/// How a definition is referred to: `Item`, `Item#2`, `"a name"`, `$1`.
pub(super) fn reference(scanner: &mut Scanner<'_>) -> Result<Reference, ParseSnapshotError> {
    if scanner.take("$") {
        return Ok(Reference::Shape(scanner.number("a number behind `$`")?));
    }
    let begin = scanner.clone();
    let name = scanner.name()?;
    if begin.peek() != Some('"') && !(scanner.is_at_end() || scanner.peek() == Some('#')) {
        return Err(begin.position().error(needs_quotes(begin.rest())));
    }
    if begin.peek() != Some('"') && is_reserved(&name) {
        return Err(begin.position().error(format!("a type named `{name}` is written in double quotes")));
    }
    numbered(scanner, name)
}

/// The message about a name of several words, or with other signs, that is not in quotes.
pub(super) fn needs_quotes(name: &str) -> String {
    let name = clean(name);
    format!(
        "a name with other characters than letters, digits, `_` and `-` is written in double quotes: `\"{name}\"`, in \
         JSON `\\\"{name}\\\"`"
    )
}

fn numbered(scanner: &mut Scanner<'_>, name: String) -> Result<Reference, ParseSnapshotError> {
    let number = if scanner.take("#") { scanner.number("a number behind `#`")? } else { 1 };
    Ok(Reference::Named(name, number))
}

fn parse_at(scanner: &mut Scanner<'_>, graph: &mut Graph, depth: usize) -> Result<NodeId, ParseSnapshotError> {
    let begin = scanner.clone();
    match parsed(scanner, graph, depth)? {
        Parsed::Reference(id) => Ok(id),
        Parsed::Shape(node) => graph.intern(node, &begin),
    }
}

fn parsed(scanner: &mut Scanner<'_>, graph: &mut Graph, depth: usize) -> Result<Parsed, ParseSnapshotError> {
    if depth > Limits::TEXT_DEPTH {
        let help = "define an inner type on its own, such as `$1`";
        return Err(scanner
            .position()
            .error(format!("types are nested more than {} deep; {help}", Limits::TEXT_DEPTH)));
    }
    scanner.skip_spaces();
    let begin = scanner.clone();
    let parsed = match scanner.peek() {
        Some('(') => Parsed::Shape(tuple(scanner, graph, depth)?),
        Some('[') => Parsed::Shape(array(scanner, graph, depth)?),
        Some('$' | '"') => Parsed::Reference(known(&begin, reference(scanner)?, graph)?),
        _ => match scanner.bare() {
            "" => return Err(begin.unexpected("a type")),
            word if is_reserved(word) => Parsed::Shape(reserved(word, scanner, graph, depth)?),
            word => {
                let reference = numbered(scanner, word.to_owned())?;
                Parsed::Reference(known(&begin, reference, graph)?)
            }
        },
    };
    scanner.skip_spaces();
    Ok(parsed)
}

fn known(begin: &Scanner<'_>, reference: Reference, graph: &Graph) -> Result<NodeId, ParseSnapshotError> {
    if let Some(id) = graph.defined(&reference) {
        return Ok(id);
    }
    let message = match &reference {
        Reference::Named(name, number) => {
            let near = meant(name, graph);
            let number = if *number == 1 { String::new() } else { format!("#{number}") };
            let near = if near.is_empty() { "; define it, or correct the name".to_owned() } else { near };
            let whole = graph.names().find(|known| known.len() > name.len() && begin.rest().starts_with(*known));
            match whole.filter(|_| begin.peek() != Some('"')) {
                Some(whole) => needs_quotes(whole),
                None => format!("there is no type `{}{number}`{near}", clean(name)),
            }
        }
        Reference::Shape(number) => format!("there is no type `${number}`; define it, or correct the number"),
    };
    Err(begin.position().error(message))
}

/// What was probably meant by the name of a type that there is not.
fn meant(name: &str, graph: &Graph) -> String {
    if matches!(name, "Box" | "Rc" | "Arc" | "Cow") {
        return format!("; a `{name}` is stored as the type inside it, so write that type");
    }
    if let Some(type_here) = foreign(name).filter(|_| graph.names().all(|known| known != name)) {
        return format!(", did you mean `{type_here}`?");
    }
    let words = graph.names().chain(SHAPES).chain(Primitive::ALL.iter().map(|primitive| primitive.name()));
    did_you_mean(name, words.filter(|word| *word != name))
}

/// The type that Rust, another language or another format calls by this name.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "usize" | "uint64" | "ulong" | "fixed64" => "u64",
        "isize" | "int64" | "long" | "bigint" | "sint64" | "sfixed64" => "i64",
        "uint32" | "uint" | "fixed32" => "u32",
        "int32" | "int" | "integer" | "sint32" | "sfixed32" => "i32",
        "uint16" | "ushort" => "u16",
        "int16" | "short" | "smallint" => "i16",
        "uint8" | "byte" => "u8",
        "int8" | "sbyte" => "i8",
        "float" | "float32" | "real" => "f32",
        "double" | "float64" => "f64",
        "boolean" => "bool",
        "str" | "text" | "varchar" => "string",
        "null" | "void" | "none" => "unit",
        "bytes" | "blob" | "bytea" | "binary" | "bytebuf" => "list<u8>",
        "vec" | "vecdeque" | "array" | "slice" | "sequence" | "repeated" => "list<T>",
        "hashset" | "btreeset" => "set<T>",
        "hashmap" | "btreemap" | "dict" | "dictionary" => "map<K, V>",
        "optional" | "nullable" | "maybe" => "option<T>",
        "duration" => "logical duration<(u64, u32)>",
        _ => return None,
    })
}

fn reserved(
    word: &str,
    scanner: &mut Scanner<'_>,
    graph: &mut Graph,
    depth: usize,
) -> Result<Node, ParseSnapshotError> {
    if let Some(primitive) = Primitive::ALL.iter().find(|primitive| primitive.name() == word) {
        return Ok(Node::Primitive(*primitive));
    }
    match word {
        "logical" => logical(scanner, graph, depth),
        "opaque" | "opaque-unframed" => {
            scanner.expect(" ")?;
            let name = scanner.name()?;
            scanner.expect(" v")?;
            let version = scanner.number("a version from 0 to 4294967295")?;
            Ok(Node::Opaque(OpaqueNode { name, version, framed: word == "opaque", parameters: parameters(scanner)? }))
        }
        "map" => {
            scanner.expect("<")?;
            let key = parse_at(scanner, graph, depth + 1)?;
            scanner.expect(",")?;
            let value = parse_at(scanner, graph, depth + 1)?;
            scanner.expect(">")?;
            Ok(Node::Map { key, value })
        }
        word => {
            scanner.expect("<")?;
            let child = parse_at(scanner, graph, depth + 1)?;
            scanner.expect(">")?;
            Ok(match word {
                "option" => Node::Option(child),
                "list" => Node::List(child),
                "set" => Node::Set(child),
                _ => Node::NonZero(child),
            })
        }
    }
}

fn logical(scanner: &mut Scanner<'_>, graph: &mut Graph, depth: usize) -> Result<Node, ParseSnapshotError> {
    scanner.expect(" ")?;
    let (name, parameters) = (scanner.name()?, parameters(scanner)?);
    scanner.expect("<")?;
    let representation = parse_at(scanner, graph, depth + 1)?;
    scanner.expect(">")?;
    Ok(Node::Logical(LogicalNode { name, parameters, representation }))
}

/// ` name="value"`, any number of times.
fn parameters(scanner: &mut Scanner<'_>) -> Result<Vec<(String, String)>, ParseSnapshotError> {
    let mut parameters = Vec::new();
    let follows = |rest: &str| rest.chars().nth(1).is_some_and(|c| c == '"' || is_plain(c));
    while follows(scanner.rest()) && scanner.take(" ") {
        let parameter = scanner.name()?;
        scanner.expect("=")?;
        parameters.push((parameter, scanner.quoted()?));
    }
    Ok(parameters)
}

fn tuple(scanner: &mut Scanner<'_>, graph: &mut Graph, depth: usize) -> Result<Node, ParseSnapshotError> {
    scanner.expect("(")?;
    scanner.skip_spaces();
    let mut elements = Vec::new();
    let mut ends_with_comma = false;
    while !scanner.take(")") {
        if !elements.is_empty() && !ends_with_comma {
            return Err(scanner.unexpected("`,` or `)`"));
        }
        elements.push(parse_at(scanner, graph, depth + 1)?);
        ends_with_comma = scanner.take(",");
        scanner.skip_spaces();
    }
    if elements.len() == 1 && !ends_with_comma {
        return Err(scanner.position().error("a tuple of one element is written with a comma, as in `(u64,)`"));
    }
    Ok(Node::Tuple(elements))
}

fn array(scanner: &mut Scanner<'_>, graph: &mut Graph, depth: usize) -> Result<Node, ParseSnapshotError> {
    scanner.expect("[")?;
    let element = parse_at(scanner, graph, depth + 1)?;
    scanner.expect(";")?;
    scanner.skip_spaces();
    let length = scanner.number("a length")?;
    scanner.skip_spaces();
    scanner.expect("]")?;
    Ok(Node::Array { element, length })
}
