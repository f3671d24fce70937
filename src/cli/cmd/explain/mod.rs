//! `innerward explain A B`

mod cells;
mod told;
mod words;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail, ensure};
use clap::Args;
use serde_json::json;

use super::jail::Decoding;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, grouped};
use crate::cli::status::Status;
use crate::digest::{Classic, Fidelity, Fingerprint, Signal, SignalKind, TimedFrame, VideoHash};
use crate::hashset::{Bounds, SharedVideo, read_shared_videos};
use crate::home::Config;
use crate::media::{FormSet, Kind};
use crate::screen::{ComparedItem, ReadError, RunOptions, Subject, Terms, VideoBounds, compare, path_hex};

/// Say why two things match or do not: files, or a file and a hash
///
/// A and B are files, or hashes written as for `match`; 64 digits alone are a PDQ hash. Shown are what both are, whether
/// their digests are equal, how many bits of the picture hashes differ in each form and orientation, which bits those are,
/// and what follows. A file is turned in all eight ways, A if both are files; the other is compared as it lies, as a list's
/// entry would be. Needs no home and no lists. Exit code 1 means that they match (known or near), 0 that they do not, 4 that they could not be compared.
#[derive(Args)]
pub(in crate::cli) struct Explain {
    /// A file, or a hash
    a: PathBuf,

    /// What it is compared with: a file, a hash, or the frames of a video as `hash --vpdq` writes them
    b: PathBuf,

    /// Differing bits allowed in a PDQ hash, bound included [default: 31]
    ///
    /// KIND=BITS for a classic kind, with commas between several: 20,gradient8=4.
    #[arg(long, value_name = "BITS")]
    max_distance: Option<Bounds>,

    /// Percent of a video's frames that must be near frames of the other, and of that one's near its own [default: 80,0]
    #[arg(long = "video-match", value_name = "PERCENT")]
    video: Option<VideoBounds>,

    /// Classic picture hashes to compare as well, as `hash --also` names them; that of a hash given always is
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    also: Vec<Classic>,

    /// Make the forms stretch512 and borderless as well
    #[arg(long)]
    all_forms: bool,

    /// Draw the bits of the nearest two PDQ hashes, and those that differ, into FILE, which must not be there yet
    ///
    /// Three panels: A, B, and what differs. Nothing else of the pictures is in it.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,

    #[command(flatten)]
    decoding: Decoding,
}

/// One of the two, as it was given.
pub(super) struct Given {
    pub(super) path: Option<PathBuf>,
    pub(super) subject: Subject,
}

/// Longest file that may be the frames of a video.
const MOST_FRAME_BYTES: u64 = 64 << 20;

impl Explain {
    pub(in crate::cli) fn run(&self, _: &Global, out: &mut Output) -> anyhow::Result<Status> {
        if let Some(path) = &self.png {
            ensure!(path.symlink_metadata().is_err(), "--png: {}", cells::TAKEN);
        }
        let [a, b] = self.given()?;
        let terms = Terms {
            bounds: self.max_distance.clone().unwrap_or_default(),
            videos: self.video.unwrap_or_default(),
        };
        let found = compare(&a.subject, &b.subject, &terms);
        let nearest = found.nearest();
        let drawn = nearest.map(|(pair, _, transform)| pair.hashes(transform));
        match (&self.png, &drawn) {
            (Some(path), Some((a, b))) => cells::write_png(path, a, b)?,
            (Some(_), None) => complain("--png: there are no two PDQ hashes to draw, so nothing was written"),
            (None, _) => {}
        }
        let mut status = Status::default();
        status.note(found.outcome, false);
        if out.is_json() {
            out.json("explain", &told::explanation(&a, &b, &found, &terms))?;
            out.json("summary", &json!({ "outcome": found.outcome }))?;
        } else {
            words::print(&a, &b, &found, &terms, out)?;
        }
        Ok(status)
    }

    /// Reads both, the files at the same time.
    fn given(&self) -> anyhow::Result<[Given; 2]> {
        let read = |side: &str, path: &Path| hash_in(path).map_err(|error| error.context(side.to_owned()));
        let hashes = [read("A", &self.a)?, read("B", &self.b)?];
        let mut kinds = self.also.clone();
        for hash in &hashes {
            if let Some(Subject::Hash(Signal::Classic(code))) = hash
                && !kinds.contains(&code.kind())
            {
                kinds.push(code.kind());
            }
        }
        let are_hashes = hashes.iter().all(Option::is_some);
        // Two hashes need no decoder, and should be compared where none can be confined.
        let options = match are_hashes {
            true => RunOptions::default(),
            false => self.decoding.options(&Config::default(), Fidelity::Reference)?,
        };
        let mut wanted = options.wanted(&kinds);
        if self.all_forms {
            wanted.limits.forms = FormSet::ALL;
        }
        let paths = [&self.a, &self.b].into_iter().zip(&hashes).filter(|(_, hash)| hash.is_none());
        let paths: Vec<PathBuf> = paths.map(|(path, _)| path.clone()).collect();
        let mut prints = options.fingerprints(&paths, &wanted).into_iter();
        let sides = [("A", &self.a), ("B", &self.b)].into_iter().zip(hashes);
        let given = sides.map(|((side, path), hash)| match hash {
            Some(subject) => Ok(Given { path: None, subject }),
            None => {
                let print = prints.next().expect("there is one for each file");
                let item = item(side, path, print)?;
                Ok(Given { path: Some(path.clone()), subject: Subject::Item(Box::new(item)) })
            }
        });
        let given: Vec<Given> = given.collect::<anyhow::Result<_>>()?;
        given.try_into().map_err(|_| anyhow!("two things are compared"))
    }
}

/// The hash that an argument is; `None` if it is a file's name. What is written is not repeated in an error.
fn hash_in(argument: &Path) -> anyhow::Result<Option<Subject>> {
    let Some(text) = argument.to_str().map(str::trim) else { return Ok(None) };
    let mut digits = [0; 32];
    if hex::decode_to_slice(text, &mut digits).is_ok() {
        return Ok(Some(Subject::Digits(digits)));
    }
    let kind = text.split_once(':').map(|(kind, _)| kind.to_ascii_lowercase().parse::<SignalKind>());
    match kind {
        Some(Ok(_)) => Ok(Some(Subject::Hash(text.parse()?))),
        _ => Ok(None),
    }
}

fn item(side: &str, path: &Path, print: Result<Fingerprint, ReadError>) -> anyhow::Result<ComparedItem> {
    let print = match print {
        Ok(print) => print,
        Err(ReadError::Jail(error)) => return Err(error.into()),
        Err(_) if path.symlink_metadata().is_err() => bail!(
            "{side}: there is no such file; a hash is written kind:hex, such as pdq:f8f8…, or as the 64 digits of \
             PDQ alone"
        ),
        Err(cause) => bail!("{side}: {cause}"),
    };
    // What came through a pipe is gone.
    let is_text = print.content.kind == Kind::Text && print.bytes <= MOST_FRAME_BYTES && path.is_file();
    let listed = if is_text { frames_in(side, path)? } else { None };
    let item = ComparedItem::from(print);
    Ok(match listed {
        Some(frames) => ComparedItem { frames, ..item },
        None => item,
    })
}

/// The frames of one video that a text has, and nothing else; `None` for any other text.
fn frames_in(side: &str, path: &Path) -> anyhow::Result<Option<Vec<TimedFrame>>> {
    let mut videos = Vec::new();
    let mut input = BufReader::new(File::open(path)?.take(MOST_FRAME_BYTES));
    let read = read_shared_videos(&mut input, |found| match found {
        SharedVideo::Frames(_, frames) if videos.len() < 2 => {
            videos.push(frames);
            Ok(())
        }
        SharedVideo::Frames(..) => Ok(()),
        SharedVideo::Bad(..) => Err(()), // not what it looked like
    });
    match (read, videos.len()) {
        (Err(_), _) | (_, 0) => Ok(None),
        (_, 1) if videos[0].len() > VideoHash::MAX_FRAMES => bail!(
            "{side}: more than {} frames, each of which would be compared with each; `innerward match --vpdq` looks \
             such videos up",
            grouped(VideoHash::MAX_FRAMES as u64)
        ),
        (_, 1) => Ok(videos.pop()),
        _ => bail!("{side}: frames of several videos; `innerward match --vpdq` looks many up at a time"),
    }
}

/// The exact bytes of a name that is not UTF-8.
fn hex_of(given: &Given) -> Option<String> {
    given.path.as_deref().and_then(path_hex)
}
