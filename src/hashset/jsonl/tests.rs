use std::convert::Infallible;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::record::testing::{battery, taken};
use super::*;
use crate::digest::{Quality, SignalKind};
use crate::hashset::record::testing::Taken;
use crate::hashset::{
    Entry, EntryKey, Hashes, Item, Labels, ListError, ListForm, Opinion, ReadOptions, ReadReport, read_items,
};
use crate::vocabulary::{Category, Code, Dimension};

/// Made by hand from `docs/hashset-format.md`; the digest by `head -n 4 | sha256sum`.
const SAMPLE: &str = r#"{"type":"header","data":{"format":"innerward-list","version":1,"list_id":"demo","issued":"2030-01-02T03:04:05Z"}}
{"type":"entry","data":{"key":"7-demo-1","status":"active","hashes":{"md5":"c0ffee00c0ffee00c0ffee00c0ffee00","pdq":{"hex":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e","quality":87},"tmk":{"href":"x"}},"facets":{"severity":["SEV_A"],"maturity":["PREPUB"]},"categories":[{"scheme":"NCMEC","code":"A1"},{"scheme":"VICS","profile":"US","code":"1"}],"opinion":"positive","updated":"2030-01-02T03:04:05Z"}}
{"type":"entry","data":{"key":"7-demo-2","status":"active","hashes":{"sha1":"DECAFBADDECAFBADDECAFBADDECAFBADDECAFBAD"},"categories":[{"scheme":"NCMEC","code":"A1"}]}}
{"type":"entry","data":{"key":"7-demo-3","status":"withdrawn","updated":"2030-01-02T03:04:05.6+01:00"}}
{"type":"summary","data":{"entries":2,"withdrawn":1,"sha256":"DIGEST"}}
"#;

/// The sample with the digest of its lines.
fn sample() -> String {
    let end = SAMPLE.find("{\"type\":\"summary\"").unwrap();
    SAMPLE.replace("DIGEST", &hex::encode(Sha256::digest(&SAMPLE[..end])))
}

/// A list of these lines, without a digest.
fn list(lines: &[&str], entries: u64, withdrawn: u64) -> String {
    let header = r#"{"type":"header","data":{"format":"innerward-list","version":1}}"#;
    let summary = format!(r#"{{"type":"summary","data":{{"entries":{entries},"withdrawn":{withdrawn}}}}}"#);
    [&[header], lines, &[summary.as_str()]].concat().join("\n")
}

fn broken_at(text: &str) -> (u64, &'static str) {
    match read(&mut text.as_bytes(), &mut Taken::default()) {
        Err(Ended::Broken { place: Place::Line(line), expected }) => (line, expected),
        other => panic!("not broken: {other:?}"),
    }
}

#[test]
fn the_sample_says_what_it_says() {
    assert!(recognises(sample().as_bytes()) && recognises(format!("\u{feff}\r\n{}", sample()).as_bytes()));
    assert!(!recognises(b"{\"hashRecords\":[]}") && !recognises(b"[\"innerward-list\"]"));
    let taken = taken(read, &sample());
    assert_eq!((taken.unsupported.clone(), taken.dropped.len()), ([("tmk".to_owned(), 1)].into(), 0));
    assert_eq!(taken.places, [2, 3, 4].map(Place::Line));
    let [first, second, third] = taken.records().try_into().expect("three records");
    let pdq = first.hashes.pdq.expect("a PDQ");
    assert_eq!((pdq.hash.to_hex(), pdq.quality.unwrap().percent()), ("5ca1ab1e".repeat(8), 87));
    assert_eq!(first.hashes.md5.unwrap().to_hex(), "c0ffee00".repeat(4));
    let codes: Vec<_> = first.labels.as_slice().iter().map(|code| format!("{code:?}")).collect();
    assert_eq!(codes, ["severity:SEV_A", "maturity:PREPUB"], "as the list says, not as its categories would");
    assert_eq!(first.labels.categories(), ["NCMEC:A1", "VICS/US:1"].map(|text| text.parse().unwrap()));
    assert_eq!(
        (first.opinion, first.updated, first.withdrawn),
        (Opinion::Positive, Some(1_893_553_445), false)
    );
    let codes: Vec<_> = second.labels.as_slice().iter().map(|code| code.as_str()).collect();
    assert_eq!(codes, ["SEV_AB", "PREPUB"], "a list without facets leaves them to the crosswalk");
    assert_eq!((second.opinion, second.updated), (Opinion::Investigate, None));
    assert_eq!((third.withdrawn, third.updated), (true, Some(1_893_549_845)));
}

#[test]
fn damage_is_seen() {
    battery(read, &sample());
}

#[test]
fn any_change_to_a_digested_line_is_refused() {
    let text = sample();
    let end = text.find("{\"type\":\"summary\"").unwrap();
    for at in (0..end).step_by(7) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        let ended = read(&mut &bytes[..], &mut Taken::default());
        assert!(matches!(ended, Err(Ended::Broken { .. })), "byte {at}");
    }
    let lines: Vec<&str> = text.lines().collect();
    for changed in [
        [lines[0], lines[2], lines[1], lines[3], lines[4]].join("\n"),
        [lines[0], lines[1], lines[3], lines[4]].join("\n"),
    ] {
        broken_at(&changed);
    }
    // Blank lines, other line ends and a byte order mark are none.
    let same = format!("\u{feff}{}", text.replace('\n', "\r\n\r\n"));
    assert_eq!(taken(read, &same).found, taken(read, &text).found);
}

#[test]
fn a_list_has_a_header_it_can_read_and_an_end() {
    let entry = r#"{"type":"entry","data":{"key":"a","status":"active","hashes":{"md5":"c0ffee00c0ffee00c0ffee00c0ffee00"}}}"#;
    let good = list(&[entry], 1, 0);
    assert_eq!(taken(read, &good).records().len(), 1);
    for (text, line, word) in [
        (good.replace("\"version\":1", "\"version\":2"), 1, "version 1"),
        (good.replace("innerward-list", "other-list"), 1, "header"),
        (good.split_once('\n').unwrap().1.to_owned(), 1, "header"),
        (String::new(), 1, "header"),
        (good.rsplit_once('\n').unwrap().0.to_owned(), 3, "cut short"),
        (list(&[entry], 2, 0), 3, "as many"),
        (list(&[entry], u64::MAX, 2), 3, "as many"),
        (list(&[entry, entry], 1, 0), 4, "as many"),
        (format!("{good}\n{entry}\n"), 4, "nothing"),
        (good.replace(entry, &format!("{entry}\n{}", good.lines().next().unwrap())), 3, "one header"),
    ] {
        let (at, expected) = broken_at(&text);
        assert!(at == line && expected.contains(word), "{at}: {expected}");
    }
}

#[test]
fn a_bad_line_is_told_and_the_rest_is_read() {
    let hash = r#""hashes":{"md5":"c0ffee00c0ffee00c0ffee00c0ffee00"}"#;
    let deep = format!("{{\"type\":\"entry\",\"data\":{}", "[".repeat(60_000));
    let long = format!("{{\"type\":\"entry\",\"x\":\"{}\"}}", "x".repeat(70_000));
    let lines = [
        format!(r#"{{"type":"entry","data":{{"key":"","status":"active",{hash}}}}}"#),
        format!(r#"{{"type":"entry","data":{{"key":"a","status":"suspended",{hash}}}}}"#),
        format!(r#"{{"type":"entry","data":{{"key":"a","key":"b","status":"active",{hash}}}}}"#),
        r#"{"type":"entry","data":{"key":"a","status":"active","hashes":{}}}"#.into(),
        r#"{"type":"entry","data":{"key":"a","status":"active","hashes":{"md5":"c0ffee"}}}"#.into(),
        r#"{"type":"entry","data":{"key":"a","status":"active","hashes":{"md5":7}}}"#.into(),
        format!(r#"{{"type":"entry","data":{{"key":"a","status":"active",{}}}}}"#, hash.replace('}', r#","md5":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e"}"#)),
        r#"{"type":"entry","data":{"key":"a","status":"active","hashes":{"pdq":{"hex":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e","quality":101}}}}"#.into(),
        r#"{"type":"entry","data":{"key":"a","status":"active","hashes":{"pdq":{"hex":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e","quality":99999999999999999999}}}}"#.into(),
        format!(r#"{{"type":"entry","data":{{"key":"a","status":"active",{hash},"facets":{{"severity":["SEV_A"],"severity":["SEV_N"]}}}}}}"#),
        format!(r#"{{"type":"entry","data":{{"key":"a","status":"active",{}}}}}"#, hash.replace('{', r#"{"new":"1","new":"2","#)),
        format!(r#"{{"type":"entry","data":{{"key":"a","status":"active",{hash},"categories":[{{"scheme":"A","code":"1","code":"2"}}]}}}}"#),
        "not JSON".into(),
        deep,
        long,
    ];
    let good = format!(
        r#"{{"type":"entry","data":{{"key":"b","status":"active",{hash},"opinion":"new","updated":"soon","facets":{{"severity":["SEV_A","NEW"],"size":["X"]}},"categories":[{{"scheme":"A B","code":"1"}}],"unheard":[99999999999999999999]}}}}"#
    );
    let unheard = r#"{"type":"remark","data":{"text":"passed over"}}"#;
    let all: Vec<&str> = lines.iter().map(String::as_str).chain([unheard, &good]).collect();
    let taken = taken(read, &list(&all, 1, lines.len() as u64));
    let good: Vec<_> = taken.found.iter().map(Result::is_ok).collect();
    assert_eq!(good.iter().filter(|good| !**good).count(), lines.len());
    assert!(good.last().unwrap());
    assert_eq!(taken.dropped, [("categories", 1), ("facets", 2), ("opinion", 1), ("updated", 1)].into());
}

#[test]
fn a_withdrawal_with_a_name_twice_withdraws() {
    let lines = [
        r#""hashes":{"md5":"c0ffee00c0ffee00c0ffee00c0ffee00","md5":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e"}"#,
        r#""hashes":{"new":"1","new":"2"}"#,
        r#""facets":{"severity":["SEV_A"],"severity":["SEV_N"]}"#,
        r#""hashes":{},"hashes":{}"#,
        r#""updated":"2030-01-02T03:04:05Z","updated":"2030-01-02T03:04:06Z""#,
        r#""categories":[{"scheme":"A","code":"1","code":"2"}]"#,
    ]
    .map(|rest| format!(r#"{{"type":"entry","data":{{"key":"a","status":"withdrawn",{rest}}}}}"#));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let records = taken(read, &list(&lines, 0, lines.len() as u64)).records();
    assert_eq!(records.len(), lines.len());
    for record in records {
        assert_eq!((record.withdrawn, record.key.unwrap().as_str()), (true, "a"));
    }
    // Which key it is, or whether it is taken back at all, is then not clear.
    for unclear in
        [r#""key":"a","key":"b","status":"withdrawn""#, r#""key":"a","status":"active","status":"withdrawn""#]
    {
        let line = format!(r#"{{"type":"entry","data":{{{unclear}}}}}"#);
        assert!(taken(read, &list(&[&line], 0, 1)).found[0].is_err(), "{unclear}");
    }
    // Of names that no reader knows, the line says nothing that could be two things.
    let line = format!(
        r#"{{"type":"entry","x":1,"x":2,"data":{{"key":"a","status":"active","hashes":{{"md5":"{}"}},"new":1,"new":2}}}}"#,
        "c0ffee00".repeat(4)
    );
    assert_eq!(taken(read, &list(&[&line], 1, 0)).records().len(), 1);
}

fn arbitrary_entry() -> impl Strategy<Value = Entry> {
    let codes: Vec<Code> = Dimension::ALL.into_iter().flat_map(Dimension::codes).collect();
    let hash = (0..SignalKind::ALL.len(), prop::collection::vec(any::<u8>(), 128));
    let category = ("[A-Za-z0-9._-]{1,4}", "[A-Z]{0,3}", "[A-Za-z0-9._-]{1,4}");
    (
        prop_oneof!["[ -~é名\"\\\\]{1,20}", "[a-d]"],
        prop::collection::vec(hash, 1..6),
        prop::option::of(0_u8..=100),
        prop::collection::vec(prop::sample::select(codes), 0..5),
        prop::collection::vec(category, 0..3),
        (0_u8..4, prop::option::of(1_u32..)),
    )
        .prop_map(|(key, values, quality, codes, categories, (opinion, updated))| {
            let mut hashes = Hashes::default();
            for (at, bytes) in values {
                let kind = SignalKind::ALL[at];
                hashes.set(kind.parse(&hex::encode(&bytes[..kind.len_bytes()])).expect("not of one colour"));
            }
            if let Some(pdq) = &mut hashes.pdq {
                pdq.quality = quality.and_then(|percent| Quality::new(percent).ok());
            }
            let categories = categories.iter().map(|(a, b, c)| Category::new(a, b, c).unwrap());
            Entry {
                key: EntryKey::new(key).unwrap(),
                labels: codes.into_iter().collect::<Labels>().with_categories(categories),
                opinion: Opinion::from_byte(opinion).unwrap(),
                updated,
                ..Entry::bare(hashes)
            }
        })
}

fn read_back(text: &[u8]) -> Result<(Vec<Entry>, Vec<EntryKey>, ReadReport), ListError> {
    let (mut entries, mut withdrawn) = (Vec::new(), Vec::new());
    let report = read_items(&mut &text[..], &ReadOptions::default(), &mut |item| {
        match item {
            Item::Entry(entry) => entries.push(entry),
            Item::Withdrawn(key) => withdrawn.push(key),
            Item::Replaced { here, .. } => assert!(!here, "entries of one key stand beside each other"),
        }
        Ok::<(), Infallible>(())
    })?;
    Ok((entries, withdrawn, report))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_122), ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read_back(
        mut entries in prop::collection::vec(arbitrary_entry(), 1..12),
        withdrawn in prop::collection::vec("[a-z]{1,8}", 0..4),
    ) {
        // The same thing twice is one thing.
        let mut once: Vec<Entry> = Vec::new();
        entries.retain(|entry| {
            let new = !once.contains(entry);
            once.push(entry.clone());
            new
        });
        let withdrawn: Vec<EntryKey> = withdrawn.into_iter().map(|key| EntryKey::new(key).unwrap()).collect();
        let header = ListHeader { list_id: "demo \"1\"".into(), owner: "é".into(), ..ListHeader::default() };
        let mut list = ListWriter::new(Vec::new(), &header).unwrap();
        entries.iter().for_each(|entry| list.entry(entry).unwrap());
        withdrawn.iter().for_each(|key| list.withdrawn(key, Some(1_893_456_000)).unwrap());
        let text = list.finish().unwrap();
        let (found, taken_back, report) = read_back(&text).unwrap();
        prop_assert_eq!(&found, &entries);
        prop_assert_eq!(taken_back, withdrawn);
        prop_assert_eq!((report.form, report.bad_total, report.refused_entries), (ListForm::Innerward, 0, 0));
        prop_assert_eq!(report.lines, report.entries + report.withdrawals);
        let cut = &text[..text.len() - 2];
        let is_broken = matches!(read_back(cut), Err(ListError::Broken { .. }));
        prop_assert!(is_broken);
    }
}

#[test]
fn a_header_is_short_and_printable() {
    for text in ["a\nb".to_owned(), "x".repeat(201)] {
        let header = ListHeader { owner: text, ..ListHeader::default() };
        let error = ListWriter::new(Vec::new(), &header).err().expect("refused");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    }
}
