//! Version 2 of the snapshot format: what it holds, when it is written, and what it refuses.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::time::{Duration, Instant};

use compat_tests::schemas::{snapshots, snapshots_of_version_2};
use compat_tests::snapshot_zoo;
use proptest::prelude::*;
use typeser::SerializerSnapshot;
use typeser::schema::{Field, IntegerEncoding, Node, NodeId, Primitive, Schema, StructNode};
use typeser::snapshot::{CURRENT_VERSION, Configuration, ConversionHint, MAGIC, NodeHints, RootHints, Source};
use typeser::wire::checksum;

fn envelope(version: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    bytes
}

fn body(bytes: &[u8]) -> &[u8] {
    &bytes[14..bytes.len() - 4]
}

fn written_version(bytes: &[u8]) -> u16 {
    u16::from_le_bytes([bytes[8], bytes[9]])
}

fn refused(bytes: &[u8]) -> String {
    SerializerSnapshot::from_bytes(bytes).unwrap_err().to_string()
}

fn refused_text(text: &str) -> String {
    SerializerSnapshot::from_text(text).unwrap_err().to_string()
}

fn refused_json(json: &str) -> String {
    SerializerSnapshot::from_json(json).unwrap_err().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_form_holds_the_whole_snapshot(snapshot in snapshots_of_version_2()) {
        let bytes = snapshot.to_bytes().unwrap();
        let read = SerializerSnapshot::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &snapshot);
        prop_assert_eq!(read.fingerprint(), snapshot.fingerprint());
        prop_assert_eq!(read.read_version(), written_version(&bytes));
        prop_assert_eq!(&read.to_bytes().unwrap(), &bytes);
        // Reading text makes the graph minimal.
        let text = SerializerSnapshot::from_text(&snapshot.to_text()).unwrap();
        prop_assert_eq!(text.root_hints(), snapshot.root_hints());
        prop_assert_eq!(text.configuration(), snapshot.configuration());
        prop_assert_eq!(text.fingerprint(), snapshot.fingerprint());
        prop_assert_eq!(text.read_version(), snapshot.read_version());
        prop_assert_eq!(&SerializerSnapshot::from_json(&snapshot.to_json()).unwrap(), &text);
        prop_assert_eq!(&SerializerSnapshot::from_text(&text.to_text()).unwrap(), &text);
        prop_assert_eq!(&SerializerSnapshot::from_bytes(&text.to_bytes().unwrap()).unwrap(), &text);
    }

    #[test]
    fn a_changed_body_is_read_in_one_form_only(
        snapshot in snapshots_of_version_2(),
        at in any::<prop::sample::Index>(),
        to: u8,
    ) {
        let bytes = snapshot.to_bytes().unwrap();
        let mut changed = body(&bytes).to_vec();
        let at = at.index(changed.len());
        changed[at] = to;
        let changed = envelope(written_version(&bytes), &changed);
        if let Ok(read) = SerializerSnapshot::from_bytes(&changed) {
            prop_assert_eq!(read.to_bytes().unwrap(), changed);
        }
    }

    #[test]
    fn what_version_1_can_hold_is_written_in_version_1(snapshot in snapshots()) {
        let bytes = snapshot.to_bytes().unwrap();
        prop_assert_eq!(written_version(&bytes), 1);
        prop_assert!(snapshot.to_text().starts_with("typeser-snapshot 1\n"));
        let is_version_1 = snapshot.to_json().starts_with("{\n  \"typeser-snapshot\": 1,\n");
        prop_assert!(is_version_1);
        // No snapshot has two binary forms.
        let mut body = body(&bytes).to_vec();
        let integers = 2 + snapshot.name().len() + if snapshot.version() > 250 { 4 } else { 0 };
        body.insert(integers + 1, 0);
        // By chance the bytes may be those of another snapshot, which version 1 cannot hold.
        let bytes = envelope(2, &body);
        if let Ok(read) = SerializerSnapshot::from_bytes(&bytes) {
            prop_assert_ne!(&read, &snapshot);
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }
}

#[test]
fn every_snapshot_of_version_2_is_written_in_version_2() {
    for (name, snapshot) in snapshot_zoo::of_version(2) {
        assert_eq!(written_version(&snapshot.to_bytes().unwrap()), 2, "{name}");
        assert!(snapshot.to_text().starts_with("typeser-snapshot 2\n"), "{name}");
        assert!(snapshot.to_json().starts_with("{\n  \"typeser-snapshot\": 2,\n"), "{name}");
    }
}

/// What a release says that does not know the version. The release before this one says the same of version 2.
#[test]
fn a_later_version_is_refused_with_a_sentence() {
    for (name, snapshot) in snapshot_zoo::of_version(2) {
        let bytes = snapshot.to_bytes().unwrap();
        let later = CURRENT_VERSION + 1;
        let message = refused(&envelope(later, body(&bytes)));
        assert_eq!(
            message,
            "the snapshot has format version 3, this release of typeser reads 1, 2; a newer release wrote it: upgrade \
             this program, or write it again with the older release",
            "{name}"
        );
        let text = snapshot.to_text().replace("typeser-snapshot 2", "typeser-snapshot 3");
        assert!(refused_text(&text).contains("a newer release wrote it"), "{name}");
        // The reader of version 1 is given no body of version 2, and would refuse it.
        SerializerSnapshot::from_bytes(&envelope(1, body(&bytes))).unwrap_err();
    }
}

#[test]
fn text_of_version_1_cannot_hold_what_version_2_holds() {
    let cases = [
        ("ordered\nroot u64\n", "ordered bytes"),
        ("root u64\n  @was\n    root i64\n", "conversions of the value as a whole"),
        ("root u64\n  @none 0x0000000000000000\n", "conversions of the value as a whole"),
        ("root S\n\nstruct S v2\n  @migrate 1 f injective\n  a u8\n", "an injective `migrate`"),
        ("root S\n\nstruct S v2\n  @was\n    root u8\n  a u8\n", "layouts that a type was before"),
        ("root opaque b v1 a=\"1\"\n", "the parameters of an opaque leaf"),
        ("root $1\n\ntype $1 = opaque b v1\n  @alias a\n", "earlier names of an opaque leaf"),
        (
            "root S\n\nstruct S v2\n  @migrate 1 f\n    root T\n\n    struct T v1\n      @alias S\n      b u8\n  a u8\n",
            "hints of a layout that a function reads",
        ),
    ];
    for (text, part) in cases {
        let message = refused_text(&format!("typeser-snapshot 1\n{text}"));
        assert_eq!(
            message,
            format!("line 1, column 18: version 1 of the format cannot hold {part}; write version 2 here")
        );
        let read = SerializerSnapshot::from_text(&format!("typeser-snapshot 2\n{text}")).unwrap();
        let message = refused_json(&read.to_json().replace("\"typeser-snapshot\": 2", "\"typeser-snapshot\": 1"));
        assert!(message.starts_with("line 2, column 23: version 1 of the format cannot hold"), "{message}");
        assert_eq!(SerializerSnapshot::from_json(&read.to_json()).unwrap(), read);
    }
    // Someone who writes by hand need not know which version is enough.
    let read = SerializerSnapshot::from_text("typeser-snapshot 2\nroot u64\n").unwrap();
    assert_eq!(written_version(&read.to_bytes().unwrap()), 1);
}

#[test]
fn functions_have_no_functions() {
    let nested = "typeser-snapshot 2\nroot S\n\nstruct S v2\n  @migrate 1 f\n    root T\n\n    struct T v2\n";
    let cases = [
        "      @migrate 1 g\n      b u8\n",
        "      @migrate 1 g\n        root u8\n      b u8\n",
        "      @was\n        root u8\n      b u8\n",
        "      b u8\n        @convert g\n          root u16\n",
    ];
    for case in cases {
        let message = refused_text(&format!("{nested}{case}  a u8\n"));
        let end = "the layout that a function reads cannot name functions or other layouts";
        assert!(message.ends_with(end), "{message}");
    }
    let was = "typeser-snapshot 2\nroot S\n\nstruct S v2\n  @was\n    root T\n\n    struct T v1\n      @alias U\n      b u8\n";
    assert_eq!(
        refused_text(&format!("{was}  a u8\n")),
        "line 8, column 12: the layout that a type was before cannot have hints"
    );
    let json = r#"{"typeser-snapshot": 2, "root": "S", "types": [{"struct": "S", "version": 2, "migrate": [
        {"from": 1, "id": "f", "source": {"root": "T", "types": [{"struct": "T", "migrate": [{"from": 0, "id": "g"}]}]}}
    ]}]}"#;
    assert_eq!(
        refused_json(json),
        "line 2, column 78: the layout that a function reads cannot name functions or other layouts"
    );
}

/// The two functions that a hand-written text declares, and what is said about them.
const CONFLICTS: &[(&str, &str)] = &[
    (
        "root S\n\nstruct S v1\n  a u32\n    @default 0x0000\n",
        "line 6, column 5: the default of `S.a` is not a value of `u32`: cannot decode at offset 0: 4 bytes are needed, \
         2 remain; write the bytes of a value with fixed integers",
    ),
    (
        "root S\n\nstruct S v1\n  a bool\n  b u8\n    @none 0x0000\n",
        "line 7, column 5: the value for a stored `None` of `S.b` is not a value of `u8`: cannot decode at offset 1: the \
         value ends here, 1 bytes are left over; write the bytes of a value with fixed integers",
    ),
    (
        "root E\n\nenum E v1\n  @removed b becomes 0x09000000\n  0 a\n",
        "line 5, column 3: the value that the removed `E::b` becomes is not a value of `E`: cannot decode at offset 0: \
         `E` has no variant of tag 9; write the bytes of a value with fixed integers",
    ),
    (
        "root S\n\nstruct S v1\n  metres u32\n    @convert to_feet\n      root u32\n",
        "line 6, column 5: `to_feet` reads the layout that `S.metres` has now, so a converted value looks like one \
         that is not converted; count the version of the type up and declare `migrate` instead",
    ),
    (
        "root S\n\nstruct S v1\n  metres string\n    @convert f\n      root u32\n    @convert g injective\n      root u32\n",
        "line 8, column 5: `f` and `g` read the same stored layout, so a stored value could be for either of them; remove \
         one of the two",
    ),
    (
        "root S\n\nstruct S v3\n  @migrate 1 f\n    root u8\n  @migrate 2 g\n    root u8\n  a u8\n",
        "line 7, column 3: `f` and `g` read the same stored layout, so a stored value could be for either of them; remove \
         one of the two",
    ),
];

#[test]
fn declarations_in_conflict_are_refused_in_text_and_json_of_each_version() {
    for (text, message) in CONFLICTS {
        for version in [1, 2] {
            assert_eq!(refused_text(&format!("typeser-snapshot {version}\n{text}")), *message);
        }
    }
    for json in [
        r#"{"typeser-snapshot":1,"root":"S","types":[{"struct":"S","fields":[{"name":"metres","type":"u32","convert":[{"id":"S.metres: to_feet","source":{"root":"u32"}}]}]}]}"#,
        r#"{"typeser-snapshot":1,"root":"S","types":[{"struct":"S","fields":[{"name":"metres","type":"u32","convert":[{"id":"S.metres: to_feet","source":{"root":"u32"}}]},{"name":"note","type":"option<string>"}]}]}"#,
    ] {
        let message = refused_json(json);
        assert!(message.starts_with("line 1, column 108: `S.metres: to_feet` reads the layout"), "{message}");
    }
    let json = r#"{"typeser-snapshot":1,"root":"S","types":[{"struct":"S","fields":[{"name":"metres","type":"string","convert":[{"id":"f","source":{"root":"u32"}},{"id":"g","source":{"root":"u32"}}]}]}]}"#;
    let message = refused_json(json);
    assert!(message.starts_with("line 1, column 146: `f` and `g` read the same stored layout"), "{message}");
    for (text, at) in [
        ("root u32\n  @none 0x00\n", "line 3, column 3: the value for a stored `None` is not a value of `u32`"),
        ("root u32\n  @convert f\n    root u32\n", "line 3, column 3: `f` reads the layout that the value as a whole"),
        ("root u32\n  @was\n    root u32\n", "line 3, column 3: `was` reads the layout that the value as a whole"),
        (
            "root u32\n  @was\n    root i32\n  @convert f\n    root i32\n",
            "line 5, column 3: `was` and `f` read the same",
        ),
        (
            "root S\n\nstruct S v2\n  @was\n    root u8\n  @migrate 1 f\n    root u8\n  a u8\n",
            "line 7, column 3: `was` and `f` read the same",
        ),
        (
            "root E\n\nenum E v2\n  @was\n    root u8\n  @migrate 1 f\n    root u8\n  0 a\n",
            "line 7, column 3: `was` and `f` read the same",
        ),
        (
            "root S\n\nstruct S v2\n  @migrate 1 f\n    root T\n\n    struct T v1\n      b u8\n        @default 0x\n  a u8\n",
            "line 5, column 3: the layout that `f` reads: the default of `T.b` is not a value of `u8`",
        ),
    ] {
        let message = refused_text(&format!("typeser-snapshot 2\n{text}"));
        assert!(message.starts_with(at), "{message}");
    }
}

/// A golden of version 1 holds such constants, so a release may have written them.
#[test]
fn constants_that_are_no_values_are_read_where_a_release_may_have_written_them() {
    let golden = snapshot_zoo::every_kind();
    golden.check_declared().unwrap_err();
    let (text, json) = (golden.to_text(), golden.to_json());
    assert_eq!(SerializerSnapshot::from_bytes(&golden.to_bytes().unwrap()).unwrap(), golden);
    assert_eq!(SerializerSnapshot::from_text(&text).unwrap(), golden);
    assert_eq!(SerializerSnapshot::from_json(&json).unwrap(), golden);
    // No release wrote these.
    let at = "line 29, column 5: the default of `Every.option` is not a value of `option<u16>`";
    assert!(refused_text(&text.replace("name Every\n", "")).contains(&at[9..]));
    assert!(refused_json(&json.replace("\"version\": 7,\n", "")).contains(&at[17..]));
}

#[test]
fn declarations_in_conflict_are_neither_written_nor_read_in_version_2() {
    let layout = |primitive| Schema::new(vec![Node::Primitive(primitive)]).unwrap();
    let read = |id: &str, primitive| ConversionHint {
        id: id.to_owned(),
        injective: false,
        source: Source::from(layout(primitive)),
    };
    let with = |root| {
        let integers = Configuration::from(IntegerEncoding::Fixed);
        let (name, schema, hints) = ("n".to_owned(), layout(Primitive::U64), vec![NodeHints::None]);
        SerializerSnapshot::with_root(name, 1, integers, schema, hints, root).unwrap()
    };
    let own = with(RootHints { conversions: vec![read("f", Primitive::U64)], ..RootHints::default() });
    assert!(own.to_bytes().unwrap_err().to_string().starts_with("the snapshot of `n` cannot be stored: node 0: `f`"));
    let good = with(RootHints { conversions: vec![read("f", Primitive::U32)], ..RootHints::default() });
    let bytes = good.to_bytes().unwrap();
    let mut changed = body(&bytes).to_vec();
    // The primitive of the layout that the function reads, before its hints and those of the whole.
    let at = changed.len() - 3;
    assert_eq!(changed[at], 4);
    changed[at] = 5;
    assert_eq!(
        refused(&envelope(2, &changed)),
        "the snapshot is not valid: node 0: `f` reads the layout that the value as a whole has now, so a converted value \
         looks like one that is not converted; count the version of the type up and declare `migrate` instead"
    );
}

#[test]
fn checking_what_is_declared_takes_bounded_work() {
    // Fields of one wide type, each with a function that reads nearly that type.
    let wide = |last: &str| {
        let mut fields: Vec<Field> =
            (0..4_000).map(|at| Field { name: format!("f{at}"), node: NodeId::new(1) }).collect();
        fields.push(Field { name: last.to_owned(), node: NodeId::new(2) });
        Node::Struct(StructNode { name: "W".to_owned(), version: 1, fields })
    };
    let source = Schema::new(vec![wide("z"), Node::Primitive(Primitive::U8), Node::Primitive(Primitive::U16)]).unwrap();
    let fields = (0..400).map(|at| Field { name: format!("g{at}"), node: NodeId::new(1) }).collect();
    let root = Node::Struct(StructNode { name: "S".to_owned(), version: 1, fields });
    let mut child = wide("z");
    if let Node::Struct(node) = &mut child {
        node.fields.iter_mut().for_each(|field| field.node = NodeId::new(field.node.number() + 1));
    }
    let nodes = vec![root, child, Node::Primitive(Primitive::U8), Node::Primitive(Primitive::U32)];
    let schema = Schema::new(nodes).unwrap();
    let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
    if let NodeHints::Struct(hints) = &mut hints[0] {
        for field in &mut hints.record.fields {
            let source = source.clone().into();
            field.conversions = vec![ConversionHint { id: "f".to_owned(), injective: false, source }];
        }
    }
    let integers = Configuration { ordered: true, ..Configuration::default() };
    let snapshot = SerializerSnapshot::new("S".to_owned(), 1, integers, schema, hints).unwrap();
    let since = Instant::now();
    let message = snapshot.to_bytes().unwrap_err().to_string();
    assert!(message.ends_with("the declared functions of the snapshot take too many steps to check"), "{message}");
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
}
