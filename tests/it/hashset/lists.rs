use std::io;

use innerward::digest::{Signal, SignalError, SignalKind};
use innerward::hashset::{
    BadLine, Cause, Entry, EntryKey, Hashes, ListError, ListForm, Opinion, Place, ReadOptions, ReadReport,
    read_list,
};
use innerward::vocabulary::Dimension;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{LONG, MD5, SHA1, plain, read_as, read_with};

const HEADER: &str = "signal_type,signal_str,collab,category,tags";

fn lines_and_causes(report: &ReadReport) -> Vec<(u64, Cause)> {
    report.bad.iter().map(|bad| (line_of(bad), bad.cause.clone())).collect()
}

fn line_of(bad: &BadLine) -> u64 {
    let Place::Line(line) = bad.place else { panic!("{bad}") };
    line
}

fn labels(entry: &Entry) -> Vec<&str> {
    entry.labels.as_slice().iter().map(|code| code.as_str()).collect()
}

fn text_of(entry: &Entry) -> String {
    entry.hashes.iter().map(|signal| signal.to_text()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_tx_csv_is_read_with_opinions_and_labels() {
    let text = format!(
        "{HEADER}\npdq,{LONG},DEMO,INVESTIGATION_SEED,\nvideo_md5,{MD5},DEMO,POSITIVE_CLASS,demo SEV_C sample SEV_A\n\
         sha1,{SHA1},DEMO,NEGATIVE_CLASS,_Z\nsha256,{LONG},DEMO,MAYBE,\nraw_text,hello,DEMO,POSITIVE_CLASS,\n"
    );
    let (entries, report) = read_as(None, text).unwrap();
    assert_eq!(report.form, ListForm::Tx);
    let texts: Vec<_> = entries.iter().map(text_of).collect();
    assert_eq!(
        texts,
        [format!("pdq:{LONG}"), format!("md5:{MD5}"), format!("sha1:{SHA1}"), format!("sha256:{LONG}")]
    );
    let opinions: Vec<_> = entries.iter().map(|entry| entry.opinion).collect();
    assert_eq!(opinions, [Opinion::Investigate, Opinion::Positive, Opinion::Negative, Opinion::Investigate]);
    assert_eq!(labels(&entries[1]), ["SEV_A", "SEV_C"]);
    assert_eq!((report.dropped_tags, report.unknown_categories, report.in_scope), (3, 1, 1));
    assert_eq!((report.skipped, report.unsupported_lines, report.bad_total), (1, 1, 0));
    assert_eq!(report.unsupported, [("raw_text".to_owned(), 1)].into());
}

#[test]
fn quoted_fields_may_hold_commas_quotes_and_line_ends() {
    let text = format!(
        "{HEADER}\nraw_text,\"a, \"\"b\"\"\nsecond\nthird\",DEMO,INVESTIGATION_SEED,\n\
         \"pdq\",\"{LONG}\",\"D,E\",POSITIVE_CLASS,\"SEV_B x\"\nmd5,short,DEMO,POSITIVE_CLASS,\n"
    );
    let (entries, report) = read_as(None, text).unwrap();
    assert_eq!((entries.len(), labels(&entries[0])), (1, vec!["SEV_B"]));
    assert_eq!((report.lines, report.skipped, report.unsupported_lines), (6, 3, 1));
    assert_eq!(line_of(&report.bad[0]), 6);
}

#[test]
fn a_quote_that_never_closes_costs_its_own_line_only() {
    let row = |n: u32| format!("md5,{n:032x},DEMO,POSITIVE_CLASS,\n");
    for (before, after) in [(1, 0), (1, 3), (1, 200), (40, 3000)] {
        let mut text = format!("{HEADER}\n");
        text.extend((0..before).map(row));
        text.push_str("md5,\"c0ffee,DEMO,POSITIVE_CLASS,\n");
        text.extend((before..before + after).map(row));
        let (entries, report) = read_as(None, text).unwrap();
        assert_eq!(entries.len() as u32, before + after);
        assert_eq!(lines_and_causes(&report), [(u64::from(before) + 2, Cause::Quote)]);
    }
    // Later quotes do not close it.
    for opened in ["md5,\"c0ffee,,,", "md5,c0,\"DEMO,,", "url,\"x,DEMO,,", "raw_text,\"x,,,"] {
        let text = format!("{HEADER}\n{opened}\n{}sha1,{SHA1},\"D,E\",POSITIVE_CLASS,\n", row(7));
        let (entries, report) = read_as(None, text).unwrap();
        assert_eq!((entries.len(), lines_and_causes(&report)), (2, vec![(2, Cause::Quote)]), "{opened}");
    }
    // A line too long to be held, right behind the quote, is a bad line of its own.
    let text = format!("{HEADER}\nmd5,{MD5},,,\nmd5,\"c0,\n{}\nsha1,{SHA1},,,\n", "x".repeat(1 << 20));
    let (entries, report) = read_as(None, text).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(lines_and_causes(&report), [(3, Cause::Quote), (4, Cause::TooLong)]);
}

#[test]
fn tx_rows_without_heading_and_local_files_are_read() {
    let (entries, report) =
        read_as(Some(ListForm::Tx), format!("pdq,{LONG},DEMO,POSITIVE_CLASS,\n")).unwrap();
    assert_eq!((entries.len(), report.skipped), (1, 0));
    let text = format!("pdq {LONG}\nvideo_md5\t{MD5}\nurl https://example.org/a,b\nmd5\npdq {LONG}0\n");
    let (entries, report) = read_as(None, text).unwrap();
    assert_eq!((report.form, entries.len(), report.unsupported_lines), (ListForm::Tx, 2, 1));
    assert_eq!(report.bad[0].cause, Cause::NoHash);
    assert!(matches!(report.bad[1].cause, Cause::Hash(SignalError::Length { .. })));
}

#[test]
fn a_row_with_other_columns_is_bad() {
    let text = format!("{HEADER}\npdq,{LONG},DEMO,POSITIVE_CLASS,\npdq,{LONG}\nmd5,{MD5},\"a\",b,c,d\n");
    let (entries, report) = read_as(None, text).unwrap();
    assert_eq!(entries.len(), 1);
    let expected = [2, 6].map(|found| Cause::Columns { expected: 5, found });
    assert_eq!(lines_and_causes(&report), [(3, expected[0].clone()), (4, expected[1].clone())]);
}

#[test]
fn hashdeep_gives_one_entry_with_all_its_hashes() {
    let text = format!(
        "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /somewhere\n## $ hashdeep -r .\n##\n\
         4096,{MD5},{LONG},/a/name, with commas.jpg\n0,d41d8cd98f00b204e9800998ecf8427e,{LONG},/empty\n"
    );
    let (entries, report) = read_as(None, text).unwrap();
    assert_eq!(report.form, ListForm::Hashdeep);
    assert_eq!(entries.iter().map(text_of).collect::<Vec<_>>(), [format!("md5:{MD5} sha256:{LONG}")]);
    assert_eq!((report.skipped, line_of(&report.bad[0])), (5, 7));
    assert!(matches!(report.bad[0].cause, Cause::Hash(SignalError::EmptyInput { .. })));
}

#[test]
fn plain_lists_go_by_length_prefix_or_declaration() {
    let text = format!("# md5sum\n\n{MD5}  a b.jpg\n{SHA1} *x\npdq:{LONG}\nSHA256 (n) = {LONG}\n{LONG}\n");
    let (entries, report) = read_as(None, text).unwrap();
    let kinds: Vec<_> = entries.iter().map(|entry| entry.hashes.iter().next().unwrap().kind()).collect();
    assert_eq!(kinds, [SignalKind::Md5, SignalKind::Sha1, SignalKind::Pdq, SignalKind::Sha256]);
    assert_eq!((report.skipped, lines_and_causes(&report)), (2, vec![(7, Cause::Ambiguous64)]));

    let (entries, report) =
        read_as(plain(SignalKind::Pdq), format!("{LONG}\n{MD5}\nsha256:{LONG}\n")).unwrap();
    assert_eq!((entries.len(), report.bad_total), (1, 2));
}

#[test]
fn sixty_four_digits_alone_are_refused_with_the_way_out() {
    for form in [None, Some(ListForm::Plain { kind: None })] {
        let error = read_as(form, format!("{LONG}\n")).unwrap_err();
        assert!(matches!(error, ListError::Ambiguous64));
        let text = error.to_string();
        assert!(text.contains("--as plain:pdq") && text.contains("--as plain:sha256"), "{text}");
    }
    let options = ReadOptions { kind_in_name: ListForm::kind_in_name("demo.pdq"), ..Default::default() };
    let (entries, report) = read_with(&options, format!("# mine\n{LONG}\n")).unwrap();
    assert_eq!(report.form, ListForm::Plain { kind: Some(SignalKind::Pdq) });
    assert!(entries[0].hashes.pdq.is_some());
    // A name cannot overrule what the digits say.
    let (entries, _) = read_with(&options, format!("{MD5}\n")).unwrap();
    assert!(entries[0].hashes.md5.is_some());
}

#[test]
fn marks_line_ends_and_case_do_not_matter() {
    let text = format!("{HEADER}\npdq,{LONG},DEMO,POSITIVE_CLASS,SEV_A\nmd5,{MD5},DEMO,POSITIVE_CLASS,\n");
    let expected = read_as(None, &text).unwrap().0;
    let foreign = text
        .lines()
        .map(|line| line.replace(LONG, &LONG.to_uppercase()).replace(MD5, &MD5.to_uppercase()) + " \t\r\n")
        .collect::<String>();
    assert_eq!(read_as(None, format!("\u{feff}{foreign}")).unwrap().0, expected);
    let row = foreign.trim_end().replace("pdq,", "pdq , ");
    assert_eq!(read_as(None, row).unwrap().0, expected);
}

#[test]
fn words_of_tx_are_read_in_either_case() {
    let text = format!(
        "{HEADER}\nPDQ,{LONG},DEMO,negative_class,\nVideo_MD5,{MD5},DEMO,Positive_Class,\nSHA1,{SHA1},D,disputed,\n\
         sha256,{LONG},D,investigation_seed,\nblake3,{LONG},D,NEGATIV_CLASS,\n"
    );
    let (entries, report) = read_as(None, text).unwrap();
    let opinions: Vec<_> = entries.iter().map(|entry| entry.opinion).collect();
    let expected =
        [Opinion::Negative, Opinion::Positive, Opinion::Disputed, Opinion::Investigate, Opinion::Investigate];
    assert_eq!(opinions, expected);
    assert_eq!((report.unsupported_lines, report.unknown_categories), (0, 1));
    let (entries, report) =
        read_as(None, format!("PDQ {LONG}\nMD5 {MD5}\nVIDEO_MD5 {}\n", "ab".repeat(16))).unwrap();
    assert_eq!((report.form, entries.len(), report.unsupported_lines), (ListForm::Tx, 3, 0));
    // Names of columns are no list of one hash.
    for names in ["MD5\tSHA1\tName", "md5 sha1"] {
        let table = format!("{names}\n{MD5}\t{SHA1}\tx\n");
        assert!(matches!(read_as(None, table), Err(ListError::UnrecognisedForm)), "{names}");
    }
}

#[test]
fn lines_may_end_in_a_carriage_return_alone_whatever_the_list() {
    let lists = [
        format!("{MD5}  name.jpg\n{SHA1} *x\n# a remark\npdq:{LONG}\n"),
        format!(
            "%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,filename\n## $ hashdeep\n4,{MD5},{SHA1},/a, b\n5,{},,c\n",
            "ab".repeat(16)
        ),
        format!("{HEADER}\npdq,{LONG},D,POSITIVE_CLASS,SEV_A\nraw_text,\"a\nb\",D,,\nmd5,{MD5},D,,\n"),
        format!("pdq {LONG}\nmd5 {MD5}\n"),
        format!("{MD5},1,7,8,\"a b\"\n{},2,7,8,\"c\"\n", "ab".repeat(16)),
        format!("0,100,{LONG},0.0\n1,99,{},0.1\n", LONG.replace('5', "6")),
        format!(
            "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"SpecialCode\"\n\
                 \"{SHA1}\",\"{MD5}\",\"0\",\"a\",1,2,\"3\",\"\"\n\"\",\"{}\",\"0\",\"a\",1,2,\"3\",\"\"\n",
            "ab".repeat(16)
        ),
        format!(
            "{{\"type\":\"header\",\"data\":{{\"format\":\"innerward-list\",\"version\":1}}}}\n\
                 {{\"type\":\"entry\",\"data\":{{\"key\":\"a\",\"status\":\"active\",\"hashes\":{{\"md5\":\"{MD5}\"}}}}}}\n\
                 {{\"type\":\"summary\",\"data\":{{\"entries\":1,\"withdrawn\":0}}}}\n"
        ),
    ];
    for list in lists {
        let options = ReadOptions { kind_in_name: Some(SignalKind::Md5), ..ReadOptions::default() };
        let (entries, report) = read_with(&options, &list).unwrap();
        assert!(!entries.is_empty() && report.bad_total == 0, "{list}");
        for other in [list.replace('\n', "\r"), list.replace('\n', "\r\n"), list.replacen('\n', "\r", 1)] {
            let (found, same) = read_with(&options, &other).unwrap();
            assert_eq!(found, entries, "{list}");
            assert_eq!((same.form, same.lines, same.bad_total), (report.form, report.lines, 0), "{list}");
        }
    }
}

#[test]
fn a_second_hash_in_a_line_is_not_dropped_unsaid() {
    for between in [" ", "\t"] {
        let (entries, report) =
            read_as(None, format!("{MD5}{between}{SHA1}\n{SHA1}  {MD5}\n{SHA1} *{LONG}\n")).unwrap();
        assert_eq!((entries.len(), lines_and_causes(&report)), (1, vec![(1, Cause::TwoHashes)]));
        assert_eq!(report.duplicates, 1);
    }
}

#[test]
fn bad_lines_are_counted_and_do_not_stop_the_rest() {
    let long_line = "x".repeat(1 << 20);
    let text = [
        MD5.as_bytes(),
        b"\n\xFF\xFE\nnul\0byte\n",
        long_line.as_bytes(),
        b"\nc0ffee\nD41D8CD98F00B204E9800998ECF8427E\n",
        SHA1.as_bytes(),
    ]
    .concat();
    let (entries, report) = read_as(None, &text).unwrap();
    assert_eq!((entries.len(), report.lines, report.bytes), (2, 7, text.len() as u64));
    assert_eq!(
        lines_and_causes(&report),
        [
            (2, Cause::NotUtf8),
            (3, Cause::ZeroByte),
            (4, Cause::TooLong),
            (5, Cause::NoKindHasLength(6)),
            (6, Cause::Hash(SignalError::EmptyInput { kind: SignalKind::Md5 })),
        ]
    );
    assert_eq!(report.file_blake3.as_bytes(), blake3::hash(&text).as_bytes());
}

#[test]
fn many_bad_lines_are_counted_and_the_first_remembered() {
    let (_, report) = read_as(None, format!("{MD5}\n{}", "?\n".repeat(5000))).unwrap();
    assert_eq!((report.bad_total, report.bad.len()), (5000, ReadReport::BAD_KEPT));
}

#[test]
fn no_cause_repeats_the_line() {
    let text = format!("{MD5}\n{LONG}\n{SHA1}00\nsecret name\nmd5:{SHA1}\n{}\n", MD5.replace('c', "g"));
    let (_, report) = read_as(None, text).unwrap();
    assert_eq!(report.bad.len(), 5);
    for bad in report.bad {
        let text = bad.to_string();
        assert!(!["c0ff", "5ca1", "deca", "g0ff", "secret"].iter().any(|part| text.contains(part)), "{text}");
    }
}

#[test]
fn strict_reading_ends_at_the_first_bad_line() {
    let options = ReadOptions { strict: true, ..Default::default() };
    let error = read_with(&options, format!("{MD5}\n\nnonsense\n?\n")).unwrap_err();
    assert!(matches!(&error, ListError::BadLine(bad) if line_of(bad) == 3 && bad.cause == Cause::NoHash));
    assert_eq!(error.to_string(), "line 3: no hash where one should stand");
    assert!(read_with(&options, format!("{MD5}\n\n{SHA1}\n")).is_ok());
}

#[test]
fn a_list_without_entries_is_refused() {
    for text in [format!("{HEADER}\n"), format!("{HEADER}\nurl,x,DEMO,POSITIVE_CLASS,\nmd5,c0,,,\n")] {
        let Err(ListError::Empty(report)) = read_as(None, text) else { panic!("not refused") };
        super::assert_adds_up(&report);
    }
    for text in ["", "\n\n# nothing\n", "hash\n", "<xml>", &"x".repeat(1 << 20)] {
        assert!(matches!(read_as(None, text), Err(ListError::UnrecognisedForm)));
    }
    assert!(matches!(read_as(plain(SignalKind::Md5), ""), Err(ListError::Empty(_))));
}

#[test]
fn repeats_are_dropped_and_other_labels_kept() {
    let row = |tags: &str| format!("pdq,{LONG},DEMO,POSITIVE_CLASS,{tags}\n");
    let text = format!("{HEADER}\n{}{}{}{}", row("SEV_A"), row("SEV_A x"), row("SEV_B"), row("SEV_A"));
    let (entries, report) = read_as(None, text).unwrap();
    assert_eq!((entries.len(), report.duplicates), (2, 2));
    assert_eq!(entries[0].key, entries[1].key);
    assert_eq!([labels(&entries[0]), labels(&entries[1])], [["SEV_A"], ["SEV_B"]]);
}

#[test]
fn the_sink_may_refuse() {
    let text = format!("{MD5}\n");
    let result = read_list(&mut text.as_bytes(), &ReadOptions::default(), &mut |_| {
        Err(io::Error::other("the disk is full"))
    });
    assert!(matches!(&result, Err(ListError::Sink(error)) if error.to_string() == "the disk is full"));
}

fn any_hashes() -> impl Strategy<Value = Hashes> {
    let signal = |kind: SignalKind| {
        prop::collection::vec(any::<u8>(), kind.len_bytes())
            .prop_map(move |bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
            .prop_map(move |hex| kind.parse(&hex).expect("random bytes are no digest of an empty file"))
    };
    let kinds = [SignalKind::Md5, SignalKind::Sha1, SignalKind::Sha256];
    kinds.map(|kind| prop::option::of(signal(kind))).prop_filter_map("at least one hash", |signals| {
        let mut hashes = Hashes::default();
        signals.into_iter().flatten().for_each(|signal| hashes.set(signal));
        (!hashes.is_empty()).then_some(hashes)
    })
}

fn any_signal() -> impl Strategy<Value = Signal> {
    (0..SignalKind::ALL.len(), any::<[u8; 32]>()).prop_map(|(kind, bytes)| {
        let kind = SignalKind::ALL[kind];
        let bytes = bytes.repeat(4); // as many as the widest kind has
        let hex: String = bytes[..kind.len_bytes()].iter().map(|byte| format!("{byte:02x}")).collect();
        kind.parse(&hex).expect("random bytes are no digest of an empty file")
    })
}

fn any_row() -> impl Strategy<Value = (Entry, &'static str)> {
    let category = prop::sample::select(vec![
        ("NEGATIVE_CLASS", Opinion::Negative),
        ("INVESTIGATION_SEED", Opinion::Investigate),
        ("POSITIVE_CLASS", Opinion::Positive),
    ]);
    let severities: Vec<_> =
        Dimension::Severity.codes().filter(|code| code.as_str().starts_with("SEV_")).collect();
    (any_signal(), category, prop::sample::subsequence(severities, 0..=3)).prop_map(
        |(signal, (category, opinion), codes)| {
            let hashes = Hashes::from(signal);
            let labels = codes.into_iter().collect();
            (Entry { key: EntryKey::derived(&hashes), hashes, labels, opinion, updated: None }, category)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_001), ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_as_tx_is_read_back(rows in prop::collection::vec(any_row(), 1..40)) {
        let mut text = format!("{HEADER}\r\n");
        for (entry, category) in &rows {
            let signal = entry.hashes.iter().next().unwrap().to_text();
            let (kind, hex) = signal.split_once(':').unwrap();
            text += &format!("{kind},{hex},\"A \"\"B\"\", C\",{category},{}\r\n", labels(entry).join(" "));
        }
        let expected: Vec<_> = rows.into_iter().map(|(entry, _)| entry).collect();
        prop_assert_eq!(read_as(None, text).unwrap().0, expected);
    }

    #[test]
    fn what_is_written_as_hashdeep_is_read_back(items in prop::collection::vec(any_hashes(), 1..40)) {
        let mut text = "%%%% HASHDEEP-1.0\n%%%% size,sha1,sha256,md5,filename\n".to_owned();
        for (size, item) in items.iter().enumerate() {
            let hex = |text: Option<String>| text.unwrap_or_default();
            text += &format!(
                "{size},{},{},{},/a,b\n",
                hex(item.sha1.map(|sha1| sha1.to_hex())),
                hex(item.sha256.map(|sha256| sha256.to_hex())),
                hex(item.md5.map(|md5| md5.to_hex())),
            );
        }
        let expected: Vec<_> = items.into_iter().map(Entry::bare).collect();
        prop_assert_eq!(read_as(None, text).unwrap().0, expected);
    }

    #[test]
    fn what_is_written_plainly_is_read_back(signals in prop::collection::vec(any_signal(), 1..40)) {
        let text: String = signals.iter().map(|signal| signal.to_text() + "\n").collect();
        let expected: Vec<_> = signals.into_iter().map(|signal| Entry::bare(signal.into())).collect();
        prop_assert_eq!(read_as(None, text).unwrap().0, expected);
    }
}
