//! Goldens that are compiled into the program are those of the folder.

#![cfg(feature = "derive")]
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use typeser::Serializer;
use typeser::golden::Goldens;
use typeser::resolve::Role;
use typeser::versions::Versions;

#[test]
fn they_are_the_goldens_of_the_folder() {
    let embedded = typeser::goldens!("../golden/zoo").unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/zoo");
    assert_eq!(embedded, Goldens::read(folder).unwrap());
}

#[test]
fn a_set_of_versions_takes_them() {
    let goldens = typeser::goldens!("../golden/zoo").unwrap();
    let (state, _) = goldens.states().into_iter().find(|(_, role)| *role == Role::Value).unwrap();
    let today = || Versions::builder(Serializer::<()>::new().unwrap());
    let error = today().goldens(&goldens, "none of them").build().unwrap_err();
    assert!(error.to_string().contains(&format!("`{state}`")), "{error}");
    // The type of this test cannot read them, and the report names each release that was compiled into it.
    let error = today().goldens(&goldens, state).build().unwrap_err().to_string();
    for (release, _) in goldens.of_state(state, Role::Value) {
        assert!(error.contains(&format!("release {}", release.name)), "{error}");
    }
}
