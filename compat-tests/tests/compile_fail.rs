//! One mistake a file: what the compiler says about it is kept beside it.
#![allow(missing_docs, reason = "a test")]

#[test]
fn each_mistake_is_told_on_the_right_words() {
    trybuild::TestCases::new().compile_fail("tests/compile-fail/*.rs");
}
