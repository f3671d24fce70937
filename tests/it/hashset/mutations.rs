//! Damaged lists: nothing panics, nothing empty comes out, every line is counted once.

use std::convert::Infallible;

use innerward::digest::SignalKind;
use innerward::hashset::{ListError, ListForm, ReadOptions, read_list};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use super::{LONG, MD5, SHA1, assert_adds_up};

const SEED: u64 = 20_261_001;
const ROUNDS: usize = 4000;

fn samples() -> Vec<Vec<u8>> {
    vec![
        format!(
            "signal_type,signal_str,collab,category,tags\npdq,{LONG},DEMO,INVESTIGATION_SEED,\n\
             video_md5,{MD5},\"D,E\",POSITIVE_CLASS,SEV_A demo\nraw_text,\"a\nb \"\"c\"\"\",X,POSITIVE_CLASS,\n"
        ),
        format!("pdq {LONG}\nvideo_md5 {MD5}\nurl https://example.org\n"),
        format!("# list\n{MD5}  a.jpg\n\\{SHA1} *b\nMD5 (c (1)) = {MD5}\npdq:{LONG}\n"),
        format!(
            "%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,tiger,filename\n## x\n12,{MD5},{SHA1},00,/a,b\n13,,{SHA1},,c\n"
        ),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect()
}

fn mutate(text: &mut Vec<u8>, rng: &mut StdRng) {
    const PIECES: [&[u8]; 14] = [
        b"\"",
        b",",
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
    ];
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..=text.len());
        match rng.random_range(0..6) {
            0 if at < text.len() => text[at] = rng.next_u32() as u8,
            1 => text.truncate(at),
            2 => drop(text.splice(at..at, PIECES[rng.random_range(0..PIECES.len())].iter().copied())),
            3 => {
                let to = rng.random_range(at..=text.len());
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

#[test]
fn damaged_lists_do_no_harm() {
    println!("seed {SEED}");
    let mut rng = StdRng::seed_from_u64(SEED);
    let forms = [
        None,
        Some(ListForm::Tx),
        Some(ListForm::Hashdeep),
        Some(ListForm::Plain { kind: None }),
        Some(ListForm::Plain { kind: Some(SignalKind::Pdq) }),
    ];
    let samples = samples();
    let mut read = 0;
    for round in 0..ROUNDS {
        let mut text = samples[round % samples.len()].clone();
        mutate(&mut text, &mut rng);
        for form in forms {
            let mut entries = 0;
            let options = ReadOptions { form, strict: round % 7 == 0, ..Default::default() };
            let result = read_list(&mut &text[..], &options, &mut |entry| {
                assert!(!entry.hashes.is_empty());
                entries += 1;
                Ok::<(), Infallible>(())
            });
            match result {
                Ok(report) => {
                    assert_eq!((report.entries, report.bytes), (entries, text.len() as u64));
                    assert_adds_up(&report);
                    read += 1;
                }
                Err(ListError::Empty(report)) => assert_adds_up(&report),
                Err(_) => {}
            }
        }
    }
    assert!(read > ROUNDS / 2, "{read} of {ROUNDS} rounds still gave entries");
}
