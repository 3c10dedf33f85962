//! Which processor cores the threads of a boundary run on.

/// Cores by their numbers, counted from 0 as the system does.
#[derive(Debug, Clone, Copy)]
pub struct Cores(Set);

#[derive(Debug, Clone, Copy)]
enum Set {
    List(&'static [usize]),
    /// The first and the last.
    Range(usize, usize),
}

impl Cores {
    /// Each of them.
    pub const fn list(cores: &'static [usize]) -> Self {
        Self(Set::List(cores))
    }

    /// From one to another, both included.
    pub const fn range(first: usize, last: usize) -> Self {
        Self(Set::Range(first, last))
    }

    /// How many there are.
    pub(crate) const fn count(self) -> usize {
        match self.0 {
            Set::List(cores) => cores.len(),
            Set::Range(first, last) => (last + 1).saturating_sub(first),
        }
    }

    /// One of them; behind the last it goes on at the first.
    pub(crate) const fn at(self, position: usize) -> usize {
        let position = position % self.count();
        match self.0 {
            Set::List(cores) => cores[position],
            Set::Range(first, _) => first + position,
        }
    }

    /// Whether one is named twice.
    pub(crate) const fn has_twins(self) -> bool {
        let Set::List(cores) = self.0 else {
            return false;
        };
        let mut second = 1;
        while second < cores.len() {
            let mut first = 0;
            while first < second {
                if cores[first] == cores[second] {
                    return true;
                }
                first += 1;
            }
            second += 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_take_one_after_the_other() {
        let taken = |cores: Cores| -> Vec<_> { (0..5).map(|thread| cores.at(thread)).collect() };
        assert_eq!(taken(Cores::list(&[4, 1])), [4, 1, 4, 1, 4]);
        assert_eq!(taken(Cores::range(2, 4)), [2, 3, 4, 2, 3]);
    }

    #[test]
    fn none_and_twins_are_seen() {
        assert_eq!(Cores::list(&[]).count(), 0);
        assert_eq!(Cores::range(3, 2).count(), 0);
        assert_eq!(Cores::range(3, 3).count(), 1);
        assert!(Cores::list(&[0, 7, 3, 7]).has_twins());
        assert!(!Cores::list(&[0, 7, 3]).has_twins());
        assert!(!Cores::range(0, 7).has_twins());
    }
}
