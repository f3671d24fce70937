//! One packed stream: one part, however many members, streams or frames it was written as. A tar that is packed is opened
//! as it streams, and its files are the parts: whoever takes them need not hold all of it.

use std::io::{BufRead, Read};

use bzip2::bufread::{BzDecoder, MultiBzDecoder};
use flate2::bufread::{GzDecoder, MultiGzDecoder};
use lzma_rust2::XzReader;

use super::out::{Out, Stop};
use super::source::{Forward, Source};
use super::zstd::Frames;
use super::{Gap, PartName, tar};

type Opened = Result<Option<Gap>, Stop>;

/// Reads what is packed, within so much memory.
type Unpack = for<'a, 'b> fn(&'a mut Source<'b>, u64) -> Box<dyn Read + 'a>;

/// How a container that is one packed stream is unpacked; `None` for all others.
fn unpacker(container: super::Container) -> Option<Unpack> {
    Some(match container {
        super::Container::Gzip => |source, _| Box::new(MultiGzDecoder::new(source)),
        super::Container::Bzip2 => |source, _| Box::new(MultiBzDecoder::new(source)),
        super::Container::Xz => |source, memory| Box::new(XzReader::new_mem_limit(source, true, kib(memory))),
        super::Container::Zstd => |source, memory| Box::new(Frames::new(source, memory)),
        _ => return None,
    })
}

/// True if what is packed begins as a tar does. Leaves the source somewhere behind that.
pub(super) fn is_packed_tar(source: &mut Source<'_>, container: super::Container, memory: u64) -> bool {
    let Some(unpack) = unpacker(container) else { return false };
    let mut head = Vec::new();
    // What cannot be read is told by who opens the stream.
    let _ = unpack(source, memory).take(tar::BLOCK as u64).read_to_end(&mut head);
    tar::is_header(&head)
}

/// Opens a tar that is packed; `None` if it is none.
pub(super) fn packed_tar(
    source: &mut Source<'_>,
    container: super::Container,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Option<Opened> {
    let unpack = unpacker(container)?;
    let memory = out.bounds().memory_bytes;
    let is_tar = is_packed_tar(source, container, memory);
    source.go(0).ok()?;
    if !is_tar {
        return None;
    }
    let mut stream = Forward::new(unpack(source, memory));
    Some(tar::open(&mut Source::forward(&mut stream), kind, out))
}

/// Opens a tar, packed or not, of which it is known that it is one, without going back.
pub(super) fn tar_stream(
    source: &mut Source<'_>,
    container: super::Container,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Opened {
    let memory = out.bounds().memory_bytes;
    match unpacker(container) {
        Some(unpack) => {
            let mut stream = Forward::new(unpack(source, memory));
            tar::open(&mut Source::forward(&mut stream), kind, out)
        }
        None => tar::open(source, kind, out),
    }
}

/// Its name is the one in the header of the first member, if there is one.
pub(super) fn gzip(source: &mut Source<'_>, kind: &'static str, out: &mut Out<'_>) -> Opened {
    let mut member = GzDecoder::new(&mut *source);
    let name = member.header().and_then(|header| header.filename()).map(PartName::of_bytes);
    out.begin(&name.unwrap_or(PartName::UNNAMED))?;
    let mut gap = out.pour(&mut member, kind)?;
    while gap.is_none() && follows(source, b"\x1f\x8b", kind, &mut gap) {
        gap = out.pour(&mut GzDecoder::new(&mut *source), kind)?;
    }
    out.end(gap)?;
    Ok(None)
}

pub(super) fn bzip2(source: &mut Source<'_>, kind: &'static str, out: &mut Out<'_>) -> Opened {
    out.begin(&PartName::UNNAMED)?;
    let mut gap = None;
    while gap.is_none() && follows(source, b"BZh", kind, &mut gap) {
        gap = out.pour(&mut BzDecoder::new(&mut *source), kind)?;
    }
    out.end(gap)?;
    Ok(None)
}

pub(super) fn xz(source: &mut Source<'_>, kind: &'static str, out: &mut Out<'_>) -> Opened {
    let memory = kib(out.bounds().memory_bytes);
    out.part(&PartName::UNNAMED, &mut XzReader::new_mem_limit(source, true, memory), kind)?;
    Ok(None)
}

pub(super) fn zstd(source: &mut Source<'_>, kind: &'static str, out: &mut Out<'_>) -> Opened {
    let memory = out.bounds().memory_bytes;
    out.part(&PartName::UNNAMED, &mut Frames::new(source, memory), kind)?;
    Ok(None)
}

/// KiB for the decoders of LZMA, to whom the greatest number means no limit.
pub(super) fn kib(bytes: u64) -> u32 {
    u32::try_from(bytes >> 10).unwrap_or(u32::MAX).min(u32::MAX - 1)
}

/// True if another member begins here. Zeros fill a tape up and are nothing; anything else was not opened.
fn follows(source: &mut Source<'_>, magic: &[u8], kind: &'static str, gap: &mut Option<Gap>) -> bool {
    loop {
        let Ok(ahead) = source.fill_buf() else { return false };
        if ahead.is_empty() {
            return false;
        }
        let zeros = ahead.iter().take_while(|byte| **byte == 0).count();
        if zeros == 0 {
            break;
        }
        source.consume(zeros);
    }
    let at = source.at();
    let begins = matches!(source.peek::<3>(at), Ok((head, had)) if head[..had].starts_with(magic));
    if !begins || source.go(at).is_err() {
        *gap = Some(Gap::Damaged(kind));
        return false;
    }
    true
}
