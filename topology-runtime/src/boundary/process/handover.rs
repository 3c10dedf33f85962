//! How a process comes by the memory that it shares with its parent: as the first
//! thing on the socket.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// What the file comes with: without a byte nothing comes.
const BYTE: [u8; 1] = [0];

/// Hands a file over to whoever is at the other end. There is room for it: it is the
/// first thing that is said.
pub(super) fn give(socket: impl AsFd, file: &File) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut with = SendAncillaryBuffer::new(&mut space);
    let files = [file.as_fd()];
    with.push(SendAncillaryMessage::ScmRights(&files));
    sendmsg(
        socket,
        &[IoSlice::new(&BYTE)],
        &mut with,
        SendFlags::empty(),
    )?;
    Ok(())
}

/// Takes it over. Waits for it where the socket does.
pub(super) fn take(socket: impl AsFd) -> io::Result<File> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut with = RecvAncillaryBuffer::new(&mut space);
    let mut byte = BYTE;
    let mut bytes = [IoSliceMut::new(&mut byte)];
    recvmsg(socket, &mut bytes, &mut with, RecvFlags::empty())?;
    let files = with.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let file: Option<OwnedFd> = { files }.next();
    let missing = || io::Error::other("the parent has handed nothing over");
    Ok(file.ok_or_else(missing)?.into())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, Write as _};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn both_ends_have_the_same_file() {
        let (near, mut far) = UnixStream::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        give(&near, &file).unwrap();
        (&near).write_all(b"behind it").unwrap();
        let mut taken = take(&far).unwrap();
        file.write_all(b"shared").unwrap();
        taken.rewind().unwrap();
        let mut text = String::new();
        taken.read_to_string(&mut text).unwrap();
        assert_eq!(text, "shared");
        drop(near);
        text.clear();
        far.read_to_string(&mut text).unwrap();
        assert_eq!(text, "behind it");
    }

    #[test]
    fn whoever_hands_nothing_over_is_no_parent() {
        let (mut near, far) = UnixStream::pair().unwrap();
        near.write_all(&BYTE).unwrap();
        take(&far).unwrap_err();
        drop(near);
        take(&far).unwrap_err();
    }
}
