//! 7z, by `sevenz-rust2`: in one thread, with a limit on what headers and dictionaries take.

use std::io::ErrorKind;

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::out::{Out, Stop};
use super::source::Source;
use super::{Gap, PartName};
use crate::media::gap::Bound;

/// What a block without a reader is called.
pub(in crate::media) const METHOD: &str = "the method of packing of a 7z's member";

pub(super) fn open(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let memory = out.bounds().memory_bytes;
    let limit = usize::try_from(memory >> 10).unwrap_or(usize::MAX);
    let password = Password::empty();
    let archive = match Archive::read_with_memory_limit(source, &password, limit) {
        Ok(archive) => archive,
        Err(error) => return Ok(Some(fault(&error, kind, memory))),
    };
    for block in 0..archive.blocks.len() {
        let mut stopped = None;
        let mut seen = 0;
        let decoder = BlockDecoder::new_with_memory_limit(1, limit, block, &archive, &password, source);
        let result = decoder.for_each_entries(&mut |entry, reader| {
            seen += 1;
            if entry.has_stream && !is_special(entry) {
                stopped = out.part(&name(entry), reader, kind).err();
            }
            Ok(stopped.is_none())
        });
        if let Some(stop) = stopped {
            return Err(stop);
        }
        // What comes behind a damaged member cannot be told from it.
        if let Err(error) = result {
            let gap = fault(&error, kind, memory);
            let decoder = BlockDecoder::new_with_memory_limit(1, limit, block, &archive, &password, source);
            for entry in
                decoder.entries().iter().skip(seen).filter(|entry| entry.has_stream && !is_special(entry))
            {
                out.unopened(&name(entry), gap.clone())?;
            }
        }
    }
    for entry in
        archive.files.iter().filter(|entry| !entry.has_stream && !entry.is_directory && !entry.is_anti_item)
    {
        out.part(&name(entry), &mut &[][..], kind)?;
    }
    Ok(None)
}

fn name(entry: &ArchiveEntry) -> PartName {
    PartName::new(entry.name())
}

/// A link or device of Unix: it holds no bytes of its own.
fn is_special(entry: &ArchiveEntry) -> bool {
    const UNIX: u32 = 0x8000;
    let attributes = entry.windows_attributes();
    attributes & UNIX != 0 && !matches!(attributes >> 16 & 0o170_000, 0 | 0o100_000)
}

fn fault(error: &Error, kind: &'static str, memory: u64) -> Gap {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Gap::Encrypted,
        // The decryption is left out of this build of the library: no password is known.
        Error::UnsupportedCompressionMethod(method) if method.starts_with("AES") => Gap::Encrypted,
        Error::MaxMemLimited { .. } => Gap::Bound(Bound::Memory, memory),
        Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_) | Error::UnsupportedVersion { .. } => {
            Gap::NoDecoder(METHOD)
        }
        Error::Io(error, _) if error.kind() == ErrorKind::UnexpectedEof => Gap::Truncated(kind),
        Error::Io(error, _) if error.kind() == ErrorKind::OutOfMemory => Gap::Bound(Bound::Memory, memory),
        _ => Gap::Damaged(kind),
    }
}
