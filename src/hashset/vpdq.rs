//! vPDQ: the frames of a video, each with a PDQ hash, in the three forms in which programs write them.
//!
//! | Form | Line or element |
//! |---|---|
//! | C++ | `frame,quality,hex,timestamp` |
//! | Python's `vpdq` | `hex,quality,timestamp` |
//! | signal of `tx` | a JSON array of strings `"hex,quality,timestamp"` |
//!
//! A frame becomes an entry with its hash and quality. Its key is `VIDEO-FRAME`: 16 digits drawn from all frames of the
//! video, as no form gives it an id, and the number of the frame, which is the position where the form has none. The
//! same file has the same keys whenever it is imported, and another video has others.
//!
//! Videos in one file: each array is one, and in lines with numbers a number that does not rise begins the next.

use std::io::BufRead;

use super::PdqEntry;
use super::json::Json;
use super::lines::{Lines, first_line};
use super::record::{Ended, Place, Record, Take, key};
use super::report::Cause;
use crate::digest::{Pdq, Quality, Signal, SignalKind, TimedFrame, VideoFrame};

/// Frames of one video, at most: nine hours of every frame. They are held until the video ends, 56 bytes each.
const MAX_FRAMES: usize = 1 << 20;

/// One frame, as it stands in the file.
struct Frame {
    timed: TimedFrame,
    place: Place,
}

/// What a file of such hashes has, one after the other.
#[derive(Debug)]
pub enum SharedVideo {
    /// A video, and where it begins.
    Frames(Place, Vec<TimedFrame>),
    /// What is no frame, and why.
    Bad(Place, Cause),
}

/// What ends the reading of such a file before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SharedVideoError<E> {
    /// The bytes cannot be had.
    #[error(transparent)]
    Io(std::io::Error),
    /// From here on the file is not what it began as.
    #[error("it is no list of frames at {place}, where {expected} was expected")]
    Broken {
        /// Where.
        place: Place,
        /// What was expected there.
        expected: &'static str,
    },
    /// The taker ended it.
    #[error("it was not read to its end")]
    Stopped(E),
}

/// Reads the videos of a file, in any of the three forms, and gives them to `take` one by one.
///
/// Memory is bounded by the frames of one video.
///
/// # Errors
/// [`SharedVideoError`]; what `take` was given before stays given.
pub fn read_shared_videos<E>(
    input: &mut dyn BufRead,
    take: impl FnMut(SharedVideo) -> Result<(), E>,
) -> Result<(), SharedVideoError<E>> {
    struct Together<T>(T);
    impl<E, T: FnMut(SharedVideo) -> Result<(), E>> Sink for Together<T> {
        type Stop = E;

        fn video(&mut self, frames: Vec<Frame>) -> Result<(), E> {
            let Some(first) = frames.first().map(|frame| frame.place) else { return Ok(()) };
            (self.0)(SharedVideo::Frames(first, frames.into_iter().map(|frame| frame.timed).collect()))
        }

        fn bad(&mut self, place: Place, cause: Cause) -> Result<(), E> {
            (self.0)(SharedVideo::Bad(place, cause))
        }
    }
    read_into(input, &mut Together(take)).map_err(|ended| match ended {
        Ended::Io(error) => SharedVideoError::Io(error),
        Ended::Broken { place, expected } => SharedVideoError::Broken { place, expected },
        Ended::Map(_) => SharedVideoError::Broken { place: Place::Line(1), expected: "no table" },
        Ended::Stopped(stop) => SharedVideoError::Stopped(stop),
    })
}

/// Who takes in what is read.
trait Sink {
    type Stop;

    fn video(&mut self, frames: Vec<Frame>) -> Result<(), Self::Stop>;

    fn bad(&mut self, place: Place, cause: Cause) -> Result<(), Self::Stop>;
}

/// Each frame as an entry.
struct Entries<'t, T: ?Sized>(&'t mut T);

impl<T: Take + ?Sized> Sink for Entries<'_, T> {
    type Stop = T::Stop;

    fn video(&mut self, frames: Vec<Frame>) -> Result<(), T::Stop> {
        let mut hasher = blake3::Hasher::new_derive_key("innerward 2026 key of a vPDQ video from its frames");
        for Frame { timed: TimedFrame { frame, .. }, .. } in &frames {
            hasher.update(&frame.number.to_le_bytes()).update(frame.hash.code().as_bytes());
            hasher.update(&[frame.quality.percent()]);
        }
        let video = hex::encode(&hasher.finalize().as_bytes()[..8]);
        for Frame { timed: TimedFrame { frame, .. }, place } in frames {
            let VideoFrame { number, hash, quality } = frame;
            let mut record = Record { key: key(&format!("{video}-{number}")).ok(), ..Record::default() };
            record.hashes.pdq = Some(PdqEntry { hash, quality: Some(quality) });
            self.0.take(place, Ok(record))?;
        }
        Ok(())
    }

    fn bad(&mut self, place: Place, cause: Cause) -> Result<(), T::Stop> {
        self.0.take(place, Err(cause))
    }
}

/// True for the beginning of such a file.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.strip_prefix('[') {
        Some(rest) => {
            let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '[');
            rest.strip_prefix('"')
                .and_then(|rest| rest.split('"').next())
                .is_some_and(|text| feature(text).is_ok())
        }
        None => line_of(first_line(text).trim_end()).is_ok(),
    }
}

/// Reads the file to its end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    read_into(input, &mut Entries(take))
}

fn read_into<S: Sink>(input: &mut dyn BufRead, take: &mut S) -> Result<(), Ended<S::Stop>> {
    let mut json = Json::new(input)?;
    if json.begins(b'[')? {
        while json.more()? {
            if !json.begins(b'[')? {
                json.broken("an array of frames")?;
            }
            array(&mut json, take, 0)?;
        }
        return Ok(());
    }
    drop(json);
    lines(input, take)
}

/// One video, or several in an array of arrays.
fn array<S: Sink>(json: &mut Json<'_>, take: &mut S, depth: u32) -> Result<(), Ended<S::Stop>> {
    let mut video = Video::default();
    json.array()?;
    while json.item()? {
        let place = json.place();
        if depth == 0 && json.begins(b'[')? {
            array(json, take, 1)?;
            continue;
        }
        let found = match json.begins(b'"')? {
            true => {
                json.token()?;
                if json.is_long() { Err(Cause::Oversized) } else { feature(json.as_str()) }
            }
            false => {
                json.pass()?;
                Err(Cause::Expected("a frame as a string"))
            }
        };
        let number = video.next;
        video.next = number.saturating_add(1);
        match found {
            Ok(seen) => video.add(seen.frame(number, place))?,
            Err(cause) => take.bad(place, cause).map_err(Ended::Stopped)?,
        }
    }
    take.video(video.frames).map_err(Ended::Stopped)
}

fn lines<S: Sink>(input: &mut dyn BufRead, take: &mut S) -> Result<(), Ended<S::Stop>> {
    let mut input = input;
    let mut lines = Lines::new(&mut input);
    let mut video = Video::default();
    while let Some(line) = lines.next().map_err(Ended::Io)? {
        let place = Place::Line(line.number);
        let found = match line.text {
            Ok("") => continue,
            Ok(text) => line_of(text.trim_start_matches('\u{feff}')),
            Err(cause) => Err(cause),
        };
        match found {
            Ok((number, seen)) => {
                if number.is_some_and(|number| number < video.next) {
                    let whole = std::mem::take(&mut video);
                    take.video(whole.frames).map_err(Ended::Stopped)?;
                }
                let number = number.unwrap_or(video.next);
                video.next = number.saturating_add(1);
                video.add(seen.frame(number, place))?;
            }
            Err(cause) => take.bad(place, cause).map_err(Ended::Stopped)?,
        }
    }
    take.video(video.frames).map_err(Ended::Stopped)
}

/// What a line or an element says of a frame.
struct Seen {
    hash: Pdq,
    quality: Quality,
    seconds: f64,
}

impl Seen {
    fn frame(self, number: u32, place: Place) -> Frame {
        let Self { hash, quality, seconds } = self;
        Frame { timed: TimedFrame::new(VideoFrame { number, hash, quality }, seconds), place }
    }
}

/// The frames of a video that has not ended.
#[derive(Default)]
struct Video {
    frames: Vec<Frame>,
    /// No number below this is of this video any more.
    next: u32,
}

impl Video {
    fn add<S>(&mut self, frame: Frame) -> Result<(), Ended<S>> {
        if self.frames.len() == MAX_FRAMES {
            let expected = "no more than 1,048,576 frames of a video; hash it with fewer a second";
            return Err(Ended::Broken { place: frame.place, expected });
        }
        self.frames.push(frame);
        Ok(())
    }
}

/// A line of the C++ or of the Python form; the former has the number of its frame.
fn line_of(text: &str) -> Result<(Option<u32>, Seen), Cause> {
    let cells: Vec<&str> = text.split(',').map(str::trim_ascii).collect();
    match cells[..] {
        [number, quality, hex, time] => {
            let number = number.parse().map_err(|_| Cause::Expected("the number of a frame"))?;
            frame(hex, quality, time).map(|seen| (Some(number), seen))
        }
        [hex, quality, time] => frame(hex, quality, time).map(|seen| (None, seen)),
        _ => Err(Cause::Columns { expected: 4, found: cells.len() }),
    }
}

fn feature(text: &str) -> Result<Seen, Cause> {
    match text.split(',').map(str::trim_ascii).collect::<Vec<_>>()[..] {
        [hex, quality, time] => frame(hex, quality, time),
        _ => Err(Cause::Expected("a frame as hash, quality and time")),
    }
}

fn frame(hex: &str, quality: &str, time: &str) -> Result<Seen, Cause> {
    let Signal::Pdq(hash) = SignalKind::Pdq.parse(hex)? else { return Err(Cause::NoHash) };
    let quality = quality.parse().ok().and_then(|percent| Quality::new(percent).ok());
    let quality = quality.ok_or(Cause::Expected("a quality of 0 to 100"))?;
    match time.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(Seen { hash, quality, seconds }),
        _ => Err(Cause::Expected("a time of 0 seconds or more")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::testing::{Taken, broken, stretched, taken};
    use super::*;
    use crate::digest::SignalError;

    const A: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";
    const B: &str = "0ff1ce000ff1ce000ff1ce000ff1ce000ff1ce000ff1ce000ff1ce000ff1ce00";

    fn said(taken: &Taken) -> Vec<(String, u8)> {
        let record = |found: &Result<Record, Cause>| {
            let record = found.as_ref().expect("a frame");
            let pdq = record.hashes.pdq.expect("a PDQ");
            (
                record.key.as_ref().expect("a key").as_str().to_owned(),
                pdq.quality.expect("a quality").percent(),
            )
        };
        taken.found.iter().map(record).collect()
    }

    #[test]
    fn the_three_forms_say_the_same() {
        let cpp = format!("0,100,{A},0.000\r\n1,7,{},1.000\n", B.to_uppercase());
        let python = format!("\u{feff}{A},100,0.000\n{B},7,1.000\n");
        let tx = format!("[\"{A},100,0.0\", \"{B},7,1e+00\"]\n");
        let first = said(&taken(read, &cpp));
        let (video, frame) = first[0].0.split_once('-').unwrap();
        assert_eq!((video.len(), frame, first[0].1), (16, "0", 100));
        assert_eq!((first[1].0.as_str(), first[1].1), (format!("{video}-1").as_str(), 7));
        for text in [&python, &tx, &format!("[{tx}]")] {
            assert_eq!(said(&taken(read, text)), first, "{text}");
        }
        for text in [&cpp, &python, &tx] {
            assert!(recognises(text.as_bytes()), "{text}");
        }
        for text in
            ["[1]", "", "[\"a\"]", &format!("{A}\n"), &format!("pdq,{A},X,Y,"), &format!("{A},101,0\n")]
        {
            assert!(!recognises(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn each_video_of_a_file_has_keys_of_its_own() {
        let two = format!("3,100,{A},0\n9,100,{B},1\n3,100,{B},0\n");
        let keys: Vec<_> = said(&taken(read, &two)).into_iter().map(|(key, _)| key).collect();
        let parts: Vec<_> = keys.iter().map(|key| key.split_once('-').unwrap()).collect();
        assert_eq!((parts[0].0, parts[1].1, parts[2].1), (parts[1].0, "9", "3"));
        assert_ne!(parts[0].0, parts[2].0);
        let arrays = format!("[\"{A},100,0\"]\n[\"{B},100,0\"]");
        let keys = said(&taken(read, &arrays));
        assert!(keys[0].0.ends_with("-0") && keys[1].0.ends_with("-0") && keys[0] != keys[1]);
    }

    #[test]
    fn videos_come_whole_with_their_times() {
        let text = format!("3,100,{A},0.5\n9,100,{B},1.23e+03\nno line\n3,7,{B},0\n");
        let (mut videos, mut bad) = (Vec::new(), Vec::new());
        let mut take = |found| -> Result<(), ()> {
            match found {
                SharedVideo::Frames(place, frames) => videos.push((place, frames)),
                SharedVideo::Bad(place, _) => bad.push(place),
            }
            if videos.len() < 2 { Ok(()) } else { Err(()) }
        };
        let ended = read_shared_videos(&mut text.as_bytes(), &mut take);
        assert!(matches!(ended, Err(SharedVideoError::Stopped(()))));
        assert_eq!(bad, [Place::Line(3)]);
        let told = |frames: &[TimedFrame]| -> Vec<_> {
            frames.iter().map(|one| (one.frame.number, one.frame.quality.percent(), one.millis)).collect()
        };
        assert_eq!(
            (videos[0].0, told(&videos[0].1)),
            (Place::Line(1), vec![(3, 100, 500), (9, 100, 1_230_000)])
        );
        assert_eq!((videos[1].0, told(&videos[1].1)), (Place::Line(4), vec![(3, 7, 0)]));
        let broken = read_shared_videos(&mut &b"[\"x"[..], |_| Ok::<_, ()>(()));
        assert!(matches!(broken, Err(SharedVideoError::Broken { .. })));
    }

    #[test]
    fn frames_that_are_none_are_told_apart() {
        let text = format!(
            "0,101,{A},0\n1,-1,{A},0\n2,9,c0ffee,0\n3,9,{A},-1\n4,9,{A},nan\n5,9\n6,9,{A},1.23e+03\n"
        );
        let found = taken(read, &text).found;
        let quality = Err(Cause::Expected("a quality of 0 to 100"));
        assert_eq!(found[..2], [quality.clone(), quality]);
        assert!(matches!(&found[2], Err(Cause::Hash(SignalError::Length { found: 6, .. }))));
        let time = Err(Cause::Expected("a time of 0 seconds or more"));
        assert_eq!(found[3..6], [time.clone(), time, Err(Cause::Columns { expected: 4, found: 2 })]);
        assert!(found[6].is_ok());
    }

    #[test]
    fn what_is_cut_or_endless_is_broken_or_takes_no_memory() {
        let tx = format!("[\"{A},100,0.0\", \"{B},7,1e+00\"]");
        for len in 1..tx.len() {
            broken(read, &mut &tx.as_bytes()[..len]);
        }
        broken(read, &mut stretched("[", b'[', 100_000, ""));
        let mut found = Taken::default();
        read(&mut stretched("0,1,", b'c', 64 << 20, "\n"), &mut found).unwrap();
        assert_eq!(found.found, [Err(Cause::TooLong)]);
    }
}
