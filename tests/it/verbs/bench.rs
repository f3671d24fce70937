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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Near {
    hashes: String,
    entries: u32,
    build_seconds: f64,
    bytes_per_entry: f64,
    huge_pages: bool,
    open_seconds: f64,
    queries: usize,
    planted: usize,
    hits: usize,
    compared: usize,
    passes: usize,
    seconds: f64,
    seconds_p99: f64,
    seconds_mean: f64,
    processor_seconds: Option<f64>,
    threads: usize,
    batch_seconds: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exact {
    entries: u32,
    build_seconds: f64,
    bytes_per_entry: f64,
    huge_pages: bool,
    open_seconds: f64,
    queries: usize,
    planted: usize,
    hits: usize,
    passes: usize,
    seconds: f64,
    processor_seconds: Option<f64>,
    batch_seconds: f64,
    batch_processor_seconds: Option<f64>,
}

/// Bits in which two of what `--write-codes` has written differ.
fn apart(one: &[u8], other: &[u8]) -> u32 {
    one.iter().zip(other).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[test]
fn an_index_is_made_measured_and_removed_and_its_codes_can_be_kept() {
    const ENTRIES: usize = 40_000; // enough for bands
    let ward = Ward::new();
    let (out, codes) = (ward.path("out"), ward.path("codes"));
    for hashes in ["skewed", "random"] {
        let done = ward.must(&[
            "--format",
            "json",
            "--threads",
            "2",
            "bench",
            "--only",
            "index",
            "--entries",
            &ENTRIES.to_string(),
            "--hashes",
            hashes,
            "--queries",
            "40",
            "--repeat",
            "2",
            "--out",
            out.to_str().unwrap(),
            "--write-codes",
            codes.to_str().unwrap(),
        ]);
        assert!(done.all::<Speed>("speed").is_empty());
        let near = &done.all::<Near>("near")[0];
        assert_eq!((&*near.hashes, near.entries as usize, near.threads), (hashes, ENTRIES, 2));
        assert_eq!((near.queries, near.planted, near.passes), (40, 4, 2));
        assert!(near.compared >= 8 && near.build_seconds > 0.0 && near.open_seconds > 0.0, "{near:?}");
        assert!((96.0..250.0).contains(&near.bytes_per_entry) && !near.huge_pages, "{near:?}");
        assert!(near.seconds > 0.0 && near.seconds <= near.seconds_p99, "{near:?}");
        assert!(near.seconds_mean > 0.0 && near.batch_seconds > 0.0);
        assert!(near.processor_seconds.is_none_or(|seconds| seconds >= 0.0));
        let exact = &done.all::<Exact>("exact")[0];
        assert_eq!(
            (exact.entries as usize, exact.queries, exact.planted, exact.hits, exact.passes),
            (ENTRIES, 4000, 400, 400, 2)
        );
        assert!((36.0..100.0).contains(&exact.bytes_per_entry) && !exact.huge_pages, "{exact:?}");
        assert!(exact.seconds > 0.0 && exact.batch_seconds > 0.0);
        assert!(exact.build_seconds > 0.0 && exact.open_seconds > 0.0);
        let processor = [exact.processor_seconds, exact.batch_processor_seconds];
        assert!(processor.into_iter().flatten().all(|seconds| seconds >= 0.0));
        let summary: Summary = done.summary();
        assert_eq!((summary.figures, summary.unchecked), (2, 0));

        // What others would find in the files is what was found.
        let read = |name: &str| fs::read(codes.join(name)).unwrap();
        let (stored, asked) = (read("pdq.bin"), read("pdq-queries.bin"));
        assert_eq!((stored.len(), asked.len()), (32 * ENTRIES, 32 * 40));
        let within = |query| stored.chunks(32).filter(|code| apart(code, query) <= 31).count();
        assert_eq!(asked.chunks(32).map(within).sum::<usize>(), near.hits);
        let (stored, asked) = (read("sha256.bin"), read("sha256-queries.bin"));
        let stored: std::collections::HashSet<_> = stored.chunks(32).collect();
        assert_eq!(stored.len(), ENTRIES);
        assert_eq!(asked.chunks(32).filter(|query| stored.contains(query)).count(), 400);

        let left: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "bench.json, bench.svg, and no index: {left:?}");
        let written: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(out.join("bench.json")).unwrap()).unwrap();
        assert_eq!(written["near"]["hits"], near.hits);
        assert_eq!(written["exact"]["hits"], 400);
    }
}

#[test]
fn an_index_that_does_not_fit_is_refused_before_it_is_made() {
    let ward = Ward::new();
    let folder = ward.path("folder");
    fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let bench = |more: &[&str]| ward.run(&[&["bench", "--only", "index", "--out", folder], more].concat());
    bench(&["--entries", "1000000000"]).refused(&["need 1"]); // 125 GB of disk, or 100 GB of memory
    bench(&["--entries", "0"]).refused(&["--entries"]);
    bench(&[folder]).refused(&["leave PATH out"]);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn the_table_of_look_ups_fits_a_terminal() {
    let ward = Ward::new();
    let done =
        ward.must(&["bench", "--only", "index", "--entries", "2000", "--queries", "10", "--repeat", "1"]);
    assert!(
        done.out.contains("near look-up, mean") && !done.out.contains("digests, one file"),
        "{}",
        done.out
    );
    for line in done.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
