//! One mistake per file, with the expected message of the compiler next to it.
#![allow(missing_docs, reason = "a test")]

#[test]
fn each_mistake_is_reported_at_its_tokens() {
    trybuild::TestCases::new().compile_fail("tests/compile-fail/*.rs");
}
