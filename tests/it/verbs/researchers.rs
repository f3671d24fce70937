//! `docs/researchers.md`: every line of it is run, and prints what the page says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::ward::{Ward, testdata};

/// What runs a kind of block, and what shows that it is there.
const RUNNERS: [(&str, [&str; 2], &str); 4] = [
    ("sh", ["sh", "-c"], ":"),
    ("python", ["python3", "-c"], "import pandas"),
    ("python duckdb", ["python3", "-c"], "import duckdb"),
    ("r", ["Rscript", "-e"], "1"),
];

/// The lines of every block of each kind, and all that they print.
fn blocks(page: &str) -> BTreeMap<&str, (String, String)> {
    let mut found: BTreeMap<&str, (String, String)> = BTreeMap::new();
    let mut kind = None;
    for (at, part) in page.split("```").enumerate() {
        let Some((head, body)) = part.split_once('\n').filter(|_| at % 2 == 1) else { continue };
        if head == "text" {
            found.get_mut(kind.unwrap()).unwrap().1.push_str(body);
        } else {
            kind = Some(head);
            found.entry(head).or_default().0.push_str(body);
        }
    }
    found
}

#[test]
fn every_line_of_the_page_prints_what_the_page_says() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/researchers.md")).unwrap();
    let blocks = blocks(&page);
    assert_eq!(blocks.keys().copied().collect::<Vec<_>>(), ["python", "python duckdb", "r", "sh"]);
    let ward = Ward::new();
    let folder = ward.path("work");
    fs::create_dir(&folder).unwrap();
    for publisher in ["harbour", "meadow"] {
        std::os::unix::fs::symlink(testdata().join("releases").join(publisher), folder.join(publisher))
            .unwrap();
    }
    let build = "report build --languages en --releases harbour meadow --key harbour/innerward.pub --key meadow/innerward.pub \
                 --out site";
    let built = ward.command().current_dir(&folder).args(build.split_whitespace()).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    fs::copy(folder.join("site/data/observations.csv"), folder.join("observations.csv")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_innerward")).parent().unwrap();
    // The Python that .ci/run has made, where it has, before the system's.
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packages-venv/bin");
    let path = format!("{}:{}:{}", program.display(), python.display(), std::env::var("PATH").unwrap());
    let run = |runner: [&str; 2], lines: &str| {
        let mut command = Command::new(runner[0]);
        command.arg(runner[1]).arg(lines).current_dir(&folder).stdin(Stdio::null());
        command.env("PATH", &path).env("INNERWARD_HOME", ward.home());
        command.output().ok()
    };
    // The shell first: it writes what the others read.
    for (kind, runner, probe) in RUNNERS {
        if !run(runner, probe).is_some_and(|done| done.status.success()) {
            eprintln!("skipped: {} cannot run {kind:?} blocks here ({probe})", runner[0]);
            continue;
        }
        let (lines, expected) = &blocks[kind];
        let done = run(runner, lines).unwrap();
        assert!(done.status.success(), "{kind}: {}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(&String::from_utf8_lossy(&done.stdout), expected, "{kind}");
    }
}
