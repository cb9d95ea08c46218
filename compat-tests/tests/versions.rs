//! Sets of versions: values of several releases side by side, under every frame.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "golden/support.rs"]
mod support;

use support::{folder, golden, goldens};
use typeser::golden::Goldens;
use typeser::migrate::Trust;
use typeser::resolve::{Losses, Policy, Role};
use typeser::schema::IntegerEncoding;
use typeser::versions::{BuildVersionsError, Frame, Ids, NotFramed, Stored, StoredValueError, Tag, Versions};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

mod v1 {
    #[derive(typeser::StateType, Clone, Debug, PartialEq)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }
}

/// In another order: compatible after reconfigure.
mod v2 {
    #[derive(typeser::StateType, Clone, Debug, PartialEq)]
    pub struct Order {
        pub note: String,
        pub id: u32,
    }
}

mod v3 {
    #[derive(typeser::StateType, Clone, Debug, PartialEq)]
    pub struct Order {
        pub id: u64,
        #[state(alias = "note")]
        pub remark: String,
        #[state(default = 3)]
        pub priority: u8,
    }
}

fn serializer<T: StateType>() -> Serializer<T> {
    Serializer::new().unwrap()
}

fn snapshot<T: StateType>() -> SerializerSnapshot {
    serializer::<T>().snapshot().clone()
}

fn only<T: StateType>(frame: Frame) -> Versions<T> {
    Versions::builder(serializer()).frame(frame).build().unwrap()
}

fn all_three(frame: Frame) -> Versions<v3::Order> {
    Versions::builder(serializer())
        .frame(frame)
        .release("1.0.0", snapshot::<v1::Order>())
        .release("2.0.0", snapshot::<v2::Order>())
        .build()
        .unwrap()
}

fn order(id: u64) -> v3::Order {
    v3::Order { id, remark: "fragile".into(), priority: 3 }
}

/// The same order, stored by each release.
fn stored(frame: &Frame) -> [Vec<u8>; 3] {
    let note = || "fragile".to_owned();
    [
        only(frame.clone()).encode(&v1::Order { id: 7, note: note() }).unwrap(),
        only(frame.clone()).encode(&v2::Order { id: 7, note: note() }).unwrap(),
        only(frame.clone()).encode(&order(7)).unwrap(),
    ]
}

/// The numbers of the three layouts.
fn ids() -> Ids {
    let fingerprints = [snapshot::<v1::Order>(), snapshot::<v2::Order>(), snapshot::<v3::Order>()];
    [1, 300, 70_000].into_iter().zip(fingerprints.map(|snapshot| snapshot.fingerprint())).collect()
}

#[test]
fn values_of_three_releases_are_read_under_every_frame() {
    for frame in [Frame::Fingerprint, Frame::Short(ids()), Frame::Confluent(ids()), Frame::SelfDescribing] {
        let versions = all_three(frame.clone()).clone();
        let stored = stored(&frame);
        for (bytes, release) in stored.iter().zip(["1.0.0", "2.0.0", "today"]) {
            assert_eq!(versions.decode(bytes).unwrap(), order(7), "{frame:?}");
            assert_eq!(versions.which(bytes).unwrap(), [release]);
            let mut upgraded = vec![0xAA];
            versions.upgrade(bytes, &mut upgraded).unwrap();
            assert_eq!(upgraded[1..], versions.encode(&order(7)).unwrap());
        }

        assert_eq!(versions.value(&stored[0]).unwrap().to_string(), "Order { id: 7, note: \"fragile\" }");

        let survey = versions.survey(stored.iter().chain(&stored[..1]).chain([&vec![0xFF]]));
        let counts: Vec<_> = survey.layouts.iter().map(|layout| (layout.releases[0].as_str(), layout.values)).collect();
        assert_eq!(counts, [("today", 1), ("1.0.0", 2), ("2.0.0", 1)]);
        assert_eq!((survey.others, survey.unreadable, survey.failures[0].0), (0, 1, 4));
    }
}

#[test]
fn a_tag_beside_the_value_names_its_layout() {
    let versions = all_three(Frame::OutOfBand);
    let tags = [snapshot::<v1::Order>(), snapshot::<v2::Order>(), snapshot::<v3::Order>()];
    let tags = tags.map(|snapshot| Tag::of(snapshot.fingerprint()).0);
    assert_eq!(versions.tag().0, tags[2]);
    for (value, tag) in stored(&Frame::OutOfBand).iter().zip(tags) {
        let stored = Stored::Tagged { tag: &tag, value };
        assert_eq!(versions.decode(stored).unwrap(), order(7));
        let mut upgraded = Vec::new();
        versions.upgrade(stored, &mut upgraded).unwrap();
        assert_eq!(upgraded, versions.encode(&order(7)).unwrap());
        assert_eq!(versions.decode(value), Err(NotFramed::OutOfBand.into()));
        let short = Stored::Tagged { tag: &tag[..5], value };
        assert_eq!(versions.decode(short), Err(NotFramed::Tag { length: 5 }.into()));
    }
}

/// An empty prefix is a prefix of everything: `decode` must not take bytes without their tag for today's.
#[test]
fn todays_bytes_without_their_tag_are_not_read() {
    let versions = only::<u32>(Frame::OutOfBand);
    assert_eq!(versions.decode(&[7, 0, 0, 0]), Err(NotFramed::OutOfBand.into()));
}

#[test]
fn what_is_no_frame_is_said_to_be_none() {
    let versions = only::<u8>(Frame::Fingerprint);
    let stored = versions.encode(&7).unwrap();
    assert_eq!(stored[..2], [0xF8, 0x54]);
    assert_eq!(stored[2..10], versions.tag().0);
    let message = |bytes: &[u8]| versions.decode(bytes).unwrap_err().to_string();
    assert_eq!(message(&stored[..9]), "not a framed value: it has 9 bytes, the frame alone has 10");
    assert_eq!(message(&[]), "not a framed value: it has 0 bytes, the frame alone has 10");
    assert_eq!(message(&[0xF8]), "not a framed value: it has 1 bytes, the frame alone has 10");
    assert_eq!(message(b"{}"), "not a framed value: it begins with [7b, 7d], its frame begins with [f8, 54]");
    assert!(message(&stored[..10]).starts_with("a value of `today`: "), "{}", message(&stored[..10]));

    let mut unknown = stored;
    unknown[2..10].copy_from_slice(&[0xAB; 8]);
    assert_eq!(
        message(&unknown),
        "no release that this program knows wrote this value (tag abababababababab): a newer release wrote it, or one \
         that was not added, or it is damaged"
    );
    let numbered = only::<v1::Order>(Frame::Short(ids()));
    let message = |bytes: &[u8]| numbered.decode(bytes).unwrap_err().to_string();
    assert!(message(&[9]).contains("(number 9)"), "{}", message(&[9]));
    // Not in its shortest form.
    assert!(message(&[251, 1, 0]).starts_with("not a framed value: its frame is a number"));
    let numbered = only::<v1::Order>(Frame::Confluent(ids()));
    assert!(matches!(numbered.decode(&[1, 0, 0, 0, 1]), Err(StoredValueError::NotFramed(NotFramed::Magic { .. }))));
    assert!(matches!(numbered.decode(&[0, 0, 0]), Err(StoredValueError::NotFramed(NotFramed::Short { .. }))));
}

/// Whether a value is framed is declared: these bytes look like a frame, and are a value without one.
#[test]
fn legacy_bytes_may_begin_with_the_magic() {
    let magic_and_tag = u128::from_le_bytes([0xF8, 0x54, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0]);
    let versions = Versions::builder(serializer::<(u128,)>())
        .legacy("before typeser", SerializerSnapshot::from_text("typeser-snapshot 1\nroot (u128,)\n").unwrap())
        .build()
        .unwrap();
    let mut legacy = magic_and_tag.to_le_bytes().to_vec();
    assert_eq!(versions.decode(Stored::Legacy(&legacy)).unwrap(), (magic_and_tag,));
    assert!(matches!(versions.decode(&legacy), Err(StoredValueError::UnknownRelease { .. })));
    // Even with the tag of a known layout.
    legacy[2..10].copy_from_slice(&versions.tag().0);
    assert_ne!(versions.decode(Stored::Legacy(&legacy)).unwrap(), (magic_and_tag,));
    assert!(matches!(versions.decode(&legacy), Err(StoredValueError::Value { .. })));
    assert_eq!(versions.which(Stored::Legacy(&legacy)).unwrap(), ["today", "before typeser"]);
    assert_eq!(only::<u8>(Frame::Fingerprint).decode(Stored::Legacy(&[7])), Err(StoredValueError::NoLegacy));
}

#[test]
fn goldens_are_the_releases_that_production_reads() {
    let old = v1::Order { id: 7, note: "fragile".into() };
    let newer = v2::Order { id: 8, note: "fragile".into() };
    let folder = folder(&goldens([
        ("1.0.0", vec![golden("orders", Role::Value, [old])]),
        ("2.0.0", vec![golden("orders", Role::Value, [newer])]),
    ]));
    let goldens = Goldens::read(folder.path().join("golden")).unwrap();
    let versions = Versions::builder(serializer::<v3::Order>()).goldens(&goldens, "orders").build().unwrap();
    assert_eq!(versions.releases().collect::<Vec<_>>(), ["today", "1.0.0", "2.0.0"]);
    assert_eq!(versions.decode(&stored(&Frame::Fingerprint)[1]).unwrap(), order(7));

    let error = Versions::builder(serializer::<v3::Order>()).goldens(&goldens, "order").build().unwrap_err();
    let message = "no release recorded values of the state `order`; these states are recorded: `orders`";
    assert_eq!(error.to_string(), message);
}

#[test]
fn every_incompatible_release_is_reported_when_it_is_built() {
    let build = Versions::builder(serializer::<bool>())
        .release("1.0.0", snapshot::<u32>())
        .release("2.0.0", snapshot::<bool>())
        .release("3.0.0", snapshot::<String>())
        .build();
    let Err(BuildVersionsError::Incompatible(reports)) = build else { panic!("a `u32` is no `bool`") };
    let origins: Vec<_> = reports.reports().iter().map(|report| report.origin().unwrap()).collect();
    assert_eq!(origins, ["release 1.0.0", "release 3.0.0"]);
    assert!(BuildVersionsError::Incompatible(reports.clone()).to_string().contains("release 3.0.0"));
}

#[test]
fn numbers_are_checked_when_it_is_built() {
    let fingerprint = snapshot::<u8>().fingerprint();
    let twice = [(1, fingerprint), (1, snapshot::<u16>().fingerprint())].into_iter().collect();
    let build = |ids| Versions::builder(serializer::<u8>()).frame(Frame::Short(ids)).build().unwrap_err();
    assert_eq!(build(twice), BuildVersionsError::SameId { id: 1 });
    assert_eq!(build(Ids::default()), BuildVersionsError::NoId { fingerprint });
}

mod hints {
    /// The layout of `without`, and a tombstone.
    pub mod tombstone {
        #[derive(typeser::StateType)]
        #[state(removed("b"))]
        pub struct Row {
            pub a: u8,
        }
    }
    pub mod without {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub struct Row {
            pub a: u8,
        }
    }
    /// Reuses the name that `tombstone` removed.
    pub mod returns {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub struct Row {
            pub a: u8,
            #[state(default = 9)]
            pub b: u8,
        }
    }
    pub mod meters {
        #[derive(typeser::StateType)]
        pub struct Length(pub u32);
    }
    pub mod feet {
        #[derive(typeser::StateType)]
        #[state(version = 2, migrate(1 => super::from_meters))]
        pub struct Length(pub u32);
    }
    pub mod feet_too {
        #[derive(typeser::StateType, Debug, PartialEq)]
        #[state(version = 2)]
        pub struct Length(pub u32);
    }
    pub mod inches {
        #[derive(typeser::StateType, Debug, PartialEq)]
        #[state(version = 3, migrate(1 => super::to_feet), migrate(2 => super::from_feet))]
        pub struct Length(pub u32);
    }
    pub fn from_meters(old: meters::Length) -> feet::Length {
        feet::Length(old.0 * 3)
    }
    /// The first of a chain.
    pub fn to_feet(old: meters::Length) -> feet_too::Length {
        feet_too::Length(old.0 * 3)
    }
    pub fn from_feet(old: feet_too::Length) -> inches::Length {
        inches::Length(old.0 * 12)
    }
}

/// The version is a part of the layout: each value gets the function of its version.
#[test]
fn releases_that_differ_by_a_version_alone_run_different_functions() {
    use hints::{feet_too, inches, meters};
    let versions = Versions::builder(serializer::<inches::Length>())
        .release("1.0.0", snapshot::<meters::Length>())
        .release("2.0.0", snapshot::<feet_too::Length>())
        .build()
        .unwrap();
    let [meters, feet] = [
        only(Frame::Fingerprint).encode(&meters::Length(2)).unwrap(),
        only(Frame::Fingerprint).encode(&feet_too::Length(2)).unwrap(),
    ];
    assert_eq!(versions.decode(&meters).unwrap(), inches::Length(72));
    assert_eq!(versions.decode(&feet).unwrap(), inches::Length(24));
    assert_eq!([versions.which(&meters).unwrap(), versions.which(&feet).unwrap()], [["1.0.0"], ["2.0.0"]]);
}

/// They wrote one layout, and only one of them knows that a name was removed.
#[test]
fn releases_that_differ_by_a_tombstone_alone_are_one_layout_with_both_sets_of_hints() {
    use hints::{returns, tombstone, without};
    assert_eq!(snapshot::<tombstone::Row>().fingerprint(), snapshot::<without::Row>().fingerprint());
    let both = |first: SerializerSnapshot, second| {
        Versions::builder(serializer::<returns::Row>()).release("2.0.0", first).release("3.0.0", second).build()
    };
    // Whichever comes first, its hints do not hide those of the other.
    for build in [
        both(snapshot::<tombstone::Row>(), snapshot::<without::Row>()),
        both(snapshot::<without::Row>(), snapshot::<tombstone::Row>()),
    ] {
        let Err(BuildVersionsError::Incompatible(reports)) = build else { panic!("a removed name came back") };
        assert_eq!(reports.reports().len(), 1);
        assert_eq!(reports.reports()[0].findings()[0].rule.id, "removed-name-returns");
    }
    let versions = both(snapshot::<without::Row>(), snapshot::<without::Row>()).unwrap();
    let stored = only(Frame::Fingerprint).encode(&without::Row { a: 1 }).unwrap();
    assert_eq!(versions.decode(&stored).unwrap(), returns::Row { a: 1, b: 9 });
    assert_eq!(versions.which(&stored).unwrap(), ["2.0.0", "3.0.0"]);

    // Where both can be read, both are named, and today's bytes are those of all three.
    let versions = Versions::builder(serializer::<without::Row>())
        .release("1.0.0", snapshot::<without::Row>())
        .release("2.0.0", snapshot::<tombstone::Row>())
        .build()
        .unwrap();
    assert_eq!(versions.which(&stored).unwrap(), ["today", "1.0.0", "2.0.0"]);
}

/// The declared functions of the writing release do not run when its values are read; those of today do.
#[test]
fn releases_that_differ_by_a_declared_migration_alone_are_one_layout() {
    use hints::{feet, feet_too, inches, meters};
    assert_eq!(snapshot::<feet::Length>().fingerprint(), snapshot::<feet_too::Length>().fingerprint());
    let versions = Versions::builder(serializer::<inches::Length>())
        .release("2.0.0", snapshot::<feet::Length>())
        .release("2.1.0", snapshot::<feet_too::Length>())
        .build()
        .unwrap();
    let stored = only(Frame::Fingerprint).encode(&feet::Length(2)).unwrap();
    assert_eq!(versions.decode(&stored).unwrap(), inches::Length(24));
    assert_eq!(versions.which(&stored).unwrap(), ["2.0.0", "2.1.0"]);

    // A program that went back before the function of 2.0.0 is refused, although 2.1.0 does not name that function.
    for releases in [["2.1.0", "2.0.0"], ["2.0.0", "2.1.0"]] {
        let snapshot_of = |release| match release {
            "2.0.0" => snapshot::<feet::Length>(),
            _ => snapshot::<feet_too::Length>(),
        };
        let builder = Versions::builder(serializer::<meters::Length>());
        let build =
            releases.into_iter().fold(builder, |builder, name| builder.release(name, snapshot_of(name))).build();
        let Err(BuildVersionsError::Incompatible(reports)) = build else { panic!("there is no way back") };
        let refused: Vec<_> = reports.reports().iter().map(|report| report.origin().unwrap()).collect();
        assert_eq!(refused, ["release 2.0.0"]);
    }
}

#[test]
fn releases_that_differ_by_the_configuration_alone_are_two_layouts() {
    let variable = Serializer::<v1::Order>::with_integers(IntegerEncoding::Variable).unwrap();
    let versions = Versions::builder(serializer::<v3::Order>())
        .release("1.0.0", snapshot::<v1::Order>())
        .release("1.1.0", variable.snapshot().clone())
        .build()
        .unwrap();
    let old = v1::Order { id: 7, note: "fragile".into() };
    let fixed = only(Frame::Fingerprint).encode(&old).unwrap();
    let variable = Versions::builder(variable).build().unwrap().encode(&old).unwrap();
    assert_eq!([fixed.len(), variable.len()], [10 + 4 + 8 + 7, 10 + 1 + 1 + 7]);
    for (bytes, release) in [(fixed, "1.0.0"), (variable, "1.1.0")] {
        assert_eq!(versions.decode(&bytes).unwrap(), order(7));
        assert_eq!(versions.which(&bytes).unwrap(), [release]);
    }
}

#[test]
fn a_value_that_describes_itself_needs_no_known_release() {
    let [old, reordered, _] = stored(&Frame::SelfDescribing);
    let versions = Versions::builder(serializer::<v3::Order>())
        .frame(Frame::SelfDescribing)
        .release("2.0.0", snapshot::<v2::Order>())
        .build()
        .unwrap();
    assert_eq!(versions.decode(&old).unwrap(), order(7));
    assert_eq!(versions.decode(&reordered).unwrap(), order(7));
    assert!(matches!(versions.which(&old), Err(StoredValueError::UnknownRelease { .. })));
    assert_eq!(versions.survey([&old, &reordered]).others, 1);
    let number = only(Frame::SelfDescribing).encode(&7u8).unwrap();
    let error = versions.decode(&number).unwrap_err();
    assert!(error.to_string().starts_with("error["), "{error}");
    let error = versions.decode(b"\x89TSNAP\r\n").unwrap_err();
    assert!(error.to_string().starts_with("not a framed value: its frame is a snapshot"), "{error}");
}

/// The hints in front count, although a known release wrote the same layout under other ones.
#[test]
fn a_value_that_describes_itself_is_refused_by_its_own_hints() {
    use hints::{returns, tombstone, without};
    let versions = Versions::builder(serializer::<returns::Row>())
        .frame(Frame::SelfDescribing)
        .release("1.0.0", snapshot::<without::Row>())
        .build()
        .unwrap();
    let stored = only(Frame::SelfDescribing).encode(&without::Row { a: 1 }).unwrap();
    assert_eq!(versions.decode(&stored).unwrap(), returns::Row { a: 1, b: 9 });
    let stored = only(Frame::SelfDescribing).encode(&tombstone::Row { a: 1 }).unwrap();
    let error = versions.decode(&stored).unwrap_err();
    assert!(error.to_string().starts_with("error[removed-name-returns]"), "{error}");
}

#[test]
fn bytes_are_checked_unless_they_are_verified() {
    #[derive(StateType)]
    #[state(name = "Flags")]
    struct Stored {
        old: bool,
        id: u8,
    }
    #[derive(StateType, Debug, PartialEq)]
    #[state(removed("old"))]
    struct Flags {
        id: u8,
    }
    let mut stored = only(Frame::Fingerprint).encode(&Stored { old: true, id: 7 }).unwrap();
    stored[10] = 2;
    let builder = || Versions::builder(serializer::<Flags>()).release("1.0.0", snapshot::<Stored>());
    let error = builder().build().unwrap().decode(&stored).unwrap_err();
    assert!(error.to_string().starts_with("a value of `1.0.0`: "), "{error}");
    let mut to = vec![0xAA];
    assert!(builder().build().unwrap().upgrade(&stored, &mut to).is_err());
    assert_eq!(to, [0xAA]);
    assert_eq!(builder().trust(Trust::Verified).build().unwrap().decode(&stored).unwrap(), Flags { id: 7 });
}

#[test]
fn a_set_is_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone>(_: &T) {}
    let versions = all_three(Frame::Fingerprint);
    is_shared(&versions);
    let stored = stored(&Frame::Fingerprint);
    std::thread::scope(|scope| {
        for bytes in &stored {
            let versions = versions.clone();
            scope.spawn(move || (0..100).for_each(|_| assert_eq!(versions.decode(bytes).unwrap(), order(7))));
        }
    });
}

/// The stored form of each frame: the value 7 of the layout `u32`, whose number is 300.
///
/// `TYPESER_RECORD=1` writes the files that are missing.
#[test]
fn frames_have_the_bytes_of_the_goldens() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("golden/frame/v1");
    let ids = || Ids::from_iter([(300, snapshot::<u32>().fingerprint())]);
    let frames = [
        ("fingerprint", Frame::Fingerprint),
        ("short", Frame::Short(ids())),
        ("confluent", Frame::Confluent(ids())),
        ("out-of-band", Frame::OutOfBand),
        ("self-describing", Frame::SelfDescribing),
    ];
    for (name, frame) in frames {
        let versions = only::<u32>(frame);
        let (path, written) = (folder.join(format!("{name}.bin")), versions.encode(&7).unwrap());
        if std::env::var_os("TYPESER_RECORD").is_some() && !path.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &written).unwrap();
        }
        let recorded = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(recorded, written, "{name}");
        let stored = match name {
            "out-of-band" => Stored::Tagged { tag: &versions.tag().0, value: &recorded },
            _ => Stored::from(&recorded),
        };
        assert_eq!(versions.decode(stored).unwrap(), 7, "{name}");
    }
    let page = include_str!("../../docs/format.md");
    let (_, block) = page.split_once("```frame\n").unwrap();
    let (block, _) = block.split_once('\n').unwrap();
    let drawn: Vec<u8> = block.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    assert_eq!(drawn, std::fs::read(folder.join("fingerprint.bin")).unwrap());
    assert!(page.contains(&format!("whose tag is `{}`", only::<u32>(Frame::Fingerprint).tag())));
}

/// Releases that renamed a field, one of which says so.
mod renamed {
    pub mod before {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub struct Row {
            #[state(default = 9)]
            pub old: u8,
        }
    }
    pub mod after {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub struct Row {
            #[state(alias = "old")]
            pub new: u8,
        }
    }
    pub mod without {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub struct Row {
            pub new: u8,
        }
    }
}

#[test]
fn downwards_the_hints_that_leave_less_out_are_used_also_where_losses_are_allowed() {
    use renamed::{after, before, without};
    assert_eq!(snapshot::<after::Row>().fingerprint(), snapshot::<without::Row>().fingerprint());
    let stored = only(Frame::Fingerprint).encode(&after::Row { new: 4 }).unwrap();
    for losses in [Losses::Declared, Losses::Any] {
        for [first, second] in [
            [snapshot::<after::Row>(), snapshot::<without::Row>()],
            [snapshot::<without::Row>(), snapshot::<after::Row>()],
        ] {
            let versions = Versions::builder(serializer::<before::Row>())
                .policy(Policy { downwards: true, losses })
                .release("2.0.0", first)
                .release("3.0.0", second)
                .build()
                .unwrap();
            assert_eq!(versions.decode(&stored).unwrap(), before::Row { old: 4 }, "{losses:?}");
        }
    }
}
