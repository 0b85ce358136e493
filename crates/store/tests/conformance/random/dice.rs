//! Choices that are random, and the same in every run.

use domain::chance::Chance;

pub struct Dice(Chance);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(Chance::seeded(seed))
    }

    /// For what draws its own.
    pub fn chance(&self) -> &Chance {
        &self.0
    }

    pub fn below(&self, end: usize) -> usize {
        (u64::from_le_bytes(self.0.bytes::<8>()) % end as u64) as usize
    }

    /// True so many times of a hundred.
    pub fn percent(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Some beginning, end or middle of a text, cut between characters.
    pub fn piece(&self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let (one, other) = (self.below(characters.len() + 1), self.below(characters.len() + 1));
        let (from, to) = match self.below(3) {
            0 => (0, other),
            1 => (one, characters.len()),
            _ => (one.min(other), one.max(other)),
        };
        characters[from..to].iter().collect()
    }

    /// The text with some of its letters in the other case.
    pub fn recase(&self, text: impl AsRef<str>) -> String {
        let swap = |c: char| {
            if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
        };
        text.as_ref().chars().map(|c| if self.percent(40) { swap(c) } else { c }).collect()
    }
}
