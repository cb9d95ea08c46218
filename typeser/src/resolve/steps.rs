//! Counts the steps of loops that a hostile layout could make long, for the tests that bound them. Outside of tests
//! nothing is counted.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts one step.
#[inline(always)]
pub(super) fn step() {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + 1));
}

/// How many steps this thread takes meanwhile.
#[cfg(test)]
pub(super) fn counted(work: impl FnOnce()) -> usize {
    STEPS.with(|steps| steps.set(0));
    work();
    STEPS.with(std::cell::Cell::get)
}

#[cfg(test)]
mod tests {
    use super::counted;
    use crate::resolve::{Policy, Role, resolve};
    use crate::snapshot::SerializerSnapshot;

    fn snapshot(root: &str, definitions: &str) -> SerializerSnapshot {
        let text = format!("typeser-snapshot 2\nname T\nversion 1\nintegers fixed\nroot {root}\n\n{definitions}");
        SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
        (0..count).map(line).collect()
    }

    fn list(count: usize, item: impl Fn(usize) -> String) -> String {
        format!("({})", (0..count).map(item).collect::<Vec<_>>().join(", "))
    }

    /// Checks that four times the layouts take at most five times the steps.
    fn check(kind: &str, layouts: impl Fn(usize) -> [SerializerSnapshot; 2]) {
        const SMALL: usize = 256;
        let steps = |count: usize| {
            let [stored, new] = layouts(count);
            counted(|| _ = resolve(&stored, &new, Role::Value, &Policy::default()))
        };
        let (small, large) = (steps(SMALL), steps(4 * SMALL));
        assert!(small >= SMALL && large <= 5 * small, "{kind}: {small} steps become {large}");
    }

    #[test]
    fn former_names_are_looked_up() {
        check("fields", |count| {
            [
                snapshot(
                    "T",
                    &format!("struct T v1\n{}", lines(count, |at| format!("  s{at} u8\n    @alias z{at}\n"))),
                ),
                snapshot("T", &format!("struct T v1\n{}", lines(count, |at| format!("  w{at} u8\n")))),
            ]
        });
        check("variants", |count| {
            [
                snapshot(
                    "T",
                    &format!("enum T v1\n{}", lines(count, |at| format!("  {at} S{at}\n    @alias Z{at}\n"))),
                ),
                snapshot("T", &format!("enum T v1\n{}", lines(count, |at| format!("  {at} W{at}\n")))),
            ]
        });
        check("types", |count| {
            let names = lines(count, |at| format!("struct S{at} v1\n  a u8\n\n"));
            let aliases = lines(count, |at| format!("  @alias S{at}\n"));
            [
                snapshot(&list(count, |at| format!("S{at}")), &names),
                snapshot(&list(count, |_| "T".to_owned()), &format!("struct T v1\n{aliases}  a u8\n")),
            ]
        });
    }

    #[test]
    fn variants_that_become_one_are_collected_once() {
        check("variants", |count| {
            let aliases = lines(count, |at| format!("    @alias V{at}\n"));
            [
                snapshot("T", &format!("enum T v1\n{}", lines(count, |at| format!("  {at} V{at}\n    a u8\n")))),
                snapshot("T", &format!("enum T v1\n  0 W\n{aliases}    a i8\n    b u8\n")),
            ]
        });
    }

    #[test]
    fn versions_of_leaves_are_compared_once() {
        check("versions", |count| {
            let leaf = |version: usize, from: usize| {
                let reads = lines(count, |at| format!("  @reads {}\n", from + at));
                snapshot(&list(count, |_| "$1".to_owned()), &format!("type $1 = opaque b v{version}\n{reads}"))
            };
            [leaf(9_000_000, 0), leaf(9_000_001, 4_000_000)]
        });
    }
}
