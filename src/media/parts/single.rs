//! One packed stream: one part, however many members, streams or frames it was written as.

use std::io::BufRead;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;

use super::out::{Out, Stop};
use super::source::Source;
use super::zstd::Frames;
use super::{Gap, PartName};

type Opened = Result<Option<Gap>, Stop>;

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
