//! What the examples of functions print, whole.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

#[path = "../examples/buffering_sink.rs"]
mod buffering_sink;
#[path = "../examples/count_window_average.rs"]
mod count_window_average;
#[path = "../examples/counter_source.rs"]
mod counter_source;
#[path = "../examples/map_with_state.rs"]
mod map_with_state;

fn output(story: impl FnOnce(&std::path::Path, &mut Vec<u8>)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    story(folder.path(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn count_window_average_prints_what_the_documentation_says() {
    insta::assert_snapshot!(output(|_, out| count_window_average::story(out).unwrap()), @r"
    (1,4)
    (1,5)
    ");
}

#[test]
fn map_with_state_counts_on_in_another_type() {
    insta::assert_snapshot!(output(|folder, out| map_with_state::story(&folder.join("savepoint"), out).unwrap()));
}

#[test]
fn what_a_buffering_sink_has_not_sent_is_shared_out_in_two_ways() {
    insta::assert_snapshot!(output(|folder, out| buffering_sink::story(folder, out).unwrap()));
}

#[test]
fn a_counter_source_gives_every_number_once() {
    insta::assert_snapshot!(output(|folder, out| counter_source::story(&folder.join("savepoint"), out).unwrap()));
}
