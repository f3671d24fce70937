//! Damaged lists of every form: nothing panics, nothing empty comes out, every line is counted once.

use std::convert::Infallible;
use std::fs;

use innerward::digest::SignalKind;
use innerward::hashset::{ListError, ListForm, ReadOptions, guess, read_list};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use super::assert_adds_up;
use super::databases::database;
use super::samples::samples;

const SEED: u64 = 20_261_001;
const ROUNDS: usize = 9000;

const PIECES: [&[u8]; 30] = [
    b"\"",
    b",",
    b";",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xFF",
    b"%%%% ",
    b"%%%% size,md5,filename\n",
    b":",
    b"md5:",
    b"(",
    b") = ",
    b"\xEF\xBB\xBF",
    b"#",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"true",
    b"99999999999999999999999",
    b"-1e999",
    b"\\ud83d",
    b"<",
    b"/>",
    b"&lt;",
    b"<!--",
    b"=cmd|'/c x'!A0",
    b"{\"type\":\"entry\",\"data\":{}}\n",
];

fn mutate(text: &mut Vec<u8>, rng: &mut StdRng) {
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..=text.len());
        match rng.random_range(0..6) {
            0 if at < text.len() => text[at] = rng.next_u32() as u8,
            1 if rng.random_range(0..4) == 0 => text.truncate(at),
            2 => drop(text.splice(at..at, PIECES[rng.random_range(0..PIECES.len())].iter().copied())),
            3 => {
                let to = rng.random_range(at..=text.len().min(at + 40));
                text.drain(at..to);
            }
            4 => {
                let to = rng.random_range(at..=text.len());
                let piece = text[at..to].to_vec();
                let into = rng.random_range(0..=text.len());
                text.splice(into..into, piece);
            }
            _ if rng.random_range(0..200) == 0 => drop(text.splice(at..at, vec![b'x'; 100_000])),
            _ => {}
        }
    }
}

/// Reads the list, which may fail; true if it gave entries.
fn read_checked(options: &ReadOptions, text: &[u8]) -> bool {
    let mut entries = 0;
    let result = read_list(&mut &text[..], options, &mut |entry| {
        assert!(!entry.hashes.is_empty());
        entries += 1;
        Ok::<(), Infallible>(())
    });
    match result {
        Ok(report) => {
            assert_eq!((report.entries, report.bytes), (entries, text.len() as u64));
            assert_adds_up(&report);
            entries > 0
        }
        Err(ListError::Empty(report)) => {
            assert_adds_up(&report);
            false
        }
        Err(_) => false,
    }
}

#[test]
fn damaged_lists_do_no_harm() {
    println!("seed {SEED}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let samples = samples();
    let mut read = vec![0; samples.len()];
    for round in 0..ROUNDS {
        let at = round % samples.len();
        let (options, text) = &samples[at];
        let mut text = text.clone();
        mutate(&mut text, &mut rng);
        let own = ReadOptions { strict: round % 7 == 0, ..options.clone() };
        // As its own form, as whatever its content looks like, and as something else.
        let others =
            [ListForm::Plain { kind: None }, ListForm::Plain { kind: Some(SignalKind::Pdq) }, ListForm::Tx];
        let other = ReadOptions { form: Some(others[round % 3]), ..ReadOptions::default() };
        read[at] += usize::from(read_checked(&own, &text));
        read_checked(&ReadOptions::default(), &text);
        read_checked(&other, &text);
        let guessed = guess(&mut &text[..], &ReadOptions::default());
        assert!(guessed.is_err() || guessed.is_ok_and(|guess| !guess.words.is_empty()));
    }
    // The digest of our own form sees all but what changes nothing; what is read in lines or rows mostly survives.
    for ((options, _), read) in samples.iter().zip(read) {
        let enough = if options.form == Some(ListForm::Innerward) { 0 } else { ROUNDS / samples.len() / 20 };
        assert!(read >= enough, "{:?}: {read} rounds still gave entries", options.form);
    }
}

#[test]
fn damaged_databases_do_no_harm() {
    println!("seed {SEED}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let dir = tempfile::tempdir().unwrap();
    let (path, whole) = database(dir.path());
    for round in 0..250 {
        let mut bytes = whole.clone();
        for _ in 0..rng.random_range(1..8) {
            // The header of the file and of its pages decide most.
            let page = 4096 * rng.random_range(0..bytes.len() / 4096);
            let at =
                (page + rng.random_range(0..if round % 2 == 0 { 120 } else { 4096 })).min(bytes.len() - 1);
            bytes[at] = rng.next_u32() as u8;
        }
        if round % 10 == 0 {
            bytes.truncate(rng.random_range(16..bytes.len()));
        }
        bytes[..16].copy_from_slice(b"SQLite format 3\0");
        fs::write(&path, &bytes).unwrap();
        read_checked(&ReadOptions { path: Some(path.clone()), ..ReadOptions::default() }, &bytes);
    }
}
