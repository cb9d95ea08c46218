//! Layouts of any size that are expensive to compare, to migrate or to report, by kind: a stored one and a new one.

/// Makes a stored layout and a new one of about as many parts as the count.
pub(crate) type Layouts = fn(usize) -> [String; 2];

fn snapshot(root: &str, definitions: &str) -> String {
    format!("typeser-snapshot 2\nname T\nversion 1\nintegers fixed\nroot {root}\n\n{definitions}")
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

fn record(fields: &str) -> String {
    snapshot("T", &format!("struct T v1\n{fields}"))
}

/// Every field has another type.
pub(crate) fn changed(count: usize) -> [String; 2] {
    ["u8", "i8"].map(|of| record(&lines(count, |at| format!("  f{at} {of}\n"))))
}

/// Every field is gone, and as many are new; each stored one had another name before.
pub(crate) fn renamed(count: usize) -> [String; 2] {
    [
        record(&lines(count, |at| format!("  s{at:06} u8\n    @alias z{at:06}\n"))),
        record(&lines(count, |at| format!("  w{at:06} u8\n"))),
    ]
}

/// A record of many records, of each of which a field changed.
pub(crate) fn many_records(count: usize) -> [String; 2] {
    ["u8", "i8"].map(|of| {
        let fields = lines(count, |at| format!("  f{at} S{at}\n"));
        let types = lines(count, |at| format!("struct S{at} v1\n  a {of}\n\n"));
        snapshot("T", &format!("struct T v1\n{fields}\n{types}"))
    })
}

/// Every field is converted by a function.
pub(crate) fn converted(count: usize) -> [String; 2] {
    [
        record(&lines(count, |at| format!("  f{at} u8\n"))),
        record(&lines(count, |at| format!("  f{at} string\n    @convert g\n      root u8\n"))),
    ]
}

/// Types inside each other, each of which is used twice.
pub(crate) fn chain(count: usize) -> [String; 2] {
    ["u8", "i8"].map(|of| {
        let types = lines(count, |at| match at + 1 {
            next if next == count => format!("struct T{at} v1\n  x {of}\n"),
            next => format!("struct T{at} v1\n  x {of}\n  n T{next}\n  o option<T{next}>\n\n"),
        });
        snapshot("T0", &types)
    })
}

/// Arrays of all lengths become one type.
pub(crate) fn arrays(count: usize) -> [String; 2] {
    [
        snapshot(&format!("({})", list(count, |at| format!("[u8; {at}]"))), ""),
        snapshot(&format!("({})", list(count, |_| "T".to_owned())), "struct T v1\n  a u8\n"),
    ]
}

/// Tuples of tuples of units: nothing that takes a byte.
pub(crate) fn units(count: usize) -> [String; 2] {
    ["u8", "i8"].map(|last| {
        let types = lines(5, |at| {
            let part = if at == 4 { "unit".to_owned() } else { format!("${}", at + 2) };
            format!("type ${} = ({})\n\n", at + 1, list(count, |_| part.clone()))
        });
        snapshot("T", &format!("struct T v1\n  a $1\n  b {last}\n\n{types}"))
    })
}

/// Enums that all correspond to each other, of as many variants as there are enums.
pub(crate) fn every_pair(count: usize) -> [String; 2] {
    let width = count.isqrt();
    [false, true].map(|is_new| {
        let name = |at: usize, mark: &str| if at == 0 { "E".to_owned() } else { format!("E{mark}{}", at + 1) };
        let place = |at: usize| if is_new { at % width } else { at / width };
        let root = list(width * width, |at| name(place(at), "#"));
        let types = lines(width, |at| {
            let variants = lines(width, |variant| {
                let tag = if is_new { width - variant } else { variant };
                let field = if variant == 0 { format!("    x{at} option<u8>\n") } else { String::new() };
                format!("  {tag} V{variant}\n{field}")
            });
            format!("enum {} v1\n{variants}\n", name(at, "#"))
        });
        snapshot(&format!("({root})"), &types)
    })
}

/// One opaque leaf in many places, whose versions read many others, none of them both.
pub(crate) fn leaves(count: usize) -> [String; 2] {
    [(9_000_000, 0), (9_000_001, 4_000_000)].map(|(version, from)| {
        let reads = lines(count, |at| format!("  @reads {}\n", from + at));
        let root = list(count, |_| "$1".to_owned());
        snapshot(&format!("({root})"), &format!("type $1 = opaque b v{version}\n{reads}"))
    })
}

/// All variants become one, whose payload has a default in addition.
pub(crate) fn merged(count: usize) -> [String; 2] {
    let aliases = lines(count, |at| format!("    @alias V{at}\n"));
    [
        snapshot("E", &format!("enum E v1\n{}", lines(count, |at| format!("  {at} V{at}\n    a u8\n")))),
        snapshot("E", &format!("enum E v1\n  0 W\n{aliases}    a u8\n    b option<u8>\n")),
    ]
}

/// Many stored parts that a function does not read, which reads a large record.
pub(crate) fn large_sources(count: usize) -> [String; 2] {
    let source = lines(count, |at| format!("      f{at} u8\n"));
    let new = format!("struct T v2\n  @migrate 1 f\n    root R\n\n    struct R v1\n{source}\n  a u8\n");
    [
        snapshot(&format!("({})", list(count, |at| format!("(u8, u16, [u8; {at}])"))), ""),
        snapshot(&format!("({})", list(count, |_| "T".to_owned())), &new),
    ]
}

/// Records that all become one, which has a default of 32,000 bytes.
pub(crate) fn wide_defaults(count: usize) -> [String; 2] {
    let stored = lines(count, |at| format!("struct S{at} v1\n  a u8\n\n"));
    let aliases = lines(count, |at| format!("  @alias S{at}\n"));
    let default = "00".repeat(32_000);
    let new = format!("struct T v1\n{aliases}  b [u8; 32000]\n    @default 0x{default}\n  a u8\n");
    [
        snapshot(&format!("({})", list(count, |at| format!("S{at}"))), &stored),
        snapshot(&format!("({})", list(count, |_| "T".to_owned())), &new),
    ]
}

/// Records of 32,000 bytes with two fields in another order.
pub(crate) fn wide_records(count: usize) -> [String; 2] {
    ["  a [u8; 32000]\n  b u16\n", "  b u16\n  a [u8; 32000]\n"].map(|fields| {
        let types = lines(count, |at| format!("struct S{at} v1\n{fields}\n"));
        snapshot(&format!("({})", list(count, |at| format!("S{at}"))), &types)
    })
}

/// A record of strings in the opposite order.
pub(crate) fn reversed(count: usize) -> [String; 2] {
    [false, true]
        .map(|is_new| record(&lines(count, |at| format!("  f{} string\n", if is_new { count - 1 - at } else { at }))))
}
