//! "Did you mean": the known word that is nearest to a mistyped one.

/// The known word that is nearest to this one, if any is near enough to have been meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    // Nobody mistypes a word that long, and comparing costs the product of the lengths.
    if length > 64 {
        return None;
    }
    known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| *distance <= length.max(known.chars().count()).div_ceil(3))
        .min()
        .map(|(_, known)| known)
}

/// How many characters are to be inserted, removed or replaced.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().map(|c| c.to_ascii_lowercase()).enumerate() {
        let mut left = i + 1;
        let mut corner = above[0];
        above[0] = left;
        for (j, b) in other.iter().enumerate() {
            let replaced = corner + usize::from(a != *b);
            corner = above[j + 1];
            left = replaced.min(corner + 1).min(left + 1);
            above[j + 1] = left;
        }
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances_count_edits() {
        let cases = [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("Fields", "field", 1),
            ("ab", "ba", 2),
        ];
        for (one, other, expected) in cases {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["field-added", "field-removed", "kind-changed"];
        assert_eq!(nearest("feild-added", known), Some("field-added"));
        assert_eq!(nearest("kindchanged", known), Some("kind-changed"));
        assert_eq!(nearest("hello", known), None);
        assert_eq!(nearest(&"x".repeat(100), known), None);
    }
}
