//! "Did you mean": the known word that is nearest to a mistyped one.

/// ", did you mean `x`?" for the nearest known word, or nothing if none is near.
pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    const LONGEST: usize = 64;
    let length = word.chars().count();
    if length > LONGEST {
        return String::new();
    }
    known
        .into_iter()
        .filter(|known| known.len() <= LONGEST)
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| *distance <= length.max(known.chars().count()).div_ceil(3))
        .min()
        .map_or_else(String::new, |(_, known)| format!(", did you mean `{known}`?"))
}

/// How many characters are to be inserted, removed, replaced or swapped with the next.
fn distance(one: &str, other: &str) -> usize {
    let fold = |text: &str| text.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<char>>();
    let (one, other) = (fold(one), fold(other));
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let replaced = above[j] + usize::from(a != b);
            let mut best = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}
