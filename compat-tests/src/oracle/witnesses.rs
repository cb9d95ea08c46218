//! The law about witnesses: a witness is a stored value, and shows what it claims.

use typeser::report::{Claim, Witness};
use typeser::resolve::{Compatibility, Finding, resolve};
use typeser::value::Value as Decoded;

use super::case::{Case, Hex};
use super::laws::{Broken, Law, LawCounts};
use super::model::Model;
use super::model::witness::written;
use super::subject::Subject;
use super::value::{Layout, Value};

/// The largest number of checked findings per pair.
const MOST: usize = 8;

/// Checks the law on a subject's witnesses for the findings of a case.
///
/// # Errors
/// If a witness is mistake.
pub(super) fn check(subject: &dyn Subject, case: &Case, model: &Model<'_>, laws: &mut LawCounts) -> Result<(), Broken> {
    let resolution = resolve(&case.stored, &case.new, case.role, &case.policy);
    for finding in resolution.findings().iter().take(MOST) {
        if let Some(witness) = subject.witness(&case.stored, &case.new, finding) {
            let mistake = mistake(case, model, finding, &witness);
            laws.check(Law::Witness, mistake.is_none(), || {
                let bytes: Vec<String> =
                    witness.examples.iter().map(|example| Hex(&example.bytes).to_string()).collect();
                let (claim, mistake) = (witness.claim.word(), mistake.unwrap_or_default());
                format!("{finding}\n{claim}, shown by {}: {mistake}", bytes.join(" and "))
            })?;
        }
    }
    Ok(())
}

/// The mistake in a witness.
fn mistake(case: &Case, model: &Model<'_>, finding: &Finding, witness: &Witness) -> Option<String> {
    let is = |words: &str| Some(words.to_owned());
    let mut values = Vec::new();
    for example in &witness.examples {
        let Some(value) = written(Layout::of(&case.stored), &example.bytes) else {
            return is("these are not the bytes of a stored value");
        };
        if Decoded::decode(&case.stored, &example.bytes).as_ref() != Ok(&example.value) {
            return Some(format!("it is displayed as {}", example.value));
        }
        values.push(value);
    }
    let count = if witness.claim == Claim::Collision { 1..=2 } else { 1..=1 };
    if !count.contains(&values.len()) {
        return Some(format!("{} values", values.len()));
    }
    let link = finding.chain.last()?;
    let (way, more) = finding.path.segments().split_at_checked(link.depth)?;
    let parts: Option<Vec<Vec<&Value>>> = values.iter().map(|value| model.parts(value, way)).collect();
    let parts = parts?.concat();
    if parts.is_empty() {
        return is("there is no value at the place of the change");
    }
    match witness.claim {
        Claim::NoCounterpart if finding.rule.verdict < Compatibility::Incompatible => {
            is("the rule accepts every value")
        }
        Claim::NoCounterpart if !parts.iter().any(|part| model.lacks(part, link.stored, link.new)) => {
            is("it has a counterpart")
        }
        Claim::NoCounterpart => None,
        Claim::Touched if parts.iter().any(|part| model.is_of(part, link.stored, more)) => None,
        Claim::Touched => is("it has another variant"),
        Claim::Collision => {
            let mut pairs = (1..parts.len()).flat_map(|other| (0..other).map(move |one| (one, other)));
            match pairs.any(|(one, other)| model.become_one(parts[one], parts[other], link.stored, link.new)) {
                true => None,
                false => is("the values stay different"),
            }
        }
    }
}
