//! What an ordered key needs: that the bytes of all its parts compare as a derived `Ord` compares the parts.

use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};

use crate::ast::{Input, Shape, Variant};
use crate::ctxt::Ctxt;

/// A type or field that is stored as something else compares as what it is, and its bytes as what is stored.
pub(super) fn check_leaves(cx: &Ctxt, input: &Input<'_>) {
    if input.attributes.ordered.is_none() {
        return;
    }
    let own = input.attributes.leaf.iter().map(|leaf| (leaf, "type"));
    for (leaf, what) in own.chain(input.leaves().map(|(_, leaf)| (leaf, "field"))) {
        let word = leaf.word();
        cx.error(
            word,
            format!("an ordered key cannot have a {what} with `{word}`: its values may compare in another way than what is stored of them; write `key` in place of `ordered`, or store what is to be compared in a field of a type of its own"),
        );
    }
}

/// A derived `Ord` compares the discriminants of variants, and bytes the places where variants are declared.
pub(super) fn check_discriminants(cx: &Ctxt, input: &Input<'_>) {
    let (Some(_), Shape::Enum(variants)) = (&input.attributes.ordered, &input.shape) else { return };
    let mut before: Option<i128> = None;
    for variant in variants {
        let discriminant = match &variant.original.discriminant {
            None => Some(before.map_or(0, |before| before.saturating_add(1))),
            Some((_, expression)) => number(expression),
        };
        match (discriminant, &variant.original.discriminant) {
            (Some(value), _) if before.is_none_or(|before| value > before) => before = Some(value),
            (Some(value), Some((_, expression))) => {
                cx.error(
                    expression,
                    format!("`Ord` compares discriminants, and {value} comes behind a greater one: declare the variants of an ordered key in the order of their discriminants"),
                );
            }
            (_, _) => return unknown(cx, variant),
        }
    }
}

fn unknown(cx: &Ctxt, variant: &Variant<'_>) {
    if let Some((_, expression)) = &variant.original.discriminant {
        cx.error(
            expression,
            "`Ord` compares discriminants, and the derive has to know this one for an ordered key: write it as a number",
        );
    }
}

fn number(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => number(expr)?.checked_neg(),
        Expr::Paren(paren) => number(&paren.expr),
        Expr::Group(group) => number(&group.expr),
        _ => None,
    }
}
