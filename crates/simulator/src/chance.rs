//! Chance from a seed: SplitMix64, so that the same seed invents the same company everywhere.
//! Deliberately not a source of secrets, and never seeded from the machine.

#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// `stream` keeps two uses of one seed apart: a new use must not shift the draws of an old one.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut chance = Self(seed ^ stream.wrapping_mul(0xA24B_AED4_963E_E407));
        chance.draw();
        chance
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.draw() % (limit.max(1) as u64)) as usize
    }

    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.draw() % 100 < share
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Text of `length` characters out of `alphabet` (ASCII).
    pub(crate) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..length).map(|_| char::from(*self.pick(letters))).collect()
    }

    /// Shaped as a version 4 UUID.
    pub(crate) fn guid(&mut self) -> String {
        let (high, low) = (self.draw(), self.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_draws_the_same() {
        let (mut left, mut right) = (Chance::new(7, 1), Chance::new(7, 1));
        assert_eq!(left.guid(), right.guid());
        assert_ne!(Chance::new(7, 2).draw(), Chance::new(7, 1).draw());
        assert_eq!(left.guid().len(), 36);
        assert_eq!(left.below(0), 0);
    }
}
