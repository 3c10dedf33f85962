//! Four answers in one constant, and which of them is yes, as types: whoever asks
//! about many edges has the compiler evaluate a quarter of the constants.

/// The answers, each a bit.
pub struct Four<const BITS: u8>;

/// The lowest bit.
pub struct Bit0;

/// The bit above it.
pub struct Bit1;

/// The bit below the highest.
pub struct Bit2;

/// The highest bit.
pub struct Bit3;

/// The answer at that place is yes: the edge is hasty.
pub trait Hasty<Place> {}

macro_rules! hasty {
    ($($place:ident: $($bits:literal)*;)*) => {
        $($(impl Hasty<$place> for Four<$bits> {})*)*
    };
}

hasty! {
    Bit0: 1 3 5 7 9 11 13 15;
    Bit1: 2 3 6 7 10 11 14 15;
    Bit2: 4 5 6 7 12 13 14 15;
    Bit3: 8 9 10 11 12 13 14 15;
}
