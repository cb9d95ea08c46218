//! Type expressions, as the text and JSON forms write them: `list<Item>`, `map<string, u32>`, `(u64,)`, `Item#2`.

use super::error::ParseSnapshotError;
use super::graph::{Graph, Reference};
use super::scan::Scanner;
use crate::schema::{Limits, LogicalNode, Node, NodeId, OpaqueNode, Primitive, is_reserved};
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
    if begin.peek() != Some('"') && is_reserved(&name) {
        return Err(begin.position().error(format!("a type named `{name}` is written in double quotes")));
    }
    numbered(scanner, name)
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
        _ => match scanner.word() {
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
            let words = graph.names().chain(SHAPES).chain(Primitive::ALL.iter().map(|primitive| primitive.name()));
            let near = did_you_mean(name, words.filter(|word| word != name));
            let number = if *number == 1 { String::new() } else { format!("#{number}") };
            let near = if near.is_empty() { "; define it, or correct the name".to_owned() } else { near };
            format!("there is no type `{}{number}`{near}", clean(name))
        }
        Reference::Shape(number) => format!("there is no type `${number}`; define it, or correct the number"),
    };
    Err(begin.position().error(message))
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
            Ok(Node::Opaque(OpaqueNode { name, version, framed: word == "opaque" }))
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
    let name = scanner.name()?;
    let mut parameters = Vec::new();
    while scanner.take(" ") {
        let parameter = scanner.name()?;
        scanner.expect("=")?;
        parameters.push((parameter, scanner.quoted()?));
    }
    scanner.expect("<")?;
    let representation = parse_at(scanner, graph, depth + 1)?;
    scanner.expect(">")?;
    Ok(Node::Logical(LogicalNode { name, parameters, representation }))
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
