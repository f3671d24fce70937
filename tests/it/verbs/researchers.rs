//! `docs/researchers.md`: every line of it is run, and prints what the page says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
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

/// The tables of all releases as one file, as `report build` writes it; here made from the published files alone.
fn observations(folder: &Path) -> String {
    let mut manifests: Vec<(PathBuf, serde_json::Value)> = Vec::new();
    for publisher in ["harbour", "meadow"] {
        for entry in fs::read_dir(folder.join(publisher)).unwrap() {
            let path = entry.unwrap().path();
            if let Ok(text) = fs::read_to_string(path.join("manifest.json")) {
                manifests.push((path, serde_json::from_str(&text).unwrap()));
            }
        }
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    manifests.sort_by_key(|(_, manifest)| (text(&manifest["publisher"]), text(&manifest["release_id"])));
    let mut lines = Vec::new();
    for (path, manifest) in &manifests {
        let successor = manifests.iter().find(|(_, other)| {
            other["publisher"] == manifest["publisher"] && other["supersedes"] == manifest["release_id"]
        });
        let successor = successor.map(|(_, other)| text(&other["release_id"])).unwrap_or_default();
        for table in manifest["tables"].as_array().unwrap() {
            let file = fs::read_to_string(path.join(text(&table["file"]))).unwrap();
            let mut rows = file.lines();
            let head = rows.next().unwrap();
            if lines.is_empty() {
                lines.push(format!("{head},publisher,plan,table_name,revision,superseded_by"));
            }
            lines.extend(rows.map(|row| {
                let (publisher, plan, name) =
                    (text(&manifest["publisher"]), text(&manifest["plan"]["name"]), text(&table["name"]));
                format!("{row},{publisher},{plan},{name},{},{successor}", manifest["revision"])
            }));
        }
    }
    lines.join("\n") + "\n"
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
    fs::write(folder.join("observations.csv"), observations(&folder)).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_innerward")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
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
