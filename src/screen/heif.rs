//! HEIC and AVIF by way of `heif-convert`, a command of libheif's that is run in the jail where it is installed.
//!
//! It turns every top-level picture of a file into a PNG in memory, which a worker then decodes like any other. libheif
//! applies the turning that such a file asks for, so that nothing is left to turn: an orientation beside that is for
//! other formats, and by the standard means nothing here.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::worker::{ReadError, WorkerOptions, killed};
use crate::digest::Wanted;
use crate::jail::{CallError, HelperRun, JailError, memory_file, run_helper};
use crate::media::{Gap, Helper, HelperLack, Killed, Permit, take_file_memory, take_memory};

/// The format in between, and its settings, in the order of preference. The encoder of the first refuses some colour
/// profiles that cameras never write and converters do; the second is at most a few bits away.
const BETWEEN: [(&str, &[&str]); 2] = [("png", &[]), ("jpg", &["--quality", "100"])];

/// Most pictures of one file. One with more is not compared to its end, and says so.
const MOST: usize = 8;

/// What a run is counted with, of the memory that all decoding shares: two run at a time at most.
const MEMORY_BYTES: u64 = 1 << 30;

/// True if the command decodes files of this kind.
pub(super) fn decodes(name: &str) -> bool {
    ["HEIC", "AVIF"].contains(&name)
}

/// The command, where the operator's search path has it.
#[must_use]
pub(super) fn find() -> Option<PathBuf> {
    on_path(Helper::HeifConvert.command())
}

/// The program of this name, where the operator's search path has it.
pub(super) fn on_path(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(command)).find_map(|file| runnable(&file))
}

/// The whole path of a program that can be run.
#[must_use]
pub fn runnable(file: &Path) -> Option<PathBuf> {
    let about = file.metadata().ok()?;
    let runs = about.is_file() && about.permissions().mode() & 0o111 != 0;
    runs.then(|| file.canonicalize().ok()).flatten()
}

/// The pictures of a file, each as a PNG, and what is missing of them.
pub(super) struct Pictures {
    pub(super) files: Vec<File>,
    pub(super) gap: Option<Gap>,
    /// The memory that the files take.
    _held: Permit<'static>,
}

/// Converts `file`, of the kind `name`, read from where it stands.
pub(super) fn convert(
    program: &Path,
    file: &File,
    name: &'static str,
    wanted: &Wanted,
    options: &WorkerOptions,
    allowance: Duration,
) -> Result<Result<Pictures, Gap>, ReadError> {
    let most = wanted.limits.max_file_bytes;
    // For the input and all outputs, as long as either is there; before any other share of memory, see there.
    let mut held = take_file_memory(file.metadata()?.len().min(most).saturating_add(most));
    let mut input = memory_file(&[]).map_err(JailError::Memory)?;
    let bytes = io::copy(&mut file.take(most.saturating_add(1)), &mut input)?;
    if bytes > most {
        return Ok(Err(Gap::TooLarge { name, unit: "bytes", found: bytes, limit: most }));
    }
    let _permit = take_memory(MEMORY_BYTES);
    for (format, settings) in BETWEEN {
        input.seek(SeekFrom::Start(0))?;
        // A single picture goes under the plain name, several under numbers from 1.
        let single = format!("out.{format}");
        let several: Vec<String> = (1..=MOST).map(|n| format!("out-{n}.{format}")).collect();
        let names = several.iter().zip(0..).map(|(name, output)| (&**name, output));
        let names: Vec<(&str, usize)> = [(&*single, 0)].into_iter().chain(names).collect();
        let ran = run_helper(&HelperRun {
            own_program: &options.program,
            program,
            arguments: &|input, folder| {
                let settings = settings.iter().map(ToString::to_string);
                let out = folder.join(&single).to_string_lossy().into_owned();
                settings.chain([input.to_owned(), out]).collect()
            },
            input: &input,
            names: &names,
            memory_bytes: options.max_memory_bytes,
            output_bytes: most,
            allowance,
        });
        let ran = match ran {
            Ok(ran) => ran,
            Err(CallError::Died(death)) => return Ok(Err(Gap::Killed(killed(death)))),
            // One that cannot be started or confined is lacking, which ends no run.
            Err(CallError::Jail(JailError::Setup(_))) => {
                return Ok(Err(Gap::NoHelper {
                    name,
                    helper: Helper::HeifConvert,
                    why: HelperLack::Confinement,
                }));
            }
            Err(CallError::Jail(error)) => return Err(error.into()),
        };
        let promised = if ran.overran {
            usize::MAX // what it says is lost with it
        } else if let Some(promised) = ran.well.then(|| pictures_in(&ran.said)).flatten() {
            promised
        } else {
            break;
        };
        let (files, taken) = within(ran.outputs, most)?;
        // That it could not write a picture is nothing that its exit code tells.
        let gap = match promised {
            _ if files.is_empty() && ran.overran => return Ok(Err(Gap::Killed(Killed::Memory))),
            _ if files.is_empty() => continue,
            promised if promised > MOST => Some(Gap::MoreFrames),
            promised => (promised != files.len()).then_some(Gap::Damaged(name)),
        };
        drop(input);
        held.shrink_to(taken);
        return Ok(Ok(Pictures { files, gap, _held: held }));
    }
    Ok(Err(Gap::Damaged(name)))
}

/// Those of the `outputs` that hold something, the first of them that have `most` bytes together, and their bytes.
fn within(outputs: Vec<File>, most: u64) -> io::Result<(Vec<File>, u64)> {
    let (mut files, mut taken) = (Vec::new(), 0_u64);
    for output in outputs {
        let bytes = output.metadata()?.len();
        if taken.saturating_add(bytes) > most {
            break;
        }
        taken += bytes;
        if bytes > 0 {
            files.push(output);
        }
    }
    Ok((files, taken))
}

/// How many pictures the command says that a file has: `File contains 2 images`.
fn pictures_in(said: &[u8]) -> Option<usize> {
    let said = str::from_utf8(said).ok()?;
    let number = said.split_once("File contains ")?.1.split(' ').next()?;
    number.parse().ok()
}

/// The PNG or JPEG `bytes` without the orientation that libheif copies into it although it has turned the pixels.
pub(super) fn upright(bytes: Vec<u8>) -> Vec<u8> {
    match &bytes[..bytes.len().min(2)] {
        b"\x89P" => without(bytes, 8, |part| {
            let len = u32::from_be_bytes(*part.first_chunk()?) as usize;
            Some((len.checked_add(12)?, part.get(4..8)? == b"eXIf"))
        }),
        b"\xff\xd8" => without(bytes, 2, |part| match part {
            [0xff, marker, high, low, ..] if *marker != 0xda => {
                Some((2 + usize::from(u16::from_be_bytes([*high, *low])), *marker == 0xe1))
            }
            _ => None,
        }),
        _ => bytes,
    }
}

/// `bytes` without some of the parts that follow the first `start` bytes. `part` tells of what begins with a part how
/// long that is and whether it goes; `None` if no part begins there, and the rest stays.
fn without(bytes: Vec<u8>, start: usize, part: impl Fn(&[u8]) -> Option<(usize, bool)>) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = start.min(bytes.len());
    kept.extend_from_slice(&bytes[..at]);
    while let Some((len, goes)) = part(&bytes[at..]) {
        let Some(whole) = bytes.get(at..at.saturating_add(len)) else { break };
        if !goes {
            kept.extend_from_slice(whole);
        }
        at += len;
    }
    kept.extend_from_slice(&bytes[at..]);
    kept
}

/// What was missing of the picture in between, said of the item.
pub(super) fn renamed(gap: Option<Gap>, name: &'static str) -> Option<Gap> {
    Some(match gap? {
        Gap::Damaged(_) | Gap::Truncated(_) | Gap::NoDecoder(_) | Gap::Empty => Gap::Damaged(name),
        Gap::TooLarge { unit, found, limit, .. } => Gap::TooLarge { name, unit, found, limit },
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_orientation_is_taken_out() {
        let chunk = |kind: &[u8; 4], data: &[u8]| {
            [&(data.len() as u32).to_be_bytes()[..], kind, data, b"crc!"].concat()
        };
        let signature = &b"\x89PNG\r\n\x1a\n"[..];
        let [head, exif, data, end] = [
            chunk(b"IHDR", b"sides"),
            chunk(b"eXIf", b"II*\0.."),
            chunk(b"IDAT", b"eXIf"),
            chunk(b"IEND", b""),
        ];
        let plain = [signature, &head, &data, &end].concat();
        assert_eq!(upright([signature, &head, &exif, &data, &end].concat()), plain);
        assert_eq!(upright(plain.clone()), plain);
        let segment = |marker: u8, data: &[u8]| [&[0xff, marker, 0, data.len() as u8 + 2], data].concat();
        let scan = b"\xff\xda\0\x08......\xff\xe1\0\x02\xff\xd9";
        let plain = [&b"\xff\xd8"[..], &segment(0xe0, b"JFIF"), scan].concat();
        let tagged = [&b"\xff\xd8"[..], &segment(0xe0, b"JFIF"), &segment(0xe1, b"Exif.."), scan].concat();
        assert_eq!(upright(tagged), plain);
        for bytes in
            [&b""[..], b"\x89", b"\x89PNG", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff\xff..", b"GIF89a"]
        {
            assert_eq!(upright(bytes.to_vec()), bytes, "what is no picture stays as it is");
        }
        let huge = [signature, &u32::MAX.to_be_bytes(), b"eXIf"].concat();
        assert_eq!(upright(huge.clone()), huge);
    }

    #[test]
    fn the_number_of_pictures_is_what_the_command_says() {
        assert_eq!(pictures_in(b"File contains 1 image\nWritten to x\n"), Some(1));
        assert_eq!(pictures_in(b"File contains 12 images\n"), Some(12));
        for said in [&b""[..], b"File contains ", b"File contains -1 images", b"File contains \xff images"] {
            assert_eq!(pictures_in(said), None);
        }
    }
}
