//! Tags: two variants of one tag could not be told apart in stored bytes.

use std::collections::HashMap;

use quote::ToTokens;

use crate::ast::{Input, Shape, Variant};
use crate::ctxt::Ctxt;

pub(super) fn check(cx: &Ctxt, input: &Input<'_>) {
    let Shape::Enum(variants) = &input.shape else { return };
    let mut holders: HashMap<u32, &Variant<'_>> = HashMap::new();
    for variant in variants {
        let Some(first) = holders.get(&variant.tag) else {
            holders.insert(variant.tag, variant);
            continue;
        };
        let free = (0..=u32::MAX).find(|tag| variants.iter().all(|other| other.tag != *tag)).unwrap_or(u32::MAX);
        let (tag, name, earlier) = (variant.tag, &variant.name.value, &first.name.value);
        let how = if variant.attributes.tag.is_some() { "" } else { ", by its place in the enum" };
        let original = match &variant.attributes.tag {
            Some(tag) => tag.original.clone(),
            None => variant.original.ident.to_token_stream(),
        };
        let advice = if variant.attributes.tag.is_some() {
            format!("{free} is free: write `tag = {free}`")
        } else {
            format!("{free} is free: write `#[state(tag = {free})]` above it")
        };
        cx.error(original, format!("`{name}` has the tag {tag}{how}, as `{earlier}` has: {advice}"));
    }
}
