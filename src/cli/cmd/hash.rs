//! `innerward hash FILE…`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::jail::Decoding;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::cli::status::Status;
use crate::digest::{
    Classic, Fidelity, Fingerprint, Quality, Sampling, TimedFrame, VideoFrame, VideoHash, VideoText,
};
use crate::home::Config;
use crate::media::{Form, FormSet};
use crate::screen::{Outcome, ReadError, path_hex};

/// Print all hashes of files; needs no home and no lists
///
/// MD5, SHA-1, SHA-256 and BLAKE3 of the bytes, and PDQ of a picture in each form: `correct` is what a person sees,
/// `compat` what python-threatexchange would have computed where that differs. The quality of a PDQ hash is 0 to 100;
/// below 50 it is shown but never matched. Of a video, vPDQ: the PDQ hashes of one frame a second, where ffmpeg is installed.
#[derive(Args)]
pub(in crate::cli) struct Hash {
    /// Files to hash
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Classic picture hashes to print as well, of the correct form
    ///
    /// mean, median, gradient, vert-gradient, double-gradient or blockhash, then a side of 8, 16 or 32, then -dct for
    /// a cosine transform first (not with blockhash): gradient8,median16-dct. Bits and bytes are in the order of the library img_hash.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    also: Vec<Classic>,

    /// How exactly JPEGs are hashed: reference, luma or fast
    ///
    /// reference is bit for bit what pdqhash computes, and the only one to put into a list; luma is within a few bits of
    /// it; fast reads large files many times quicker and is within a few bits more. What was used is printed.
    #[arg(long, value_name = "NAME", default_value_t)]
    fidelity: Fidelity,

    /// Make the forms stretch512 and borderless as well
    ///
    /// What Meta's C++ tool computes, and the picture without plain borders, where they differ from the rest.
    #[arg(long)]
    all_forms: bool,

    /// Seconds from one hashed frame of a video to the next; 0 for every frame
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = millis)]
    every: u32,

    /// Print the vPDQ hashes of videos and nothing else, as a list: cpp, python or tx
    ///
    /// cpp is frame,quality,hash,timestamp, as Meta's program writes it; python hash,quality,timestamp; tx a signal of
    /// python-threatexchange. A video that was not decoded to its end is reported and not printed.
    #[arg(long, value_name = "FORM", conflicts_with_all = ["also", "all_forms"])]
    vpdq: Option<VideoText>,

    #[command(flatten)]
    decoding: Decoding,
}

/// Seconds as thousandths.
fn millis(text: &str) -> Result<u32, String> {
    let seconds: Option<f64> = text.parse().ok().filter(|seconds| (0.0..=86_400.0).contains(seconds));
    let millis = seconds.map(|seconds| (seconds * 1000.0).round() as u32);
    let exact = millis.zip(seconds).filter(|(millis, seconds)| *millis > 0 || *seconds == 0.0);
    exact.map(|(millis, _)| millis).ok_or_else(|| "seconds from 0.001 to 86400, or 0".into())
}

#[derive(Serialize)]
struct HashLine {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    media: &'static str,
    content: &'static str,
    bytes: u64,
    md5: String,
    sha1: String,
    sha256: String,
    blake3: String,
    pdq: Option<String>,
    pdq_quality: Option<Quality>,
    fidelity: Option<Fidelity>,
    width: Option<u32>,
    height: Option<u32>,
    forms: Vec<FormLine>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    classic: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpdq: Option<Vec<FrameLine>>,
    reason: Option<String>,
}

/// The PDQ hash of one form of a picture.
#[derive(Serialize)]
pub(super) struct FormLine {
    pub(super) form: Form,
    pub(super) pdq: String,
    pub(super) quality: Quality,
}

#[derive(Serialize)]
struct FrameLine {
    frame: u32,
    quality: Quality,
    hash: String,
    timestamp: f64,
}

#[derive(Default, Serialize)]
struct Summary {
    files: u64,
    unchecked: u64,
}

/// Files that are hashed before the first of them is printed.
const TOGETHER: usize = 256;

impl Hash {
    pub(in crate::cli) fn run(&self, _: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let mut status = Status::default();
        let mut summary = Summary::default();
        let options = self.decoding.options(&Config::default(), self.fidelity)?;
        let mut wanted = options.wanted(&self.also);
        wanted.sampling = Sampling { millis: self.every, ..Sampling::default() };
        if self.all_forms {
            wanted.limits.forms = FormSet::ALL;
        }
        for paths in self.files.chunks(TOGETHER) {
            for (path, found) in paths.iter().zip(options.fingerprints(paths, &wanted)) {
                summary.files += 1;
                let shown = path.to_string_lossy().into_owned();
                let path_hex = path_hex(path);
                match found {
                    Ok(fingerprint) => {
                        if fingerprint.gap.is_some() {
                            summary.unchecked += 1;
                            status.note(Outcome::Unchecked, true);
                        }
                        match self.vpdq {
                            Some(form) => list(&shown, &fingerprint, form, out)?,
                            None => {
                                let line = HashLine { path_hex, ..HashLine::new(shown, &fingerprint) };
                                print(&line, fingerprint.video.as_ref(), out)?;
                            }
                        }
                    }
                    Err(ReadError::Jail(error)) => return Err(error.into()),
                    Err(cause) => {
                        complain(format_args!("{}: {cause}", on_one_line(&shown)));
                        summary.unchecked += 1;
                        status.note(Outcome::Unchecked, true);
                    }
                }
            }
        }
        if self.vpdq.is_none() {
            out.json("summary", &summary)?;
        }
        Ok(status)
    }
}

/// Prints what a list has of a video, if that is all of it.
fn list(shown: &str, fingerprint: &Fingerprint, form: VideoText, out: &mut Output) -> anyhow::Result<()> {
    match (&fingerprint.video, &fingerprint.gap) {
        (Some(video), None) => out.raw(&video.to_text(form))?,
        (_, Some(gap)) => complain(format_args!("{}: not in the list: {gap}", on_one_line(shown))),
        (None, None) => {
            complain(format_args!("{}: no video ({})", on_one_line(shown), fingerprint.content.name))
        }
    }
    Ok(())
}

fn frames(video: &VideoHash) -> Vec<FrameLine> {
    let line = |TimedFrame { frame: VideoFrame { number, hash, quality }, millis }| FrameLine {
        frame: number,
        quality,
        hash: hash.to_hex(),
        timestamp: f64::from(millis) / 1000.0,
    };
    video.timed().map(line).collect()
}

impl HashLine {
    fn new(path: String, fingerprint: &Fingerprint) -> Self {
        let digests = &fingerprint.digests;
        let forms: Vec<FormLine> = fingerprint
            .forms
            .iter()
            .map(|form| FormLine {
                form: form.form,
                pdq: form.hash.original().to_hex(),
                quality: form.hash.quality,
            })
            .collect();
        Self {
            path,
            path_hex: None,
            media: fingerprint.content.media().as_str(),
            content: fingerprint.content.name,
            bytes: fingerprint.bytes,
            md5: digests.md5.to_hex(),
            sha1: digests.sha1.to_hex(),
            sha256: digests.sha256.to_hex(),
            blake3: digests.blake3.to_hex(),
            pdq: forms.first().map(|form| form.pdq.clone()),
            pdq_quality: forms.first().map(|form| form.quality),
            fidelity: (!forms.is_empty()).then_some(fingerprint.fidelity),
            width: fingerprint.size.map(|(width, _)| width),
            height: fingerprint.size.map(|(_, height)| height),
            forms,
            classic: classic(fingerprint),
            vpdq: fingerprint.video.as_ref().map(frames),
            reason: fingerprint.gap.as_ref().map(ToString::to_string),
        }
    }
}

/// The classic hashes that were asked for, of the first form: what a person sees.
fn classic(fingerprint: &Fingerprint) -> BTreeMap<String, String> {
    let first = fingerprint.forms.first().map(|form| form.form);
    let of_first = fingerprint.classics.iter().filter(|classic| Some(classic.form) == first);
    of_first.map(|classic| (classic.code.kind().to_string(), hex::encode(classic.code.as_bytes()))).collect()
}

fn print(line: &HashLine, video: Option<&VideoHash>, out: &mut Output) -> anyhow::Result<()> {
    out.json("hash", line)?;
    out.text(format_args!("{} ({}, {} bytes)", on_one_line(&line.path), line.content, line.bytes))?;
    for (name, hex) in
        [("md5", &line.md5), ("sha1", &line.sha1), ("sha256", &line.sha256), ("blake3", &line.blake3)]
    {
        out.text(format_args!("  {name}:{hex}"))?;
    }
    for form in &line.forms {
        // The reference is what is meant where nothing is said.
        let quick = line.fidelity.filter(|fidelity| *fidelity != Fidelity::Reference);
        let quick = quick.map_or_else(String::new, |fidelity| format!(", {fidelity}"));
        out.text(format_args!("  pdq:{}  {}, quality {}{quick}", form.pdq, form.form, form.quality))?;
    }
    for (name, hex) in &line.classic {
        out.text(format_args!("  {name}:{hex}"))?;
    }
    if let Some(video) = video {
        let (frames, usable) = (video.frames.len() as u64, video.usable().count());
        let last = video.frames.last().map_or(0.0, |frame| video.time_of(frame));
        out.text(format_args!(
            "  vpdq: {} of 0 to {last:.3} s, {usable} of them usable; --vpdq cpp prints them",
            counted(frames, "frame", "frames")
        ))?;
    }
    if let Some(reason) = &line.reason {
        out.text(format_args!("  unchecked: {reason}"))?;
    }
    Ok(())
}
