//! HEIC and AVIF by way of `heif-convert`, a command of libheif's that is run in the jail where it is installed.
//!
//! It turns every top-level picture of a file into a PNG in memory, which a worker then decodes like any other. libheif
//! applies the turning that such a file asks for, so that nothing is left to turn.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::worker::{ReadError, WorkerOptions, killed};
use crate::jail::{CallError, HelperRun, JailError, memory_file, run_helper};
use crate::media::{Gap, take_memory};

/// The command's name.
pub(super) const COMMAND: &str = "heif-convert";

/// Where the pictures of a file go: a single one under the first name, several under the numbered ones. A file with
/// more than that is not compared to its end, and says so.
const NAMES: [(&str, usize); 9] = [
    ("out.png", 0),
    ("out-1.png", 0),
    ("out-2.png", 1),
    ("out-3.png", 2),
    ("out-4.png", 3),
    ("out-5.png", 4),
    ("out-6.png", 5),
    ("out-7.png", 6),
    ("out-8.png", 7),
];

/// What a run is counted with, of the memory that all decoding shares: two run at a time at most.
const MEMORY_BYTES: u64 = 1 << 30;

/// True if the command decodes files of this kind.
pub(super) fn decodes(name: &str) -> bool {
    ["HEIC", "AVIF"].contains(&name)
}

/// The command, where the operator's search path has it.
#[must_use]
pub(super) fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(COMMAND)).find_map(|file| runnable(&file))
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
}

/// Converts `file`, of the kind `name`, read from where it stands.
pub(super) fn convert(
    program: &Path,
    file: File,
    name: &'static str,
    options: &WorkerOptions,
    allowance: Duration,
) -> Result<Result<Pictures, Gap>, ReadError> {
    let most = options.limits.max_file_bytes;
    let mut input = memory_file(&[]).map_err(JailError::Memory)?;
    let bytes = io::copy(&mut file.take(most.saturating_add(1)), &mut input)?;
    if bytes > most {
        return Ok(Err(Gap::TooLarge { name, unit: "bytes", found: bytes, limit: most }));
    }
    input.seek(SeekFrom::Start(0))?;
    let _permit = take_memory(MEMORY_BYTES);
    let ran = run_helper(&HelperRun {
        own_program: &options.program,
        program,
        arguments: |input, folder| {
            vec!["--quiet".into(), input.into(), folder.join(NAMES[0].0).to_string_lossy().into_owned()]
        },
        input: &input,
        names: &NAMES,
        memory_bytes: options.max_memory_bytes,
        output_bytes: most,
        allowance,
    });
    let ran = match ran {
        Ok(ran) => ran,
        Err(CallError::Died(death)) => return Ok(Err(Gap::Killed(killed(death)))),
        Err(CallError::Jail(error)) => return Err(error.into()),
    };
    let mut files = Vec::new();
    let outputs = ran.outputs.len();
    for output in ran.outputs {
        if output.metadata()?.len() > 0 {
            files.push(output);
        }
    }
    Ok(match (files.len(), ran.well) {
        (0, _) => Err(Gap::Damaged(name)),
        (_, true) => Ok(Pictures { files, gap: None }),
        // It gives up at the first name that is not there.
        (found, false) if found == outputs => Ok(Pictures { files, gap: Some(Gap::MoreFrames) }),
        (_, false) => Ok(Pictures { files, gap: Some(Gap::Damaged(name)) }),
    })
}

/// What was missing of the picture in between, said of the item.
pub(super) fn renamed(gap: Option<Gap>, name: &'static str) -> Option<Gap> {
    Some(match gap? {
        Gap::Damaged(_) | Gap::Truncated(_) | Gap::NoDecoder(_) | Gap::Empty => Gap::Damaged(name),
        Gap::TooLarge { unit, found, limit, .. } => Gap::TooLarge { name, unit, found, limit },
        other => other,
    })
}
