//! Goldens as a tree: releases, their states, and samples.

use serde_json::{Value, json};
use typeser::golden::{Golden, Goldens, RecordedRelease};
use typeser::text::hex;

use super::document::{Document, JSON_VERSION, serializer};
use super::layout;
use super::tree::Tree;

/// All releases, or only one with everything in it.
pub(super) fn document(name: &str, goldens: &Goldens, only: Option<&RecordedRelease>) -> Document {
    let releases = only.map_or_else(|| goldens.releases.iter().collect::<Vec<_>>(), |release| vec![release]);
    let whole = only.is_some() || releases.len() == 1;
    let mut tree = Tree::leaf(format!("goldens {name}"));
    for release in &releases {
        let parts = release.goldens.iter().map(|golden| tree_of(golden, whole)).collect();
        tree.parts.push(Tree { label: format!("release {}", release.name), parts });
    }
    for accepted in &goldens.ledger.entries {
        tree.parts.push(Tree::leaf(format!(
            "accepted {} in {}, from {} to {}: {}",
            accepted.rule, accepted.state, accepted.from, accepted.to, accepted.reason
        )));
    }
    let json = json!({
        "typeser-inspect": JSON_VERSION,
        "kind": "goldens",
        "source": name,
        "releases": releases.iter().map(|release| json_of(release)).collect::<Vec<_>>(),
    });
    Document { tree, json }
}

fn tree_of(golden: &Golden, whole: bool) -> Tree {
    let mut serializer = layout::tree(Some(golden.role.word()), &golden.snapshot);
    if !whole {
        serializer.parts.clear();
    }
    let mut parts = vec![serializer];
    for sample in golden.samples.iter().filter(|_| whole) {
        let value = sample.value.as_deref().unwrap_or("a value without a readable form");
        let origin = if sample.generated { ", generated" } else { "" };
        parts.push(Tree::leaf(format!("sample {value} ({} bytes{origin})", sample.bytes.len())));
    }
    Tree { label: format!("state {}", layout::name(&golden.state)), parts }
}

fn json_of(release: &RecordedRelease) -> Value {
    let goldens = release.goldens.iter().map(|golden| {
        let samples = golden.samples.iter().map(|sample| {
            let bytes = hex::encode(&sample.bytes);
            json!({ "bytes": bytes, "value": sample.value, "generated": sample.generated })
        });
        json!({
            "state": golden.state,
            "role": golden.role.word(),
            "serializer": serializer(&golden.snapshot),
            "samples": samples.collect::<Vec<_>>(),
        })
    });
    json!({ "release": release.name, "goldens": goldens.collect::<Vec<_>>() })
}
