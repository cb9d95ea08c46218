//! "Did you mean": the known word that is nearest to a mistyped one.

/// ", did you mean `x`?" for the nearest known word, or nothing if none is near.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |known| format!(", did you mean `{known}`?"))
}

/// The known word that is nearest to this one, if any is near enough to have been meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer words are not compared, because a comparison costs the product of the lengths.
    const LONGEST: usize = 64;
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    known
        .into_iter()
        .filter(|known| known.len() <= LONGEST)
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| *distance <= 2 * length.max(known.chars().count()).div_ceil(3))
        .min()
        .map(|(_, known)| known)
}

/// What it costs to make one of the other: 2 for each character that is inserted, removed or replaced, and 1 for a swap
/// with the next, which is the likeliest slip.
fn distance(one: &str, other: &str) -> usize {
    let fold = |text: &str| text.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<char>>();
    let (one, other) = (fold(one), fold(other));
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).map(|count| 2 * count).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![2 * (i + 1)];
        for (j, b) in other.iter().enumerate() {
            let replaced = above[j] + 2 * usize::from(a != b);
            let mut best = replaced.min(above[j + 1] + 2).min(row[j] + 2);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, distance, nearest};

    #[test]
    fn distances_count_edits() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 6),
            ("abc", "", 6),
            ("kitten", "sitting", 6),
            ("Fields", "field", 2),
            ("ab", "ba", 1),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn the_nearest_word_is_found_and_a_distant_one_is_not() {
        let known = ["field-added", "field-removed", "kind-changed"];
        assert_eq!(nearest("feild-added", known), Some("field-added"));
        assert_eq!(nearest("kindchanged", known), Some("kind-changed"));
        assert_eq!(nearest("hello", known), None);
        assert_eq!(nearest(&"x".repeat(100), known), None);
        assert_eq!(did_you_mean("fixd", ["fixed", "variable"]), ", did you mean `fixed`?");
        assert_eq!(did_you_mean("something", ["fixed", "variable"]), "");
    }
}
