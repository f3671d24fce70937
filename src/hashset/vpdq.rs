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
use crate::digest::{Pdq, Quality, Signal, SignalKind};

/// Frames of one video, at most: nine hours of every frame. They are held until the video ends, 56 bytes each.
const MAX_FRAMES: usize = 1 << 20;

/// One frame, as it stands in the file.
struct Frame {
    number: u32,
    hash: Pdq,
    quality: Quality,
    place: Place,
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
fn array<T: Take + ?Sized>(json: &mut Json<'_>, take: &mut T, depth: u32) -> Result<(), Ended<T::Stop>> {
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
            Ok((hash, quality)) => video.add(Frame { number, hash, quality, place })?,
            Err(cause) => take.take(place, Err(cause)).map_err(Ended::Stopped)?,
        }
    }
    video.tell(take)
}

fn lines<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
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
            Ok((number, hash, quality)) => {
                if number.is_some_and(|number| number < video.next) {
                    std::mem::take(&mut video).tell(take)?;
                }
                let number = number.unwrap_or(video.next);
                video.next = number.saturating_add(1);
                video.add(Frame { number, hash, quality, place })?;
            }
            Err(cause) => take.take(place, Err(cause)).map_err(Ended::Stopped)?,
        }
    }
    video.tell(take)
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

    fn tell<T: Take + ?Sized>(self, take: &mut T) -> Result<(), Ended<T::Stop>> {
        let mut hasher = blake3::Hasher::new_derive_key("innerward 2026 key of a vPDQ video from its frames");
        for frame in &self.frames {
            hasher.update(&frame.number.to_le_bytes()).update(frame.hash.code().as_bytes());
            hasher.update(&[frame.quality.percent()]);
        }
        let video = hex::encode(&hasher.finalize().as_bytes()[..8]);
        for Frame { number, hash, quality, place } in self.frames {
            let mut record = Record { key: key(&format!("{video}-{number}")).ok(), ..Record::default() };
            record.hashes.pdq = Some(PdqEntry { hash, quality: Some(quality) });
            take.take(place, Ok(record)).map_err(Ended::Stopped)?;
        }
        Ok(())
    }
}

/// A line of the C++ or of the Python form; the former has the number of its frame.
fn line_of(text: &str) -> Result<(Option<u32>, Pdq, Quality), Cause> {
    let cells: Vec<&str> = text.split(',').map(str::trim_ascii).collect();
    match cells[..] {
        [number, quality, hex, time] => {
            let number = number.parse().map_err(|_| Cause::Expected("the number of a frame"))?;
            frame(hex, quality, time).map(|(hash, quality)| (Some(number), hash, quality))
        }
        [hex, quality, time] => frame(hex, quality, time).map(|(hash, quality)| (None, hash, quality)),
        _ => Err(Cause::Columns { expected: 4, found: cells.len() }),
    }
}

fn feature(text: &str) -> Result<(Pdq, Quality), Cause> {
    match text.split(',').map(str::trim_ascii).collect::<Vec<_>>()[..] {
        [hex, quality, time] => frame(hex, quality, time),
        _ => Err(Cause::Expected("a frame as hash, quality and time")),
    }
}

fn frame(hex: &str, quality: &str, time: &str) -> Result<(Pdq, Quality), Cause> {
    let Signal::Pdq(hash) = SignalKind::Pdq.parse(hex)? else { return Err(Cause::NoHash) };
    let quality = quality.parse().ok().and_then(|percent| Quality::new(percent).ok());
    let quality = quality.ok_or(Cause::Expected("a quality of 0 to 100"))?;
    match time.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok((hash, quality)),
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
