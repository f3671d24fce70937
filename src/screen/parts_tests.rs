use super::super::answer::encode;
use super::super::records::Records;
use super::*;
use crate::digest::Digests;
use crate::jail::PART_BYTES;
use crate::media::TakeParts;

/// Name, content and gap of parts.
type Told = (Option<String>, Vec<u8>, Option<Gap>);

fn content() -> Content {
    Content::named("ZIP").unwrap()
}

/// What a worker would hand out of these parts: pieces, and the answer last.
fn pieces(parts: &[Told], gap: Option<Gap>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut send = |bytes: &[u8]| {
        pieces.push(Piece::Part(bytes.to_vec()));
        Ok(())
    };
    let mut records = Records::new(content(), &mut send);
    for (name, bytes, gap) in parts {
        match name {
            Some(name) => records.put(b'B', name.len() as u32, name.as_bytes()).unwrap(),
            None => records.put(b'B', UNNAMED, &[]).unwrap(),
        }
        records.bytes(bytes).unwrap();
        records.end(gap.clone()).unwrap();
    }
    records.flush().unwrap();
    pieces.push(Piece::Answer(encode(&Ok((content(), Look { gap, ..Look::default() })))));
    pieces
}

fn taken_from(pieces: Vec<Piece>) -> Parts<'static> {
    let (send, receive) = sync_channel(pieces.len().max(1));
    for piece in pieces {
        assert!(send.send(piece).is_ok());
    }
    Parts { from: From::Thread(receive), piece: Vec::new(), at: 0, answer: None }
}

/// All parts, and what is said of the whole.
fn all(mut parts: Parts<'_>, most: u64) -> (Vec<Told>, Option<Gap>) {
    let mut told = Vec::new();
    loop {
        match parts.next(most).unwrap() {
            Next::End(gap) => return (told, gap),
            Next::Part { name, bytes, gap, .. } => {
                let bytes = match bytes {
                    Bytes::At(Source::Open(file)) => {
                        let mut content = Vec::new();
                        ReadAt { file, at: 0 }.read_to_end(&mut content).unwrap();
                        content
                    }
                    Bytes::Closed(_) => Vec::new(),
                    Bytes::Gone(known) => {
                        assert!(known.bytes > most);
                        known.digests.sha256.as_bytes().to_vec()
                    }
                    Bytes::At(_) => panic!("parts are in memory"),
                };
                told.push((name, bytes, gap));
            }
        }
    }
}

fn some_parts() -> Vec<Told> {
    let bytes = |len: usize| (0..len).map(|n| (n % 251) as u8).collect::<Vec<u8>>();
    let lens = [0, 1, PART_BYTES - 20, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 7, 5];
    let gaps = [None, Some(Gap::Encrypted), Some(Gap::Damaged("ZIP")), None];
    lens.into_iter()
        .enumerate()
        .map(|(n, len)| ((n != 2).then(|| format!("{n}/é.jpg")), bytes(len), gaps[n % gaps.len()].clone()))
        .collect()
}

#[test]
fn parts_arrive_as_they_were_handed_out() {
    let parts = some_parts();
    for gap in [None, Some(Gap::Truncated("ZIP"))] {
        assert_eq!(all(taken_from(pieces(&parts, gap.clone())), u64::MAX), (parts.clone(), gap));
    }
    assert_eq!(all(taken_from(pieces(&[], None)), 0), (vec![], None));
}

#[test]
fn of_a_part_that_is_too_long_to_be_held_the_digests_are_known() {
    let parts = some_parts();
    let most = PART_BYTES as u64;
    let (told, _) = all(taken_from(pieces(&parts, None)), most);
    for ((_, content, _), (_, found, _)) in parts.iter().zip(told) {
        let expected = match content.len() > PART_BYTES {
            true => Digests::of(content).sha256.as_bytes().to_vec(),
            false => content.clone(),
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn what_is_no_record_ends_the_container_and_nothing_else() {
    let parts = [some_parts()[1].clone(), (Some("b".into()), vec![7; 9], Some(Gap::Encrypted))];
    let crash = Some(Gap::Killed(Killed::Crash));
    let Piece::Part(stream) = pieces(&parts, None).remove(0) else { panic!("a part comes first") };
    let answer = || Piece::Answer(encode(&Ok((content(), Look::default()))));
    for len in 1..stream.len() {
        let (told, gap) = all(taken_from(vec![Piece::Part(stream[..len].to_vec()), answer()]), u64::MAX);
        let whole = parts.starts_with(&told);
        assert!(whole && (gap == crash || gap.is_none() && told.len() == 1), "cut at {len}: {gap:?}");
    }
    for at in 0..stream.len() {
        for byte in [0, b'B', b'D', b'E', 0xff, stream[at] ^ 1] {
            let mut bytes = stream.clone();
            bytes[at] = byte;
            let (told, gap) = all(taken_from(vec![Piece::Part(bytes), answer()]), u64::MAX);
            assert!(told.len() <= 2 && (gap == crash || gap.is_none()), "{at}: {byte}");
        }
    }
    for last in
        [vec![], vec![Piece::Answer(vec![])], vec![Piece::Answer(b"{}".to_vec())], vec![Piece::Part(vec![])]]
    {
        assert_eq!(all(taken_from(last), 0), (vec![], crash.clone()));
    }
}

#[test]
fn a_thread_opens_what_a_worker_would() {
    let file = crate::jail::memory_file(include_bytes!("../../testdata/parts/ustar.tar")).unwrap();
    let tar = Content::named("tar").unwrap();
    let bytes = file.metadata().unwrap().len();
    let parts = Parts::open(None, &Arc::new(file), bytes, tar, &PartBounds::default()).unwrap();
    let (told, gap) = all(parts, u64::MAX);
    assert!(gap.is_none() && !told.is_empty() && told.iter().all(|(name, ..)| name.is_some()));
}
