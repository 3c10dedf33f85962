//! What differs between two texts, for whoever reads a failed test.

use std::fmt::Write as _;

/// As many lines of each text are shown.
const SHOWN: usize = 8;

/// The lines from the first that differs to the last: `-` what is there, `+`
/// what should be.
pub(super) fn excerpt(there: &str, wanted: &str) -> String {
    let (there, wanted): (Vec<_>, Vec<_>) = (there.lines().collect(), wanted.lines().collect());
    let equal = |(one, other): &(&&str, &&str)| one == other;
    let above = there.iter().zip(&wanted).take_while(equal).count();
    let (there, wanted) = (&there[above..], &wanted[above..]);
    let below = there.iter().rev().zip(wanted.iter().rev());
    let below = below.take_while(equal).count();
    let mut text = format!("  line {}\n", above + 1);
    for (sign, lines) in [('-', there), ('+', wanted)] {
        let lines = &lines[..lines.len() - below];
        for line in lines.iter().take(SHOWN) {
            let _ = writeln!(text, "{}", format!("  {sign} {line}").trim_end());
        }
        if lines.len() > SHOWN {
            let _ = writeln!(text, "  {sign} .. {} lines more", lines.len() - SHOWN);
        }
    }
    text
}
