//! Which topology of the old state is which of the new.

use crate::sources::Found;

/// A topology of both states, or of one.
pub(crate) enum Pair<'a> {
    Both(&'a Found, &'a Found),
    Gone(&'a Found),
    Come(&'a Found),
}

impl<'a> Pair<'a> {
    /// First those of the same path, then those that moved: of a name that no
    /// other has. In the order of the new state.
    pub(crate) fn all(old: &'a [Found], new: &'a [Found]) -> Vec<Self> {
        let mut left: Vec<_> = old.iter().filter(|found| found.model.is_some()).collect();
        let mut pairs = Vec::new();
        let mut come = Vec::new();
        for new in new.iter().filter(|found| found.model.is_some()) {
            match take(&mut left, |old| old.path() == new.path()) {
                Some(old) => pairs.push(Pair::Both(old, new)),
                None => come.push(new),
            }
        }
        for &new in &come {
            let alike = |old: &Found| name(old) == name(new);
            let is_alone = left.iter().filter(|old| alike(old)).count() == 1
                && come.iter().filter(|other| name(other) == name(new)).count() == 1;
            let moved = if is_alone {
                take(&mut left, alike)
            } else {
                None
            };
            pairs.push(moved.map_or(Pair::Come(new), |old| Pair::Both(old, new)));
        }
        pairs.extend(left.into_iter().map(Pair::Gone));
        pairs
    }

    pub(crate) fn sides(&self) -> impl Iterator<Item = &'a Found> {
        let (old, new) = match *self {
            Self::Both(old, new) => (Some(old), Some(new)),
            Self::Gone(old) => (Some(old), None),
            Self::Come(new) => (None, Some(new)),
        };
        old.into_iter().chain(new)
    }
}

fn take<'a>(found: &mut Vec<&'a Found>, is: impl Fn(&Found) -> bool) -> Option<&'a Found> {
    let position = found.iter().position(|found| is(found))?;
    Some(found.remove(position))
}

fn name(found: &Found) -> Option<&str> {
    found.model.as_ref().map(|model| &*model.name)
}
