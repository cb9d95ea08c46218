//! The choices that a random case consists of: from a seed or, while a case is minimized, from a list.

/// A source of choices that records them. A case is determined by its choices, so smaller choices are a smaller case.
#[derive(Debug)]
pub struct Source {
    choices: Vec<u32>,
    at: usize,
    /// The state of the generator; if `None`, all choices after the recorded ones are 0.
    state: Option<u64>,
}

impl Source {
    /// Choices from a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { choices: Vec::new(), at: 0, state: Some(seed) }
    }

    /// These choices, followed by zeros.
    #[must_use]
    pub fn replay(choices: Vec<u32>) -> Self {
        Self { choices, at: 0, state: None }
    }

    /// The choices that were used.
    #[must_use]
    pub fn into_choices(mut self) -> Vec<u32> {
        self.choices.truncate(self.at);
        self.choices
    }

    /// The choices that were not used yet.
    #[must_use]
    pub fn rest(&self) -> Vec<u32> {
        self.choices.get(self.at..).unwrap_or_default().to_vec()
    }

    /// Whether all given choices were used, so that only zeros follow.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.is_none() && self.at >= self.choices.len()
    }

    /// Any number.
    pub fn number(&mut self) -> u32 {
        if self.at == self.choices.len() {
            let next = self.state.as_mut().map_or(0, |state| (split_mix(state) >> 32) as u32);
            self.choices.push(next);
        }
        self.at += 1;
        self.choices[self.at - 1]
    }

    /// A number below `end`, which must be above 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.number() as usize % end
    }

    /// True once in `times` calls on average.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Steele, Lea and Flood: Fast splittable pseudorandom number generators (2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Minimizes choices while `fails` holds for them: fewer choices, zero, half, one less.
pub fn shrink(mut choices: Vec<u32>, mut fails: impl FnMut(&[u32]) -> bool, most: usize) -> Vec<u32> {
    let mut tries = 0;
    let mut attempt = |candidate: Vec<u32>, choices: &mut Vec<u32>| {
        tries += 1;
        let smaller = tries <= most && candidate != *choices && fails(&candidate);
        if smaller {
            *choices = candidate;
        }
        smaller
    };
    loop {
        let mut shrunk = false;
        for length in [32, 8, 4, 2, 1] {
            let mut at = choices.len();
            while at > 0 {
                at = at.saturating_sub(length);
                let end = (at + length).min(choices.len());
                let mut without = choices.clone();
                without.drain(at..end);
                shrunk |= attempt(without, &mut choices);
            }
        }
        for at in 0..choices.len() {
            for smaller in [0, choices[at] % 64, choices[at] / 2, choices[at].saturating_sub(1)] {
                if at < choices.len() && smaller < choices[at] {
                    let mut candidate = choices.clone();
                    candidate[at] = smaller;
                    shrunk |= attempt(candidate, &mut choices);
                }
            }
        }
        if !shrunk {
            return choices;
        }
    }
}
