//! The end of a run: `inputs.b3`, the digests of its inputs, and `record.json`, which says what was done and is signed.
//!
//! The run has come to its end once `run.json` says so, which is written last: a run that is killed before is resumed, and
//! its end made again.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::folder::{Asked, RunFolder};
use super::part::Part;
use super::{RunError, Summary, Words};
use crate::home::minisign::{PublicKey, Signatory, SignatureFault, check_signature};
use crate::home::{Home, HomeError, write_atomic};

pub(super) const INPUTS: &str = "inputs.b3";
pub(super) const RECORD: &str = "record.json";
pub(super) const SIGNATURE: &str = "record.json.minisig";
/// The newest format of the record that is read, and the one that is written.
pub(super) const FORMAT: u32 = 1;
/// The key with which runs are signed. Not the one of releases: what vouches for a run must not be able to publish, and who
/// holds the key of releases must not be able to vouch for a run.
const KEY: &str = "runs";
/// The first line of a signature, which is signed by nothing.
const FIRST_LINE: &str = "signature of a run of innerward; check it with minisign -V";
/// What the trusted comment says before the name of the run.
const TRUSTED: &str = "innerward run ";

/// `record.json`.
#[derive(Serialize)]
struct Record<'a> {
    format: u32,
    local: &'static str,
    made_with: &'static str,
    run: &'a str,
    /// Who began the run, as that person says.
    by: Option<&'a Words>,
    began: Timestamp,
    ended: Timestamp,
    asked: &'a Asked,
    parts: &'a [Part],
    summary: &'a Summary,
    inputs: Inputs,
    files: Vec<Sealed>,
}

/// The record, as far as it is needed to check a run. A newer one may say more.
#[derive(Deserialize)]
pub(super) struct Recorded {
    pub(super) made_with: String,
    pub(super) run: String,
    pub(super) by: Option<Words>,
    pub(super) began: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) asked: Asked,
    pub(super) inputs: Inputs,
    pub(super) files: Vec<Sealed>,
}

/// The inputs of a run, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inputs {
    /// Files on disk of which the digest is known: lines of `inputs.b3`.
    pub(super) files: u64,
    /// Files that could not be read: nothing vouches for their bytes.
    pub(super) unread: u64,
    /// Items inside of files, for which the digest of the file stands.
    pub(super) inside: u64,
}

/// A file of a run, as it was at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) blake3: String,
    /// Of files that have them: how many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) lines: Option<u64>,
    /// The last day on which it is kept; it may be gone before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) until: Option<Date>,
}

impl Sealed {
    fn of(name: &str, bytes: &[u8]) -> Self {
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        Self { name: name.into(), bytes: bytes.len() as u64, blake3, lines: None, until: None }
    }

    /// What `file` is now. It is read once, in pieces.
    pub(super) fn read(name: &str, file: File) -> io::Result<Self> {
        let mut counted = Lines { inner: file, bytes: 0, lines: 0 };
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut counted)?;
        let Lines { bytes, lines, .. } = counted;
        let lines = [".jsonl", ".b3"].iter().any(|end| name.ends_with(end)).then_some(lines);
        Ok(Self {
            name: name.into(),
            bytes,
            blake3: hasher.finalize().to_hex().to_string(),
            lines,
            until: None,
        })
    }
}

/// Counts the lines that pass.
struct Lines<R> {
    inner: R,
    bytes: u64,
    lines: u64,
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        self.lines += memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64;
        Ok(read)
    }
}

impl RunFolder {
    /// Ends the run: writes the digests of its inputs and the record, signs it, and says in `run.json` that it is over.
    /// What only a run that goes on needs is removed.
    pub(super) fn end(&mut self, home: &Home, summary: &Summary) -> Result<(), RunError> {
        let fingerprints = self.fingerprints();
        let mut inputs = Inputs::default();
        self.derive(INPUTS, |verdicts, out| {
            inputs = write_inputs(verdicts, BufReader::new(File::open(&fingerprints)?), out)?;
            Ok(())
        })?;
        let ended = Timestamp::now();
        self.described.ended = Some(ended);
        let mut files = Vec::new();
        for name in ["verdicts.jsonl", "triage.html", "verdicts.csv", INPUTS] {
            match File::open(self.path().join(name)) {
                Ok(file) => {
                    files.push(Sealed::read(name, file).map_err(HomeError::io(self.path().join(name)))?)
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(HomeError::Io { path: self.path().join(name), source }.into()),
            }
        }
        if let until @ Some(_) = self.described.remember_until {
            let open = File::open(&fingerprints).and_then(|file| Sealed::read("fingerprints.jsonl", file));
            files.push(Sealed { until, ..open.map_err(HomeError::io(&fingerprints))? });
        }
        let described = self.described_bytes()?;
        files.push(Sealed::of("run.json", &described));
        let (id, parts) = (self.id(), &self.described.parts);
        let record = Record {
            format: FORMAT,
            local: "not for sharing",
            made_with: concat!("innerward ", env!("CARGO_PKG_VERSION")),
            run: &id,
            by: parts.first().and_then(|part| part.by.as_ref()),
            began: parts.first().map_or(ended, |part| part.began),
            ended,
            asked: &self.described.asked,
            parts,
            summary,
            inputs,
            files,
        };
        let path = self.path().join(RECORD);
        let mut bytes =
            serde_json::to_vec_pretty(&record).map_err(io::Error::from).map_err(HomeError::io(&path))?;
        bytes.push(b'\n');
        let signature = signatory(home)?.sign(&bytes, FIRST_LINE, &format!("{TRUSTED}{id}"));
        write_atomic(&path, &bytes, 0o600)?;
        write_atomic(&self.path().join(SIGNATURE), &signature, 0o600)?;
        self.finish(&described)?;
        if self.described.remember_until.is_none() {
            fs::remove_file(&fingerprints).map_err(HomeError::io(&fingerprints))?;
        }
        Ok(())
    }
}

/// The key of this home that signs runs, made on first use, with its public half beside it.
fn signatory(home: &Home) -> Result<Signatory, HomeError> {
    let signatory = Signatory::new(&home.secret_key(KEY)?);
    let path = home.public_key_path(KEY);
    let text = signatory.public().to_file("innerward key of runs");
    if fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
        write_atomic(&path, text.as_bytes(), 0o600)?;
    }
    Ok(signatory)
}

/// The key with which this home signs runs; `None` if it never did.
pub(super) fn key_of(home: &Home) -> Result<Option<PublicKey>, HomeError> {
    Ok(home.known_secret_key(KEY)?.map(|secret| Signatory::new(&secret).public()))
}

/// Checks the signature of a record, and gives the name of the run that it is for.
pub(super) fn check(signature: &[u8], record: &[u8], key: &PublicKey) -> Result<String, SignatureFault> {
    let comment = check_signature(signature, record, key, FIRST_LINE)?;
    Ok(comment.strip_prefix(TRUSTED).ok_or(SignatureFault::Form(3))?.to_owned())
}

/// Writes the digest of each file on disk that the run could read, in the order of `verdicts`, from its `fingerprints`. What
/// is inside of a file has that file's. Both are read as a stream.
fn write_inputs(
    verdicts: impl BufRead,
    fingerprints: impl BufRead,
    out: &mut impl Write,
) -> io::Result<Inputs> {
    /// As much of a fingerprint as is needed.
    #[derive(Deserialize)]
    struct Digest {
        path: String,
        path_hex: Option<String>,
        blake3: String,
    }
    let mut digests = fingerprints.lines();
    let mut inputs = Inputs::default();
    for place in places(verdicts) {
        let Place { path, path_hex, file, bytes } = place?;
        let is_inside = file.is_some();
        inputs.inside += u64::from(is_inside);
        if bytes.is_none() {
            inputs.unread += u64::from(!is_inside);
            continue;
        }
        let stray = || io::Error::new(ErrorKind::InvalidData, "fingerprints and verdicts do not go together");
        let digest: Digest =
            serde_json::from_str(&digests.next().ok_or_else(stray)??).map_err(|_| stray())?;
        if (&digest.path, &digest.path_hex) != (&path, &path_hex) {
            return Err(stray());
        }
        if !is_inside {
            out.write_all(input_line(&digest.blake3, &path).as_bytes())?;
            inputs.files += 1;
        }
    }
    Ok(inputs)
}

/// The line of `b3sum` for the file `path`, which need not be quite right if its name is not UTF-8: no more is b3sum's own.
pub(super) fn input_line(blake3: &str, path: &str) -> String {
    if path.contains(['\\', '\n', '\r']) {
        let escaped = path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        format!("\\{blake3}  {escaped}\n")
    } else {
        format!("{blake3}  {path}\n")
    }
}

/// As much of the line of an item as says where it lies.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) path_hex: Option<String>,
    pub(super) file: Option<String>,
    pub(super) bytes: Option<u64>,
}

impl Place {
    /// The path, exactly.
    pub(super) fn exact(&self) -> PathBuf {
        use std::os::unix::ffi::OsStringExt;
        let bytes = self.path_hex.as_ref().and_then(|digits| hex::decode(digits).ok());
        bytes.map_or_else(|| Path::new(&self.path).into(), |bytes| std::ffi::OsString::from_vec(bytes).into())
    }
}

/// Where the items of a run lie, in their order.
pub(super) fn places(verdicts: impl BufRead) -> impl Iterator<Item = io::Result<Place>> {
    #[derive(Deserialize)]
    struct Written {
        r#type: String,
        data: Place,
    }
    (1_u64..).zip(verdicts.lines()).filter_map(|(number, line)| {
        let damaged = |_| io::Error::other(format!("line {number} is not what was written"));
        let written = line.and_then(|line| serde_json::from_str::<Written>(&line).map_err(damaged));
        match written {
            Ok(written) => (written.r#type == "screen").then_some(Ok(written.data)),
            Err(error) => Some(Err(error)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_b3sum_escapes_them() {
        for (path, line) in [
            ("a b.jpg", "00  a b.jpg\n"),
            ("a\\b", "\\00  a\\\\b\n"),
            ("a\nb", "\\00  a\\nb\n"),
            ("a\rb\\n", "\\00  a\\rb\\\\n\n"),
            ("\u{fffd}", "00  \u{fffd}\n"),
        ] {
            assert_eq!(input_line("00", path), line);
        }
    }

    #[test]
    fn inputs_are_the_files_on_disk_that_could_be_read() {
        let verdicts = "{\"type\":\"run\",\"data\":{}}\n\
            {\"type\":\"screen\",\"data\":{\"path\":\"a.zip!/x\",\"file\":\"a.zip\",\"bytes\":1}}\n\
            {\"type\":\"screen\",\"data\":{\"path\":\"a.zip!/y\",\"file\":\"a.zip\",\"bytes\":null}}\n\
            {\"type\":\"screen\",\"data\":{\"path\":\"a.zip\",\"bytes\":9}}\n\
            {\"type\":\"screen\",\"data\":{\"path\":\"gone\",\"bytes\":null}}\n\
            {\"type\":\"screen\",\"data\":{\"path\":\"b!/c\",\"bytes\":0}}\n\
            {\"type\":\"summary\",\"data\":{\"bytes\":10}}\n";
        let line = |path: &str, digest: &str| {
            format!("{{\"path\":\"{path}\",\"blake3\":\"{digest}\",\"first\":{{}}}}\n")
        };
        let fingerprints = [line("a.zip!/x", "01"), line("a.zip", "02"), line("b!/c", "03")];
        let write = |fingerprints: &str| {
            let mut out = Vec::new();
            write_inputs(verdicts.as_bytes(), fingerprints.as_bytes(), &mut out).map(|inputs| (inputs, out))
        };
        let (inputs, out) = write(&fingerprints.concat()).unwrap();
        assert_eq!(inputs, Inputs { files: 2, unread: 1, inside: 2 });
        assert_eq!(String::from_utf8(out).unwrap(), "02  a.zip\n03  b!/c\n");
        // A file that is cut short or of another run is never taken for this run's.
        for stray in [fingerprints[..2].concat(), fingerprints[1..].concat(), String::new()] {
            assert!(write(&stray).is_err());
        }
    }
}
