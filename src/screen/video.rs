//! Frames of videos by way of `ffmpeg`, run in the jail where it is installed, and hashed as they come.
//!
//! `ffprobe`, jailed the same way, says first what the frame rate and the sides are, and with that which frames are
//! wanted. Only those leave `ffmpeg`, through a pipe: no frame is ever in a file, and no more than one in memory here.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::heif::{on_path, runnable};
use super::worker::{ReadError, WorkerOptions, killed};
use crate::digest::{FrameHasher, FrameRate, Quality, VideoHash, Wanted};
use crate::jail::{CallError, JailError, StreamRun, Streamed, stream_helper};
use crate::media::{FrameLayout, Gap, Helper, HelperLack, take_memory};

/// The two commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ffmpeg {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
}

/// What says which frames there are.
const PROBE: &str = "ffprobe";

/// Most that a file may have to say of its streams.
const SAID_BYTES: usize = 64 << 10;

/// Threads that decode one video. More than one video may be decoded at a time, and each thread has frames of its own.
const MOST_THREADS: usize = 4;

/// What `ffmpeg` takes beside frames, and how many frames it holds, of three bytes a pixel: what is read ahead, what
/// others are predicted from, and one that is being written.
const MEMORY_BYTES: u64 = 128 << 20;
const FRAMES_HELD: u64 = 16;

/// How long decoding may take for each second that the video plays, and at most in terms of what any item may take.
const PLAYING_TIMES: u32 = 4;
const MOST_ALLOWANCES: u32 = 120;

impl Ffmpeg {
    /// Both, where the operator's search path has them.
    pub(super) fn find() -> Option<Self> {
        Some(Self { ffmpeg: on_path(Helper::Ffmpeg.command())?, ffprobe: on_path(PROBE)? })
    }

    /// This command, and the other one beside it; `None` if one of them cannot be run.
    #[must_use]
    pub fn at(ffmpeg: &Path) -> Option<Self> {
        let ffmpeg = runnable(ffmpeg)?;
        let ffprobe = runnable(&ffmpeg.with_file_name(PROBE))?;
        Some(Self { ffmpeg, ffprobe })
    }

    /// Where `ffmpeg` is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.ffmpeg
    }
}

/// True of the kinds of animation that it decodes. WebP is not one of them.
pub(super) fn decodes_animation(name: &str) -> bool {
    ["GIF", "PNG"].contains(&name)
}

/// What a video gives.
#[derive(Default)]
pub(super) struct Frames {
    /// The frames that were decoded; `None` if not one was.
    pub(super) hash: Option<VideoHash>,
    /// Width and height of the video.
    pub(super) size: Option<(u32, u32)>,
    pub(super) gap: Option<Gap>,
}

impl Frames {
    fn gap(gap: Gap) -> Self {
        Self { gap: Some(gap), ..Self::default() }
    }
}

/// Hashes the video `file` of `bytes` bytes, of the kind `name`.
pub(super) fn hash(
    ffmpeg: &Ffmpeg,
    file: &File,
    bytes: u64,
    name: &'static str,
    wanted: &Wanted,
    options: &WorkerOptions,
) -> Result<Frames, ReadError> {
    let gap = match probe(ffmpeg, file, bytes, options) {
        Ok(Some(stream)) => return decode(ffmpeg, file, bytes, name, &stream, wanted, options),
        Ok(None) => Gap::Video(name),
        Err(error) => because(error, name)?,
    };
    Ok(Frames::gap(gap))
}

/// What is said of a video that a command did not get to the end of; an error if none could be started at all.
fn because(error: CallError, name: &'static str) -> Result<Gap, ReadError> {
    match error {
        CallError::Died(death) => Ok(Gap::Killed(killed(death))),
        // One that cannot be started or confined is lacking, which ends no run.
        CallError::Jail(JailError::Setup(_)) => {
            Ok(Gap::NoHelper { name, helper: Helper::Ffmpeg, why: HelperLack::Confinement })
        }
        CallError::Jail(error) => Err(error.into()),
    }
}

/// The video of a file: which of its streams, and what is to be known before it is decoded.
#[derive(Debug, PartialEq)]
struct Stream {
    index: u32,
    size: (u32, u32),
    /// In its own layout, if that can be taken as it is.
    layout: FrameLayout,
    rate: FrameRate,
    /// How long it plays.
    duration: Duration,
}

/// What `ffprobe` says of a file, as far as it is asked.
#[derive(Deserialize)]
struct Probed {
    #[serde(default)]
    streams: Vec<ProbedStream>,
    #[serde(default)]
    format: ProbedFormat,
}

#[derive(Deserialize, Default)]
struct ProbedFormat {
    duration: Option<String>,
}

#[derive(Deserialize)]
struct ProbedStream {
    index: u32,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    pix_fmt: String,
    #[serde(default)]
    color_range: String,
    #[serde(default)]
    avg_frame_rate: String,
    #[serde(default)]
    r_frame_rate: String,
    duration: Option<String>,
    #[serde(default)]
    disposition: Disposition,
}

#[derive(Deserialize, Default)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

impl Probed {
    /// The first stream of moving pictures; `None` if there is none, or one that says too little.
    ///
    /// vPDQ takes the first stream of pictures, though it be the cover of the film: hidden by that nothing shall be, so
    /// covers are passed over.
    fn stream(self) -> Option<Stream> {
        let covers = |stream: &ProbedStream| stream.disposition.attached_pic != 0;
        let film = self.streams.iter().position(|stream| !covers(stream)).unwrap_or(0);
        let stream = self.streams.into_iter().nth(film)?;
        let rate = stream.avg_frame_rate.parse().or_else(|_| stream.r_frame_rate.parse()).ok()?;
        let seconds = |text: &Option<String>| text.as_ref()?.parse().ok();
        let playing = seconds(&stream.duration).or_else(|| seconds(&self.format.duration)).unwrap_or(0.0);
        let duration = Duration::try_from_secs_f64(playing).unwrap_or_default();
        let size = (stream.width, stream.height);
        let is_plain = stream.pix_fmt == "yuv420p" && stream.color_range != "pc";
        let layout = match FrameLayout::Yuv420.bytes(size) {
            Some(_) if is_plain => FrameLayout::Yuv420,
            _ => FrameLayout::Rgb,
        };
        (size.0 > 0 && size.1 > 0).then_some(Stream { index: stream.index, size, layout, rate, duration })
    }
}

fn words(all: &[&str]) -> impl Iterator<Item = String> {
    all.iter().map(ToString::to_string)
}

/// Whatever a file names, it is the only one that is read; and only what fails is said.
const QUIETLY: &[&str] = &["-hide_banner", "-v", "error", "-protocol_whitelist", "file"];

fn probe(
    ffmpeg: &Ffmpeg,
    file: &File,
    bytes: u64,
    options: &WorkerOptions,
) -> Result<Option<Stream>, CallError> {
    const ASKED: &str = "stream=index,width,height,pix_fmt,color_range,avg_frame_rate,r_frame_rate,duration:\
                         stream_disposition=attached_pic:format=duration";
    let run = StreamRun {
        own_program: &options.program,
        program: &ffmpeg.ffprobe,
        arguments: &|input| {
            let asks = ["-select_streams", "v", "-show_entries", ASKED, "-of", "json", "-i", input];
            words(QUIETLY).chain(words(&asks)).collect()
        },
        input: file,
        memory_bytes: options.max_memory_bytes,
        allowance: options.allowance(bytes),
        silence: options.allowance(bytes),
    };
    let mut said = Vec::new();
    stream_helper(&run, &mut |piece| {
        said.extend_from_slice(&piece[..piece.len().min(SAID_BYTES + 1 - said.len())]);
        if said.len() > SAID_BYTES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(serde_json::from_slice(&said).ok().and_then(Probed::stream))
}

fn decode(
    ffmpeg: &Ffmpeg,
    file: &File,
    bytes: u64,
    name: &'static str,
    stream: &Stream,
    wanted: &Wanted,
    options: &WorkerOptions,
) -> Result<Frames, ReadError> {
    let &Stream { index, size, layout, rate, duration } = stream;
    let pixels = |size: (u32, u32)| u64::from(size.0) * u64::from(size.1);
    let hashed = wanted.sampling.size(size);
    let (found, limit) = (pixels(size).max(pixels(hashed)), wanted.limits.max_pixels);
    if found > limit {
        return Ok(Frames::gap(Gap::TooLarge { name, unit: "pixels", found, limit }));
    }
    let step = wanted.sampling.step(rate);
    let _permit = take_memory(MEMORY_BYTES + pixels(size) * 3 * FRAMES_HELD);
    let pixel_format = |layout| match layout {
        FrameLayout::Rgb => "rgb24",
        FrameLayout::Yuv420 => "yuv420p",
    };
    // Frames of another size are scaled by ffmpeg, in RGB, as the reference has them scaled.
    let layout = if hashed == size { layout } else { FrameLayout::Rgb };
    let Some(mut hasher) = FrameHasher::new(hashed, layout, step) else {
        return Ok(Frames { size: Some(size), ..Frames::gap(Gap::LowQuality(0)) });
    };
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST_THREADS));
    let arguments = |input: &str| -> Vec<String> {
        let from = ["-nostdin", "-nostats", "-noautorotate", "-reinit_filter", "0", "-threads"];
        // A change of size within the video changes nothing of what comes out. Colours are taken for those of BT.601, as
        // the reference takes them whatever the video says. Without exact rounding dark frames are tens of bits off.
        let (width, height) = hashed;
        let filters = format!(
            "select=not(mod(n\\,{step})),scale={width}:{height}:flags=area+accurate_rnd:in_color_matrix=bt601"
        );
        let of = [&format!("0:{index}"), "-vf", &filters, "-fps_mode", "passthrough"].map(str::to_owned);
        words(QUIETLY)
            .chain(words(&from))
            .chain([threads.to_string(), "-i".into(), input.to_owned(), "-map".into()])
            .chain(of)
            .chain(words(&["-pix_fmt", pixel_format(layout), "-f", "rawvideo", "pipe:1"]))
            .collect()
    };
    let item = options.allowance(0);
    let playing = duration.saturating_mul(PLAYING_TIMES).min(item.saturating_mul(MOST_ALLOWANCES));
    let run = StreamRun {
        own_program: &options.program,
        program: &ffmpeg.ffmpeg,
        arguments: &arguments,
        input: file,
        memory_bytes: options.max_memory_bytes,
        allowance: options.allowance(bytes) + playing,
        silence: options.allowance(bytes),
    };
    let ended = stream_helper(&run, &mut |piece| {
        if hasher.push(piece) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let is_cut = hasher.is_amid_a_frame();
    let hash = hasher.finish(rate);
    let best = hash.frames.iter().map(|frame| frame.quality).max();
    let gap = match ended {
        Err(error) => Some(because(error, name)?),
        Ok(_) if hash.frames.len() == VideoHash::MAX_FRAMES => Some(Gap::MoreFrames),
        Ok(Streamed { well, complained }) => match best {
            _ if !well || complained || is_cut => Some(Gap::Damaged(name)),
            None => Some(Gap::Damaged(name)),
            Some(best) if best < Quality::USABLE => Some(Gap::LowQuality(best.percent())),
            Some(_) => None,
        },
    };
    Ok(Frames { hash: best.map(|_| hash), size: Some(size), gap })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(said: &str) -> Option<Stream> {
        serde_json::from_str::<Probed>(said).ok().and_then(Probed::stream)
    }

    #[test]
    fn the_first_stream_that_is_no_cover_is_the_video() {
        let said = r#"{"programs": [], "streams": [
            {"index": 1, "width": 600, "height": 600, "r_frame_rate": "90000/1", "avg_frame_rate": "0/0",
             "disposition": {"attached_pic": 1}},
            {"index": 2, "width": 640, "height": 480, "r_frame_rate": "30000/1001", "avg_frame_rate": "2997/100",
             "duration": "4.500000", "disposition": {"attached_pic": 0}},
            {"index": 3, "width": 1, "height": 1, "r_frame_rate": "1/1", "avg_frame_rate": "1/1"}],
            "format": {"duration": "7.0"}}"#;
        let found = stream(said).unwrap();
        assert_eq!(
            (found.index, found.size, found.rate),
            (2, (640, 480), FrameRate::new(2997, 100).unwrap())
        );
        assert_eq!(found.duration, Duration::from_millis(4500));
        let alone = said.replace("\"attached_pic\": 0", "\"attached_pic\": 1");
        assert_eq!(stream(&alone).unwrap().index, 3);
    }

    #[test]
    fn frames_of_the_usual_kind_are_taken_as_they_are() {
        let layout = |more: &str, height: u32| {
            let text = format!(
                r#"{{"streams": [{{"index": 0, "width": 8, "height": {height}, "avg_frame_rate": "25/1"{more}}}]}}"#
            );
            stream(&text).unwrap().layout
        };
        let usual = r#", "pix_fmt": "yuv420p""#;
        assert_eq!(layout(usual, 6), FrameLayout::Yuv420);
        assert_eq!(layout(&format!(r#"{usual}, "color_range": "tv""#), 6), FrameLayout::Yuv420);
        for (more, height) in [
            ("", 6),
            (usual, 7),
            (r#", "pix_fmt": "yuvj420p""#, 6),
            (r#", "pix_fmt": "yuv420p", "color_range": "pc""#, 6),
        ] {
            assert_eq!(layout(more, height), FrameLayout::Rgb, "{more} {height}");
        }
    }

    #[test]
    fn a_rate_of_nothing_falls_back_and_then_gives_up() {
        let said = |average: &str, base: &str, width: u32| {
            let text = format!(
                r#"{{"streams": [{{"index": 0, "width": {width}, "height": 9, "avg_frame_rate": "{average}",
                    "r_frame_rate": "{base}"}}], "format": {{"duration": "1e999"}}}}"#
            );
            stream(&text)
        };
        assert_eq!(said("0/0", "25/1", 9).unwrap().rate, FrameRate::new(25, 1).unwrap());
        assert_eq!(
            said("0/0", "25/1", 9).unwrap().duration,
            Duration::ZERO,
            "of no end that can be believed"
        );
        assert_eq!(said("0/0", "0/1", 9), None);
        assert_eq!(said("25/1", "25/1", 0), None);
        for nothing in ["", "{}", "{\"streams\": []}", "[]", "{\"streams\": [{\"index\": -1}]}"] {
            assert_eq!(stream(nothing), None, "{nothing}");
        }
    }
}
