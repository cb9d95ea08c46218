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
