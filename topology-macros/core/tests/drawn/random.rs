//! Numbers that look random and are the same in every run.

/// `xorshift64*` (Vigna, 2016).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds should have nothing in common, and zero is no state.
        let mut random = Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..4 {
            random.next();
        }
        random
    }

    /// Another one that goes its own way.
    pub(crate) fn fork(&mut self) -> Self {
        Self::new(self.seed())
    }

    /// What another one could begin with.
    pub(crate) fn seed(&mut self) -> u64 {
        self.next()
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("less than a usize")
    }

    /// A number of `least..=most`.
    pub(crate) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most + 1 - least)
    }

    /// `true` in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Takes one of them out.
    pub(crate) fn take<T>(&mut self, from: &mut Vec<T>) -> T {
        let position = self.below(from.len());
        from.remove(position)
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for position in (1..all.len()).rev() {
            all.swap(position, self.below(position + 1));
        }
    }
}
