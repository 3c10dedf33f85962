//! The steps, and what crosses between them.

use std::fmt;
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::{ImageError, ImageReader, RgbImage};
use serde::{Deserialize, Serialize};
use topology_runtime::workflow_step;

/// The longest side of a small picture.
const SIDE: u32 = 64;

/// Where small pictures go.
pub(crate) struct Target(PathBuf);

impl Target {
    pub(crate) fn directory(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// In the process, which stores nothing.
    pub(crate) fn nowhere() -> Self {
        Self(PathBuf::new())
    }
}

impl topology_runtime::Provide<Target> for Target {
    fn provide(&self) -> &Self {
        self
    }
}

/// A file as it was found.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Encoded {
    name: PathBuf,
    bytes: Vec<u8>,
}

/// A picture.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Picture {
    name: PathBuf,
    width: u32,
    height: u32,
    /// Red, green and blue of each point.
    points: Vec<u8>,
}

impl Picture {
    fn of(name: PathBuf, image: RgbImage) -> Self {
        Self {
            name,
            width: image.width(),
            height: image.height(),
            points: image.into_raw(),
        }
    }

    fn image(self) -> Option<RgbImage> {
        RgbImage::from_raw(self.width, self.height, self.points)
    }
}

/// A small picture that is in its place.
pub(crate) struct Stored {
    width: u32,
    height: u32,
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.width, self.height)
    }
}

#[workflow_step(timeout = 10s, blocking)]
pub(crate) fn read(path: PathBuf) -> std::io::Result<Encoded> {
    let bytes = std::fs::read(&path)?;
    Ok(Encoded { name: path, bytes })
}

/// The same bytes do not become a picture: only one that lost its process, or took
/// too long, is tried again.
fn helps(_: &ImageError) -> bool {
    false
}

/// Without limits of its own: those are the process's.
#[workflow_step(timeout = 20s, blocking, retry(attempts = 2, when = helps), idempotent)]
pub(crate) fn decode(file: Encoded) -> Result<Picture, ImageError> {
    let mut reader = ImageReader::new(std::io::Cursor::new(&file.bytes)).with_guessed_format()?;
    reader.no_limits();
    let image = reader.decode()?.into_rgb8();
    Ok(Picture::of(file.name, image))
}

#[workflow_step(timeout = 20s, blocking, retry(attempts = 2), idempotent)]
pub(crate) fn resize(picture: Picture) -> Result<Picture, Unfit> {
    let name = picture.name.clone();
    let image = picture.image().ok_or(Unfit)?;
    Ok(Picture::of(name, small(&image)))
}

/// As large as fits.
pub(crate) fn small(image: &RgbImage) -> RgbImage {
    let (width, height) = image.dimensions();
    let longest = width.max(height).max(1);
    let scaled = |side: u32| (side * SIDE / longest).max(1);
    image::imageops::resize(image, scaled(width), scaled(height), FilterType::Triangle)
}

#[workflow_step(timeout = 10s, blocking)]
pub(crate) fn store(picture: Picture, target: &Target) -> Result<Stored, ImageError> {
    let name = picture.name.file_name().unwrap_or_default();
    let path = target.0.join(name).with_extension("png");
    let (width, height) = (picture.width, picture.height);
    if let Some(image) = picture.image() {
        image.save(path)?;
    }
    Ok(Stored { width, height })
}

/// A picture whose points are not as many as its sides say.
#[derive(Debug)]
pub(crate) struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are not as many points as the sides say")
    }
}

impl std::error::Error for Unfit {}
