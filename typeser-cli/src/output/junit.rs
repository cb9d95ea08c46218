//! JUnit XML: a suite for each state and role, and a case for each pair, including those that pass.

use typeser::text::clean;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::comparison::{Comparison, Pair, Problem, Status};
use super::error::OutputError;

/// Writes the document. Problems form a separate suite. If there are none, it has one case that passes.
pub(super) fn write(comparison: &Comparison) -> Result<String, OutputError> {
    let mut report = Report::new(format!("typeser {}", comparison.command));
    for (state, role, pairs) in comparison.states() {
        let name = format!("{} / {role}", clean(state));
        let mut suite = TestSuite::new(name.as_str());
        suite.add_test_cases(pairs.into_iter().map(|pair| case(comparison, pair, &name)));
        report.add_test_suite(suite);
    }
    let mut suite = TestSuite::new(comparison.command);
    if comparison.problems.is_empty() {
        let mut case = TestCase::new("no other problems", TestCaseStatus::success());
        case.set_classname(comparison.command);
        suite.add_test_case(case);
    }
    suite.add_test_cases(comparison.problems.iter().map(|problem| of_problem(comparison, problem)));
    let remarks: Vec<String> = comparison.remarks.iter().map(|remark| format!("note: {}", clean(remark))).collect();
    suite.set_system_out([vec![clean(&comparison.summary())], remarks].concat().join("\n"));
    report.add_test_suite(suite);
    let failed =
        |reason: quick_junit::SerializeError| OutputError::Form { format: "junit", reason: reason.to_string() };
    report.to_string().map(|document| allowed(&document)).map_err(failed)
}

/// The document without the two characters that XML does not allow although they are no control characters.
fn allowed(document: &str) -> String {
    document.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}

fn case(comparison: &Comparison, pair: &Pair, class: &str) -> TestCase {
    let name = format!("{} reads what {} wrote", clean(&pair.reader.release), clean(&pair.writer.release));
    let report = &pair.report;
    let status = comparison.status(pair);
    let mut case = TestCase::new(
        name,
        match status {
            Status::Passed | Status::Accepted => TestCaseStatus::success(),
            Status::NotAsked => {
                let mut skipped = TestCaseStatus::skipped();
                skipped.set_message(format!("not requested; the verdict would be: {}", report.compatibility()));
                skipped
            }
            Status::Failed => {
                let report = report.clone().with_origin(pair.writer.release.as_str());
                let open = report.keeping(|report, finding| pair.acceptance(report.id(finding)).is_none());
                let bad = open.findings().iter().filter(|finding| finding.rule.verdict >= comparison.fail_on);
                let rules: Vec<&str> = bad.clone().map(|finding| finding.rule.id).collect();
                let says: Vec<String> =
                    bad.map(|finding| clean(&format!("{}: {}", open.path(finding), finding.detail))).collect();
                let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
                failed.set_message(says.join("; "));
                failed.set_type(rules.first().copied().unwrap_or("incompatible"));
                failed.set_description(open.to_string());
                failed
            }
        },
    );
    case.set_classname(class);
    if status == Status::Passed || status == Status::Accepted {
        let mut lines = vec![report.compatibility().to_string()];
        lines.extend(report.findings().iter().map(|finding| {
            let accepted = pair.acceptance(report.id(finding)).map(|accepted| format!(", {}", accepted.words()));
            let (rule, path) = (finding.rule.id, report.path(finding));
            clean(&format!("[{rule}] {path}: {}{}", finding.detail, accepted.unwrap_or_default()))
        }));
        case.set_system_out(lines.join("\n"));
    }
    case
}

fn of_problem(comparison: &Comparison, problem: &Problem) -> TestCase {
    let about = problem.state.as_ref().map_or_else(String::new, |(state, role)| format!("{state} / {role}: "));
    let name = clean(&format!("{}: {about}{}", problem.kind, problem.message));
    let details = problem.details.iter().map(|detail| clean(detail));
    let mut case = match &problem.accepted {
        Some(accepted) => {
            let mut case = TestCase::new(name, TestCaseStatus::success());
            let lines: Vec<String> = details.chain([clean(&accepted.words())]).collect();
            case.set_system_out(lines.join("\n"));
            case
        }
        None if !problem.fails() => {
            let mut case = TestCase::new(name, TestCaseStatus::success());
            let lines: Vec<String> = details.chain([format!("help: {}", clean(&problem.help))]).collect();
            case.set_system_out(lines.join("\n"));
            case
        }
        None => {
            let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failed.set_message(clean(&format!("{about}{}", problem.message)));
            failed.set_type(problem.kind);
            let lines: Vec<String> = details.chain([format!("help: {}", clean(&problem.help))]).collect();
            failed.set_description(lines.join("\n"));
            TestCase::new(name, failed)
        }
    };
    case.set_classname(comparison.command);
    case
}
