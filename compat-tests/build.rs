//! Lists the pairs of `pairs/` (see `build/pairs.rs`), and generates random types, the same ones in every build, for
//! `tests/generated_types.rs`.
//!
//! Each type comes with a generator of random values. A type refers to earlier types inline and to itself only through a
//! box or a list, so every value is finite.

#![allow(clippy::unwrap_used, missing_docs, reason = "a build script reports errors by panicking")]

#[path = "build/pairs.rs"]
mod pairs;

use std::fmt::Write as _;
use std::path::Path;

/// The number of types.
const TYPES: usize = 220;

/// Leaf types, as source code.
const LEAVES: [&str; 34] = [
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "bool",
    "char",
    "()",
    "String",
    "String",
    "Box<str>",
    "u32",
    "u64",
    "f32",
    "Duration",
    "SystemTime",
    "IpAddr",
    "SocketAddrV4",
    "NonZero<u32>",
    "NonZero<i64>",
    "Wrapping<u16>",
    "Reverse<u8>",
    "Range<u32>",
    "PathBuf",
    "PhantomData<String>",
];

/// Leaves that can be keys of maps and elements of sets.
const KEYS: [&str; 8] = ["u8", "u16", "u64", "i32", "char", "bool", "String", "(u8, u16)"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let mut rng = Rng(2026);
    let mut code = format!("pub const TYPES: usize = {TYPES};\n\n");
    for number in 0..TYPES {
        write_type(&mut code, number, &mut rng);
    }
    code.push_str("macro_rules! for_each_generated_type {\n    ($run:ident) => {\n");
    for number in 0..TYPES {
        _ = writeln!(code, "        $run!(T{number});");
    }
    code.push_str("    };\n}\n");
    let folder = std::env::var_os("OUT_DIR").unwrap();
    std::fs::write(Path::new(&folder).join("generated_types.rs"), code).unwrap();
    pairs::write(Path::new(&folder));
}

fn write_type(code: &mut String, number: usize, rng: &mut Rng) {
    code.push_str("#[derive(StateType, Serialize, Deserialize, Debug, Clone, PartialEq)]\n");
    if rng.below(5) < 3 {
        let record = Record::any(number, rng);
        let end = if matches!(record, Record::Named(_)) { "" } else { ";" };
        _ = writeln!(code, "pub struct T{number}{}{end}", record.declaration("pub "));
        _ = writeln!(code, "impl Random for T{number} {{\n    fn random(rng: &mut Rng, depth: u32) -> Self {{");
        _ = writeln!(code, "        _ = (&rng, depth);\n        Self{}\n    }}\n}}\n", record.value());
    } else {
        let variants: Vec<Record> = (0..=rng.below(6)).map(|_| Record::any(number, rng)).collect();
        _ = writeln!(code, "pub enum T{number} {{");
        for (index, variant) in variants.iter().enumerate() {
            _ = writeln!(code, "    V{index}{},", variant.declaration(""));
        }
        _ = writeln!(code, "}}\nimpl Random for T{number} {{\n    fn random(rng: &mut Rng, depth: u32) -> Self {{");
        _ = writeln!(code, "        _ = depth;\n        match rng.below({}) {{", variants.len());
        for (index, variant) in variants.iter().enumerate() {
            let pattern = if index + 1 == variants.len() { "_".to_owned() } else { index.to_string() };
            _ = writeln!(code, "            {pattern} => Self::V{index}{},", variant.value());
        }
        code.push_str("        }\n    }\n}\n\n");
    }
}

/// The fields of a struct or a variant.
enum Record {
    Unit,
    Tuple(Vec<String>),
    Named(Vec<String>),
}

impl Record {
    fn any(number: usize, rng: &mut Rng) -> Self {
        let fields: Vec<String> = (0..rng.below(7)).map(|_| field(number, 0, rng)).collect();
        match rng.below(8) {
            0 => Self::Unit,
            1..4 => Self::Tuple(fields),
            _ => Self::Named(fields),
        }
    }

    fn declaration(&self, visibility: &str) -> String {
        match self {
            Self::Unit => String::new(),
            Self::Tuple(fields) => {
                let fields: Vec<String> = fields.iter().map(|field| format!("{visibility}{field}")).collect();
                format!("({})", fields.join(", "))
            }
            Self::Named(fields) => {
                let named = (0..).zip(fields).map(|(index, field): (u32, _)| format!("{visibility}f{index}: {field}"));
                format!(" {{ {} }}", named.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn value(&self) -> String {
        const RANDOM: &str = "Random::random(rng, depth + 1)";
        match self {
            Self::Unit => String::new(),
            Self::Tuple(fields) => format!("({})", vec![RANDOM; fields.len()].join(", ")),
            Self::Named(fields) => {
                let values: Vec<String> = (0..fields.len()).map(|index| format!("f{index}: {RANDOM}")).collect();
                format!(" {{ {} }}", values.join(", "))
            }
        }
    }
}

/// The type of a field of type `number`.
fn field(number: usize, depth: u32, rng: &mut Rng) -> String {
    let leaf = |rng: &mut Rng| LEAVES[rng.below(LEAVES.len())].to_owned();
    let key = |rng: &mut Rng| KEYS[rng.below(KEYS.len())];
    if depth == 3 {
        return leaf(rng);
    }
    let inner = |rng: &mut Rng| field(number, depth + 1, rng);
    match rng.below(24) {
        0..11 => leaf(rng),
        11 => format!("Option<{}>", inner(rng)),
        12 => format!("Vec<{}>", inner(rng)),
        13 => format!("[{}; {}]", leaf(rng), rng.below(5)),
        14 => format!("({}, {})", inner(rng), inner(rng)),
        15 => format!("BTreeMap<{}, {}>", key(rng), inner(rng)),
        16 => format!("HashMap<{}, {}>", key(rng), inner(rng)),
        17 => format!("BTreeSet<{}>", key(rng)),
        18 => format!("Result<{}, {}>", inner(rng), leaf(rng)),
        19 => format!("VecDeque<{}>", inner(rng)),
        20 => format!("Option<Box<T{number}>>"),
        21 => format!("Vec<T{number}>"),
        _ if number == 0 => format!("Box<{}>", inner(rng)),
        _ => format!("T{}", rng.below(number)),
    }
}

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}
