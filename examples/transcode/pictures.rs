//! A directory of pictures, and of files that only look like some.

use std::fs;
use std::io::{self, Cursor};
use std::path::Path;

use image::{ImageFormat, Rgb, RgbImage};

/// How many of the files are hostile.
#[cfg(test)]
pub(crate) const HOSTILE: usize = 4;

/// Makes so many pictures, and some files that are none.
pub(crate) fn make(directory: &Path, pictures: u32) -> io::Result<()> {
    for number in 0..pictures {
        let (format, extension) = match number % 2 {
            0 => (ImageFormat::Png, "png"),
            _ => (ImageFormat::Jpeg, "jpg"),
        };
        let image = picture(300 + 13 * number, 500 - 7 * (number % 50), number);
        let bytes = encoded(&image, format)?;
        fs::write(
            directory.join(format!("picture-{number:03}.{extension}")),
            bytes,
        )?;
    }
    let whole = encoded(&picture(800, 600, 1), ImageFormat::Png)?;
    fs::write(directory.join("cut.png"), &whole[..whole.len() / 2])?;
    let jpeg = encoded(&picture(800, 600, 2), ImageFormat::Jpeg)?;
    fs::write(directory.join("cut.jpg"), &jpeg[..100])?;
    let mut noise = vec![0; 10_000];
    fastrand::Rng::with_seed(1).fill(&mut noise);
    fs::write(directory.join("noise.png"), noise)?;
    fs::write(directory.join("huge.png"), huge(whole))?;
    Ok(())
}

/// Whether a file of those is hostile.
#[cfg(test)]
pub(crate) fn is_hostile(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with("picture-")
}

fn encoded(image: &RgbImage, format: ImageFormat) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, format)
        .map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

fn picture(width: u32, height: u32, seed: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let part = |value: u32| u8::try_from(value % 256).unwrap_or(0);
        Rgb([part(x + 5 * seed), part(y + 3 * seed), part((x ^ y) + seed)])
    })
}

/// The same file, which says that its sides are tens of thousands of points long:
/// whoever believes it takes 9 GB for them.
fn huge(mut png: Vec<u8>) -> Vec<u8> {
    const SIDE: [u8; 4] = 55_000_u32.to_be_bytes();
    // Behind the signature, and the length of the first chunk: its kind, the width
    // and the height, and behind five more bytes the checksum of all that.
    png[16..20].copy_from_slice(&SIDE);
    png[20..24].copy_from_slice(&SIDE);
    let checksum = checksum(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&checksum);
    png
}

/// The CRC-32 of the PNG specification, annex D.
fn checksum(bytes: &[u8]) -> u32 {
    let mut rest = u32::MAX;
    for byte in bytes {
        rest ^= u32::from(*byte);
        for _ in 0..8 {
            rest = if rest & 1 == 1 {
                0xEDB8_8320 ^ (rest >> 1)
            } else {
                rest >> 1
            };
        }
    }
    !rest
}
