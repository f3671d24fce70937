//! The binary in a home of its own, and what it prints, read back by types that refuse unknown fields.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use innerward::home::Home;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A fresh folder with room for one home; gone when dropped.
pub(crate) struct Ward {
    dir: tempfile::TempDir,
}

impl Ward {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// With a home that may pretend any day.
    pub(crate) fn for_demo() -> Self {
        let ward = Self::new();
        Home::create(&ward.home(), true).unwrap();
        ward
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path("ward")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file beside the home, with the folders that it needs.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The binary, in this folder, with nothing of the environment of the tests.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_innerward"));
        command.env_clear().current_dir(self.dir.path());
        command.env("HOME", self.path("user")).env("XDG_DATA_HOME", self.path("data"));
        command.env("INNERWARD_HOME", self.home());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command().args(arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// As [`Ward::run`], for what must not fail.
    pub(crate) fn must(&self, arguments: &[&str]) -> Done {
        let done = self.run(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
        done
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Done {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input).unwrap());
            Done::of(child.wait_with_output().unwrap())
        })
    }

    /// Imports `text` as the set `name`.
    pub(crate) fn import(&self, name: &str, text: &str, more: &[&str]) -> Done {
        let file = self.write(&format!("{name}.list"), text);
        let arguments = ["set", "import", name, file.to_str().unwrap(), "--format", "json"];
        self.must(&[&arguments[..], more].concat())
    }

    /// The outcome of one hash, with its exit code.
    pub(crate) fn look_up(&self, signal: &str) -> (String, i32) {
        let done = self.run(&["match", signal, "--format", "json"]);
        let [line] = &done.all::<MatchLine>("match")[..] else { panic!("one answer: {}", done.err) };
        (line.outcome.clone(), done.code)
    }
}

/// A run that has ended.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn of(output: Output) -> Self {
        let code = output.status.code().expect("no signal ended it");
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.contains("internal error"), "a panic: {err}");
        Self { code, out: String::from_utf8(output.stdout).unwrap(), err }
    }

    /// A refusal: exit code 2, nothing on stdout, and each of `words` on stderr.
    pub(crate) fn refused(&self, words: &[&str]) {
        assert_eq!((self.code, &*self.out), (2, ""), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {:?}", self.err);
        }
    }

    /// The data of every line of type `kind`.
    pub(crate) fn all<T: DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        all(&self.out, kind)
    }

    /// The data of the last line, which is the only `summary`.
    pub(crate) fn summary<T: DeserializeOwned>(&self) -> T {
        let last = self.out.lines().next_back().expect("something was printed");
        assert!(last.starts_with(r#"{"type":"summary","#), "{last}");
        let mut found = self.all("summary");
        assert_eq!(found.len(), 1);
        found.remove(0)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    r#type: String,
    data: serde_json::Value,
}

/// The data of every line of type `kind` in `text`.
pub(crate) fn all<T: DeserializeOwned>(text: &str, kind: &str) -> Vec<T> {
    let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).expect(line));
    let read = |data| serde_json::from_value(data).unwrap_or_else(|error| panic!("{error}, in {text}"));
    lines.filter(|line| line.r#type == kind).map(|line| read(line.data)).collect()
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    pub(crate) set: String,
    pub(crate) entry: String,
    pub(crate) signal: String,
    pub(crate) distance: u16,
    pub(crate) max_distance: u16,
    pub(crate) transform: Option<String>,
    pub(crate) form: Option<String>,
    pub(crate) frame: Option<u32>,
    pub(crate) timestamp: Option<f64>,
    pub(crate) query_percent: Option<f64>,
    pub(crate) index_percent: Option<f64>,
    pub(crate) interval: Option<[f64; 2]>,
    pub(crate) labels: Vec<String>,
    pub(crate) categories: Vec<CategoryLine>,
    pub(crate) conflicts: Vec<String>,
    pub(crate) role: String,
    pub(crate) held: Option<String>,
    pub(crate) suppressed_by: Option<String>,
    pub(crate) confirmed: bool,
    pub(crate) deconfirmed: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CategoryLine {
    pub(crate) scheme: String,
    pub(crate) profile: Option<String>,
    pub(crate) code: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchLine {
    pub(crate) query: String,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    pub(crate) matches: Vec<Match>,
    pub(crate) matches_cut: bool,
    pub(crate) held: Vec<String>,
}

/// What part of the lists was searched.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterLine {
    pub(crate) sets: Vec<String>,
    pub(crate) not_sets: Vec<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) not_labels: Vec<String>,
    pub(crate) searched: u64,
    pub(crate) not_searched: u64,
}

/// A set that was not searched.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotAllowedLine {
    pub(crate) set: String,
    pub(crate) reason: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchSummary {
    pub(crate) queries: u64,
    pub(crate) known: u64,
    pub(crate) near: u64,
    pub(crate) ignored: u64,
    pub(crate) unknown: u64,
    pub(crate) unchecked: u64,
    pub(crate) quarantined: u64,
    pub(crate) deconfirmed: u64,
    pub(crate) watched: u64,
    pub(crate) suppressed: u64,
    pub(crate) filter: Option<FilterLine>,
    pub(crate) not_allowed: Vec<NotAllowedLine>,
    pub(crate) seconds: f64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreenLine {
    pub(crate) path: String,
    pub(crate) path_hex: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) media: String,
    pub(crate) bytes: Option<u64>,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    pub(crate) matches: Vec<Match>,
    pub(crate) matches_cut: bool,
    pub(crate) held: Vec<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RescanLine {
    pub(crate) run: String,
    pub(crate) path: String,
    pub(crate) path_hex: Option<String>,
    pub(crate) before: String,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    pub(crate) matches: Vec<Match>,
    pub(crate) matches_cut: bool,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookedBack {
    pub(crate) runs: u64,
    pub(crate) items: u64,
    pub(crate) known: u64,
    pub(crate) near: u64,
    pub(crate) unchecked: u64,
    pub(crate) forgotten: u64,
    pub(crate) damaged: Vec<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cluster {
    pub(crate) cluster: u32,
    pub(crate) path: String,
    pub(crate) path_hex: Option<String>,
    pub(crate) distance: u16,
    pub(crate) identical: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreenSummary {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
    pub(crate) known: u64,
    pub(crate) near: u64,
    pub(crate) ignored: u64,
    pub(crate) unknown: u64,
    pub(crate) unchecked: u64,
    pub(crate) quarantined: u64,
    pub(crate) deconfirmed: u64,
    pub(crate) watched: u64,
    pub(crate) suppressed: u64,
    pub(crate) gaps: BTreeMap<String, u64>,
    pub(crate) links: u64,
    pub(crate) excluded: u64,
    pub(crate) repeats: u64,
    pub(crate) incomplete: u64,
    pub(crate) inside: u64,
    pub(crate) clusters: u64,
    pub(crate) clustered: u64,
    pub(crate) filter: Option<FilterLine>,
    pub(crate) not_allowed: Vec<NotAllowedLine>,
    pub(crate) seconds: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TallyLine {
    pub(crate) period: String,
    pub(crate) verdict: String,
    pub(crate) severity: String,
    pub(crate) list_class: String,
    pub(crate) media: String,
    pub(crate) channel: String,
    pub(crate) items: u64,
    pub(crate) local: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseLine {
    pub(crate) release_id: String,
    pub(crate) folder: PathBuf,
    pub(crate) already: bool,
}

/// `bytes` bytes that hang on `seed` alone.
pub(crate) fn noise(seed: &str, bytes: usize) -> Vec<u8> {
    let mut out = vec![0; bytes];
    blake3::Hasher::new().update(seed.as_bytes()).finalize_xof().fill(&mut out);
    out
}

/// A made-up hash of `bytes` bytes, in hexadecimal digits.
pub(crate) fn digits(seed: &str, bytes: usize) -> String {
    hex::encode(noise(seed, bytes))
}

/// The hash `hex` with its first `bits` bits, taken 37 apart, flipped.
pub(crate) fn flipped(hex: &str, bits: usize) -> String {
    let mut code = hex::decode(hex).unwrap();
    for bit in (0..bits).map(|n| n * 37 % 256) {
        code[bit / 8] ^= 1 << (bit % 8);
    }
    hex::encode(code)
}

pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// Every file below `root` with its mode and content, every folder with its mode.
pub(crate) fn snapshot(root: &Path) -> BTreeMap<PathBuf, (u32, Option<Vec<u8>>)> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap().into_path());
    entries
        .map(|path| {
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
            let bytes = path.is_file().then(|| fs::read(&path).unwrap());
            (path, (mode, bytes))
        })
        .collect()
}

pub(crate) fn sha256(content: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(content))
}

/// A home that knows the files with these contents.
pub(crate) fn knowing(contents: &[&[u8]]) -> Ward {
    let ward = Ward::new();
    let rows: String = contents.iter().map(|content| sha256(content) + "\n").collect();
    ward.import("own", &rows, &["--as", "plain:sha256"]);
    ward
}
