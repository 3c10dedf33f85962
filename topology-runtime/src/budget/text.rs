//! Text that is put together at compile time.

use std::time::Duration;

use super::Specs;
use super::loops::rounds;
use super::memory::{edge_bytes, message_bytes};
use super::time::{millis, wait, work};

/// At most `N` bytes; what does not fit is cut off.
pub(crate) struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

/// As many steps as a way can have whose words are remembered. A longer one is
/// told without its steps.
const LONGEST: usize = 256;

impl<const N: usize> Text<N> {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    /// The text. Cut off between two characters, so always readable.
    pub(crate) const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Adds all of a text, or nothing if it does not fit.
    pub(crate) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if text.len() > N - self.len {
            return self;
        }
        let mut next = 0;
        while next < text.len() {
            self.bytes[self.len] = text[next];
            self.len += 1;
            next += 1;
        }
        self
    }

    pub(crate) const fn number(self, number: u64) -> Self {
        const DIGITS: &str = "0123456789";
        let text = if number < 10 {
            self
        } else {
            self.number(number / 10)
        };
        let digit = (number % 10) as usize;
        text.text(DIGITS.split_at(digit).1.split_at(1).0)
    }

    /// A time, in seconds if those are whole.
    pub(crate) const fn time(self, time: Duration) -> Self {
        let millis = millis(time);
        if millis.is_multiple_of(1_000) {
            self.number(millis / 1_000).text("s")
        } else {
            self.number(millis).text("ms")
        }
    }

    /// The way that costs most, with what each part of it costs.
    pub(crate) const fn longest_way(self, specs: &Specs) -> Self {
        let nodes = specs.steps.len() + 2;
        if nodes > LONGEST {
            return self;
        }
        let extra = rounds::<LONGEST>(specs);
        let mut begins = [0_u64; LONGEST];
        // Which hop each node is reached last by, counted from 1.
        let mut by = [0_usize; LONGEST];
        let (mut worst, mut last) = (0, 0);
        let mut next = 0;
        while next < specs.hops.len() {
            let hop = specs.hops[next];
            let end = begins[hop.from]
                .saturating_add(work(specs, hop.from))
                .saturating_add(extra[hop.from])
                .saturating_add(wait(specs, hop));
            let node = hop.to;
            if end > begins[node] || by[node] == 0 {
                begins[node] = end;
                by[node] = next + 1;
            }
            let done = end
                .saturating_add(work(specs, hop.to))
                .saturating_add(extra[hop.to]);
            if done > worst {
                worst = done;
                last = node;
            }
            next += 1;
        }
        self.text(": in").way(specs, &by, &extra, last)
    }

    /// The hops that lead to a node, the first first.
    const fn way(
        self,
        specs: &Specs,
        by: &[usize; LONGEST],
        extra: &[u64; LONGEST],
        node: usize,
    ) -> Self {
        if by[node] == 0 {
            return self;
        }
        let hop = specs.hops[by[node] - 1];
        let mut text = self.way(specs, by, extra, hop.from);
        text = if wait(specs, hop) > 0 {
            text.text(" -> ").millis(wait(specs, hop)).text(" ")
        } else {
            text.text(" >> ")
        };
        if hop.to > specs.steps.len() {
            return text.text("out");
        }
        let text = text
            .text(specs.steps[hop.to - 1].name)
            .cost(work(specs, hop.to));
        if extra[hop.to] > 0 {
            text.text(" and its rounds").cost(extra[hop.to])
        } else {
            text
        }
    }

    const fn cost(self, millis: u64) -> Self {
        if millis == 0 {
            self
        } else {
            self.text(" ").millis(millis)
        }
    }

    const fn millis(self, millis: u64) -> Self {
        self.text("(").time(Duration::from_millis(millis)).text(")")
    }

    /// The edge that can hold most.
    pub(crate) const fn largest_edge(self, specs: &Specs) -> Self {
        let (mut largest, mut edge) = (0, 0);
        while edge < specs.edges.len() {
            if edge_bytes(specs, edge) > edge_bytes(specs, largest) {
                largest = edge;
            }
            edge += 1;
        }
        let spec = &specs.edges[largest];
        self.text(": the largest edge is `")
            .text(spec.from)
            .text(" -> ")
            .text(spec.to)
            .text("`, ")
            .number(spec.capacity as u64)
            .text(" messages of ")
            .number(message_bytes(specs, largest))
            .text(" bytes")
    }
}
