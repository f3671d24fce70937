//! Containers of a run: opened, and what is inside screened like anything else, level by level.
//!
//! The lines of what is inside come before that of the container, which says what of it was not opened. Parts are held in
//! memory, some dozens at a time, and never touch a disk; one that is too long for that is matched by its digests.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

use super::digesting::Source;
use super::examine::{Bytes, Target, examine};
use super::parts::{Next, Parts};
use super::run::Desk;
use super::worker::killed;
use super::{Run, RunError, Screened};
use crate::jail::CallError;
use crate::media::{Bound, Container, Content, Gap, Kind, PartBounds};

/// Parts that are held at a time, and their bytes on the outermost level; half of that on each level further in. A single
/// one may be as long as a file that is decoded.
pub(super) const PARTS: usize = 64;
pub(super) const PART_BYTES: u64 = 128 << 20;

/// Containers within each other.
const DEPTH: u32 = 8;

/// Where the bytes of an item are to be had once more.
pub(super) enum Lies {
    /// In the file that it is.
    OnDisk,
    /// In memory.
    Held(Arc<File>),
    /// Not any more.
    Nowhere,
}

impl Lies {
    /// Of what came in a stream.
    pub(super) fn of(held: Option<Arc<File>>) -> Self {
        held.map_or(Self::Nowhere, Self::Held)
    }
}

/// What may still come out of one file, all levels together.
struct Left {
    parts: u64,
    bytes: u64,
}

impl Run {
    /// Opens `item`, if it is a container and was looked at for this run, and puts it and what is inside among what has
    /// a verdict. False if the run was asked to stop meanwhile.
    pub(super) fn settle(&mut self, item: Screened, desk: &mut Desk<'_>) -> Result<bool, RunError> {
        self.settle_from(item, Lies::OnDisk, desk)
    }

    /// The same of an item that `lies` somewhere.
    pub(super) fn settle_from(
        &mut self,
        mut item: Screened,
        lies: Lies,
        desk: &mut Desk<'_>,
    ) -> Result<bool, RunError> {
        let PartBounds { parts, bytes, .. } = PartBounds::default();
        let mut left = Left { parts, bytes };
        let open = container(&item).and_then(|(content, bytes)| {
            let (missing, open) = match lies {
                Lies::OnDisk => (None, reopened(&item.path, bytes).map(Arc::new)),
                Lies::Held(file) => (missing(&item), Ok(file)),
                Lies::Nowhere => return None,
            };
            Some((content, bytes, missing, open))
        });
        if let Some((content, bytes, missing, open)) = open {
            let file: Arc<Path> = item.path.as_path().into();
            match open {
                Ok(open) => {
                    let place = Place { file: &file, content, bytes, depth: 0 };
                    match self.open(&item.path, open, &place, &mut left, desk)? {
                        Some(gap) => item.set_gap(missing.or(gap)),
                        None => return Ok(false),
                    }
                }
                Err(cause) => item.set_gap(Some(Gap::Unreadable(cause))),
            }
        }
        self.settled.push(item.fingerprint.is_some());
        self.waiting.push(item);
        self.hand_on_if_many(desk)?;
        Ok(true)
    }

    /// Screens what is inside of the container at `path`. What is missing of it, or `None` if the run was asked to stop.
    fn open(
        &mut self,
        path: &Path,
        open: Arc<File>,
        place: &Place<'_>,
        left: &mut Left,
        desk: &mut Desk<'_>,
    ) -> Result<Option<Option<Gap>>, RunError> {
        if place.depth == DEPTH {
            return Ok(Some(Some(Gap::Bound(Bound::Depth, DEPTH.into()))));
        }
        let default = PartBounds::default();
        if left.parts == 0 || left.bytes == 0 {
            return Ok(Some(Some(Gap::Bound(Bound::Bytes, default.bytes))));
        }
        let bounds = PartBounds { parts: left.parts, bytes: left.bytes, ..default };
        let options = desk.options;
        let parts = Parts::open(options.workers.as_deref(), &open, place.bytes, place.content, &bounds);
        let mut parts = match parts {
            Ok(parts) => parts,
            Err(CallError::Died(death)) => return Ok(Some(Some(Gap::Killed(killed(death))))),
            Err(CallError::Jail(error)) => return Err(error.into()),
        };
        let most_held = options.limits.max_file_bytes;
        let mut number = 0_u64;
        loop {
            let (mut targets, mut files, mut held, mut came) = (Vec::new(), Vec::new(), 0, 0);
            let mut end = None;
            while targets.len() < PARTS && held < PART_BYTES >> place.depth {
                match parts.next(most_held)? {
                    Next::End(gap) => {
                        end = Some(gap);
                        break;
                    }
                    Next::Part { name, bytes, held: more, gap } => {
                        number += 1;
                        (held, came) = (held + more, came + known_bytes(&bytes).unwrap_or(more));
                        files.push(match &bytes {
                            Bytes::At(Source::Open(file)) => Some(Arc::clone(file)),
                            _ => None,
                        });
                        let path = inside(path, name.as_deref(), number);
                        targets.push(Target { path, file: Some(Arc::clone(place.file)), bytes, gap });
                    }
                }
            }
            left.parts = left.parts.saturating_sub(targets.len() as u64);
            left.bytes = left.bytes.saturating_sub(came);
            let screened = examine(targets, desk.eyes(&self.remembered))?;
            for (mut item, file) in screened.into_iter().zip(files) {
                // Of a part of which something is missing, what there is is opened all the same.
                if let (Some((content, bytes)), Some(file)) = (container(&item), file) {
                    let place = Place { content, bytes, depth: place.depth + 1, file: place.file };
                    let missing = missing(&item);
                    match self.open(&item.path, file, &place, left, desk)? {
                        Some(gap) => item.set_gap(missing.or(gap)),
                        None => return Ok(None),
                    }
                }
                self.waiting.push(item);
                self.hand_on_if_many(desk)?;
            }
            if desk.is_to_stop() {
                return Ok(None);
            }
            if let Some(gap) = end {
                return Ok(Some(gap));
            }
        }
    }
}

/// What of an item was known to be missing before it was opened.
fn missing(item: &Screened) -> Option<Gap> {
    let gap = item.fingerprint.as_ref().and_then(|known| known.gap.clone());
    gap.filter(|gap| !matches!(gap, Gap::Container(_)))
}

/// How many bytes came of a part that is not held.
pub(super) fn known_bytes(bytes: &Bytes) -> Option<u64> {
    match bytes {
        Bytes::Gone(known) => Some(known.bytes),
        _ => None,
    }
}

/// Where a container is.
struct Place<'a> {
    /// The file on disk.
    file: &'a Arc<Path>,
    content: Content,
    bytes: u64,
    depth: u32,
}

/// What it is and its length, if it is a container that can be opened.
fn container(item: &Screened) -> Option<(Content, u64)> {
    let known = item.fingerprint.as_ref()?;
    match known.content.kind {
        Kind::Container(Container::Unopened) => None,
        Kind::Container(_) if known.bytes > 0 => Some((known.content, known.bytes)),
        _ => None,
    }
}

/// The file again, if it is as long as it was.
fn reopened(path: &Path, bytes: u64) -> Result<File, String> {
    // A pipe that has taken its place is not waited for.
    let nonblock = OFlags::NONBLOCK.bits().cast_signed();
    let open = File::options().read(true).custom_flags(nonblock).open(path);
    let about = open.and_then(|file| Ok((file.metadata()?, file)));
    let (about, file) = about.map_err(|error| error.to_string())?;
    if about.is_file() && about.len() == bytes { Ok(file) } else { Err("it changes while it is read".into()) }
}

/// `outer.zip!/inner/pic.jpg`; what has no name is called as the container is without its ending, or by its number.
pub(super) fn inside(outer: &Path, name: Option<&str>, number: u64) -> PathBuf {
    const ENDINGS: [(&str, &str); 8] = [
        (".tgz", ".tar"),
        (".tbz2", ".tar"),
        (".txz", ".tar"),
        (".tzst", ".tar"),
        (".gz", ""),
        (".bz2", ""),
        (".xz", ""),
        (".zst", ""),
    ];
    let own = outer.file_name().unwrap_or_default().to_string_lossy();
    let own = own.rsplit('/').next().unwrap_or_default();
    let shorter = || {
        let lower = own.to_ascii_lowercase();
        let (ending, instead) = ENDINGS.into_iter().find(|(ending, _)| lower.ends_with(ending))?;
        let stem = own.get(..own.len() - ending.len()).filter(|stem| !stem.is_empty())?;
        Some(format!("{stem}{instead}"))
    };
    let name = name.map(|name| name.trim_start_matches("./").trim_start_matches('/').to_owned());
    let name = name.filter(|name| !name.is_empty()).or_else(shorter).unwrap_or_else(|| number.to_string());
    let bytes = [outer.as_os_str().as_bytes(), b"!/", name.as_bytes()].concat();
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_addressed_through_what_it_is_in() {
        for (outer, name, address) in [
            ("a/b.zip", Some("inner/pic.jpg"), "a/b.zip!/inner/pic.jpg"),
            ("b.zip", Some("./x"), "b.zip!/x"),
            ("b.zip", Some("/etc/x"), "b.zip!/etc/x"),
            ("b.zip", Some("../x"), "b.zip!/../x"),
            ("a/b.tar.GZ", None, "a/b.tar.GZ!/b.tar"),
            ("b.tgz", None, "b.tgz!/b.tar"),
            ("c.zip!/deep/b.xz", None, "c.zip!/deep/b.xz!/b"),
            (".gz", None, ".gz!/7"),
            ("odd", Some(""), "odd!/7"),
        ] {
            assert_eq!(inside(Path::new(outer), name, 7), PathBuf::from(address));
        }
    }
}
