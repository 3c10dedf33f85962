//! What can cross into a process, and out of it.

#[cfg(feature = "process")]
use serde::{Serialize, de::DeserializeOwned};

use crate::boundary::Codec;
use crate::step::BoxError;

/// A message that can cross into a process, and out of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross into a process, or out of it",
    label = "what comes here is written by one process and read by another",
    note = "`#[derive(serde::Serialize, serde::Deserialize)]` on the type, and on what it is made of, lets it cross",
    note = "rule `unserialisable_crossing`; see `cargo topology explain unserialisable_crossing`"
)]
pub trait Crosses: Send + Sized + 'static {
    /// Appends the message as bytes.
    #[doc(hidden)]
    fn write(&self, codec: Codec, to: &mut Vec<u8>) -> Result<(), BoxError>;

    /// The message from its bytes.
    #[doc(hidden)]
    fn read(codec: Codec, bytes: &[u8]) -> Result<Self, BoxError>;
}

#[cfg(feature = "process")]
#[diagnostic::do_not_recommend]
impl<M: Serialize + DeserializeOwned + Send + 'static> Crosses for M {
    fn write(&self, codec: Codec, to: &mut Vec<u8>) -> Result<(), BoxError> {
        match codec {
            Codec::Postcard => postcard::to_extend(self, Behind(to)).map(drop)?,
            Codec::MessagePack => rmp_serde::encode::write_named(to, self)?,
        }
        Ok(())
    }

    fn read(codec: Codec, bytes: &[u8]) -> Result<Self, BoxError> {
        match codec {
            Codec::Postcard => match postcard::take_from_bytes(bytes)? {
                (message, []) => Ok(message),
                (_, rest) => Err(format!("{} bytes are left of it", rest.len()).into()),
            },
            Codec::MessagePack => Ok(rmp_serde::from_slice(bytes)?),
        }
    }
}

/// Appends bytes to what is there, each where it stands.
#[cfg(feature = "process")]
struct Behind<'t>(&'t mut Vec<u8>);

#[cfg(feature = "process")]
impl Extend<u8> for Behind<'_> {
    #[inline]
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0.extend(bytes);
    }
}

/// Nothing crosses: there are no processes without the feature.
#[cfg(not(feature = "process"))]
impl<M: Send + 'static> Crosses for M {
    fn write(&self, _: Codec, _: &mut Vec<u8>) -> Result<(), BoxError> {
        Err("there are no processes without the feature `process`".into())
    }

    fn read(_: Codec, _: &[u8]) -> Result<Self, BoxError> {
        Err("there are no processes without the feature `process`".into())
    }
}
