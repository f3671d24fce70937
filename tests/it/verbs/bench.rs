//! `bench`: its figures, its fields and what it writes.

use std::fs;

use serde::Deserialize;

use crate::ward::{Ward, testdata};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Machine {
    version: String,
    on: String,
    cpu: String,
    cores: usize,
    threads: usize,
    kernel: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Speed {
    work: String,
    on: String,
    fidelity: Option<String>,
    threads: usize,
    items: usize,
    bytes: u64,
    passes: usize,
    seconds: f64,
    seconds_p25: f64,
    seconds_p75: f64,
    processor_seconds: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    figures: usize,
    unchecked: u64,
    seconds: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    machine: Machine,
    speeds: Vec<Speed>,
}

#[test]
fn a_folder_is_measured_file_by_file_and_written_down() {
    let ward = Ward::new();
    let pictures = testdata().join("pictures/originals");
    let files: Vec<_> = fs::read_dir(&pictures).unwrap().map(|entry| entry.unwrap().path()).collect();
    let folder = ward.path("mixed");
    fs::create_dir(&folder).unwrap();
    for file in &files {
        fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
    }
    fs::write(folder.join("words.txt"), "no picture").unwrap();
    let out = ward.path("out");
    let done = ward.must(&[
        "--format",
        "json",
        "--threads",
        "2",
        "bench",
        folder.to_str().unwrap(),
        "--repeat",
        "2",
        "--out",
        out.to_str().unwrap(),
    ]);
    let machine = &done.all::<Machine>("machine")[0];
    assert_eq!((&*machine.version, machine.threads), (env!("CARGO_PKG_VERSION"), 2));
    assert!(
        machine.cores > 0 && !machine.cpu.is_empty() && !machine.kernel.is_empty() && machine.on.len() == 10
    );

    let speeds: Vec<Speed> = done.all("speed");
    let found: Vec<_> = speeds.iter().map(|speed| (&*speed.work, speed.threads, speed.items)).collect();
    let (all, pictures) = (files.len() + 1, files.len());
    let expected = [
        ("digests", 1, all),
        ("digests", 2, all),
        ("digests-of-many", 1, all),
        ("digests-of-many", 2, all),
        ("pictures", 1, pictures),
        ("pictures", 2, pictures),
        ("pdq", 1, pictures),
    ];
    assert_eq!(found, expected);
    for speed in &speeds {
        assert_eq!((&*speed.on, speed.passes), ("files", 2));
        assert!(speed.seconds_p25 <= speed.seconds && speed.seconds <= speed.seconds_p75, "{speed:?}");
        assert!(
            speed.bytes > 0 && speed.seconds > 0.0 && speed.processor_seconds.is_none_or(|time| time >= 0.0)
        );
        assert_eq!(speed.fidelity.is_some(), speed.work == "pictures" || speed.work == "pdq");
    }
    let summary: Summary = done.summary();
    assert_eq!(
        (summary.figures, summary.unchecked),
        (expected.len(), 1),
        "one of the pictures is too plain to match"
    );
    assert!(summary.seconds > 0.0);

    let written: Written =
        serde_json::from_str(&fs::read_to_string(out.join("bench.json")).unwrap()).unwrap();
    assert_eq!(written.machine.threads, 2);
    assert_eq!(written.speeds.len(), speeds.len());
    let picture = fs::read_to_string(out.join("bench.svg")).unwrap();
    assert_eq!(
        picture.matches("<rect class=").count(),
        expected.len() + 2,
        "a bar each, and two in the legend"
    );
}

#[test]
fn nothing_to_measure_is_a_failure_that_says_so() {
    let ward = Ward::new();
    let empty = ward.path("empty");
    fs::create_dir(&empty).unwrap();
    ward.run(&["bench", empty.to_str().unwrap()]).refused(&["there is no file"]);
    ward.run(&["bench", empty.join("lost").to_str().unwrap()]).refused(&["cannot be read"]);
}

#[test]
fn the_table_fits_a_terminal() {
    let ward = Ward::new();
    let pictures = testdata().join("pictures/originals");
    let done = ward.must(&["bench", pictures.to_str().unwrap(), "--repeat", "1", "--only", "pictures"]);
    assert!(done.out.contains("pictures, file to PDQ"), "{}", done.out);
    assert!(!done.out.contains("digests, one file"), "{}", done.out);
    for line in done.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
