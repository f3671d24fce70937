//! Tables, by maps of the operator's and by those that are built in; and what every form does with hostile input.

use std::convert::Infallible;
use std::io::{BufReader, Read, Write};
use std::sync::Arc;

use flate2::write::GzEncoder;
use innerward::hashset::{
    Cause, Entry, ListError, ListForm, MapError, Opinion, ReadOptions, ReadReport, SourceError, TableMap,
    read_list,
};

use super::samples::{MAP, innerward, samples, table};
use super::{LONG, MD5, SHA1, read_as, read_with};

fn by(map: &str) -> ReadOptions {
    ReadOptions { map: Some(Arc::new(map.parse().unwrap())), ..ReadOptions::default() }
}

fn labels(entry: &Entry) -> Vec<String> {
    let categories = entry.labels.categories().iter().map(|category| category.to_string());
    entry.labels.as_slice().iter().map(|code| format!("{code:?}")).chain(categories).collect()
}

#[test]
fn a_map_says_what_every_column_is() {
    let (entries, report) = read_with(&by(MAP), table()).unwrap();
    assert_eq!(
        (report.form, report.entries, report.withdrawals, report.bad_total),
        (ListForm::Table, 2, 1, 0)
    );
    assert_eq!(report.unsupported, [("other".to_owned(), 1), ("photodna".to_owned(), 1)].into());
    let dropped = [
        ("columns that are not kept", 1),
        ("columns that the map does not name", 1),
        ("flags with other words", 1),
        ("tags", 1),
    ];
    assert_eq!(
        report.dropped_fields,
        dropped.into_iter().filter(|(name, _)| *name != "flags with other words").collect()
    );
    let first = &entries[0];
    assert_eq!((first.key.as_str(), first.opinion), ("7-1", Opinion::Positive));
    assert_eq!(first.hashes.pdq.unwrap().quality.unwrap().percent(), 87);
    assert_eq!(first.hashes.sha1.unwrap().to_hex(), SHA1);
    assert_eq!(first.updated, Some(1_893_553_445));
    assert_eq!(labels(first), ["severity:SEV_A", "legal:BASELINE", "INTERPOL:BASELINE", "IWF:A"]);
    let second = &entries[1];
    assert_eq!(
        (second.key.as_str(), second.opinion, second.updated),
        ("8-", Opinion::Negative, Some(1_893_456_000))
    );
    assert_eq!(second.hashes.md5.unwrap().to_hex(), MD5);
    assert_eq!(labels(second), ["severity:SEV_B", "origin:DRAWN", "IWF:B"]);
}

#[test]
fn columns_may_be_numbered_and_cells_are_never_more_than_data() {
    let map = "header = false\ndelimiter = '\\t'\nkey = 1\n[hashes]\nmd5 = 3\n";
    let map = map.replace("'\\t'", "\"\\t\"");
    let text = format!("=cmd|' /C x'!A0\t\t{MD5}\t\n+1\t-2\t{}\t@x\n@3\t\t\t\n", MD5.to_uppercase());
    let (entries, report) = read_with(&by(&map), &text).unwrap();
    let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!((keys, report.bad_total), (vec!["=cmd|' /C x'!A0", "+1"], 1));
    let error = read_with(&by(&map.replace("md5 = 3", "md5 = 9")), &text).unwrap_err();
    assert!(matches!(&error, ListError::Map(MapError::NoColumn { column }) if column == "9"), "{error}");
    for map in ["key = 'id'\n[hashes]\nmd5 = 'ID'\n", "key = 1\n[hashes]\nmd5 = 'ID'\n"] {
        let error = read_with(&by(map), "Id,x\n1,2\n").unwrap_err();
        assert!(
            matches!(&error, ListError::Map(MapError::Twice { column }) if column == "\"ID\""),
            "{error}"
        );
    }
    let error = read_with(&by("[hashes]\nmd5 = 'Hash'\n"), &text).unwrap_err();
    assert!(error.to_string().contains("\"Hash\"") && !error.to_string().contains("cmd"), "{error}");
}

#[test]
fn a_map_that_cannot_be_says_where_and_what_to_do() {
    for (map, line, words) in [
        ("", 1, "[hashes]"),
        ("delimiter = 'ab'\n[hashes]\nmd5 = 'a'", 1, "one character"),
        ("delimiter = 'x'\n[hashes]\nmd5 = 'a'", 1, "one character"),
        ("[hashes]\nmd5 = 'a'\nsha9 = 'b'", 3, "no kind of hash"),
        ("[hashes]\nmd5 = 0", 2, "from 1"),
        ("key = 'a'\n[hashes]\nmd5 = 'a'", 3, "twice"),
        ("header = false\n[hashes]\nmd5 = 'a'", 3, "numbers"),
        ("[hashes]\nmd5 = 'a'\n[[category]]\ncolumn = 'c'\nscheme = 'a b'", 5, "scheme"),
        ("[hashes]\nmd5 = 'a'\n[[flag]]\ncolumn = 'c'", 4, "one thing"),
        ("[hashes]\nmd5 = 'a'\n[[flag]]\ncolumn = 'c'\nfacet = 'severity:RED'", 5, "SEV_A"),
        ("[hashes]\nmd5 = 'a'\n[[flag]]\ncolumn = 'c'\ncategory = 'x'", 5, "SCHEME:CODE"),
        ("[hashes]\nmd5 = 'a'\n[withdrawn]\ncolumn = 'c'\ntrue = ['x']\nfalse = ['X']", 4, "words for true"),
        ("[typed]\ntype = 'a'\nhash = 'b'\nkinds = { x = 'crc' }", 4, "no kind of hash"),
    ] {
        match map.parse::<TableMap>() {
            Err(MapError::Value { line: at, cause }) => {
                assert!(at == line && cause.contains(words), "{at}: {cause}")
            }
            other => panic!("{map}: {other:?}"),
        }
    }
    let error = "colour = 1\n[hashes]\nmd5 = 'a'".parse::<TableMap>().unwrap_err().to_string();
    assert!(error.contains("colour") && error.contains("line 1"), "{error}");
    assert!("illustrative = true\n[hashes]\nmd5 = 'a'".parse::<TableMap>().unwrap().is_illustrative());
}

#[test]
fn maps_that_are_built_in_read_their_exports() {
    let read = |form: ListForm| {
        let (_, text) = samples().into_iter().find(|(options, _)| options.form == Some(form)).unwrap();
        let (entries, report) = read_as(None, &text).unwrap();
        assert_eq!((report.form, report.bad_total), (form, 0));
        (entries, report)
    };
    let (entries, report) = read(ListForm::Icse);
    assert_eq!((entries.len(), report.in_scope, report.unsupported["photodna"]), (2, 2, 1));
    assert_eq!((entries[0].key.as_str(), entries[0].hashes.iter().count()), ("17", 2));
    assert_eq!(labels(&entries[0]), ["legal:BASELINE", "INTERPOL:BASELINE", "INTERPOL:DISTRIBUTED"]);
    let (entries, report) = read(ListForm::Rdsv2);
    assert_eq!((entries.len(), entries[0].hashes.iter().count(), report.unsupported["crc32"]), (1, 2, 1));
}

#[test]
fn state_files_are_told_by_their_columns_and_their_name() {
    let four = format!("{LONG},11,2030-01-02T03:04:05+0000,\"SEV_A b\"\n{LONG},x,mine\n");
    assert!(matches!(read_as(None, &four), Err(ListError::StateKind)));
    let kind_in_name = ListForm::kind_in_name("simple.pdq.te");
    let (entries, report) = read_with(&ReadOptions { kind_in_name, ..Default::default() }, &four).unwrap();
    assert_eq!((report.form.to_string().as_str(), report.bad_total), ("state:pdq", 1));
    assert_eq!((entries.len(), labels(&entries[0])), (1, vec!["severity:SEV_A".to_owned()]));
    assert_eq!(report.bad[0].cause, Cause::Columns { expected: 4, found: 3 });
    let five = format!("{MD5},7,11,mine,\n");
    let (entries, _) = read_as(Some("state:md5".parse().unwrap()), &five).unwrap();
    assert_eq!((entries[0].key.as_str(), entries[0].hashes.md5.unwrap().to_hex().as_str()), ("7", MD5));
    let six = read_as(Some("state:md5".parse().unwrap()), "a,b,c,d,e,f\n");
    assert!(matches!(six, Err(ListError::Broken { .. })));
}

#[test]
fn vpdq_files_of_others_are_read_whole() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/vpdq");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let files = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"));
    let mut keys = std::collections::BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let (entries, report) = read_as(None, &text).unwrap();
        assert_eq!((report.form, report.bad_total), (ListForm::Vpdq, 0));
        assert_eq!(report.entries + report.refused_entries, text.lines().count() as u64);
        for (entry, line) in entries.iter().zip(text.lines()).take(10) {
            let cells: Vec<&str> = line.split(',').collect();
            let pdq = entry.hashes.pdq.unwrap();
            assert_eq!(
                (pdq.hash.to_hex().as_str(), pdq.quality.unwrap().to_string().as_str()),
                (cells[2], cells[1])
            );
            assert!(entry.key.as_str().ends_with(&format!("-{}", cells[0])));
        }
        assert!(entries.into_iter().all(|entry| keys.insert(entry.key)), "two videos share a key");
    }
}

fn count(input: &mut dyn Read, options: &ReadOptions) -> Result<ReadReport, ListError> {
    read_list(input, options, &mut |_| Ok::<(), Infallible>(()))
}

#[test]
fn every_form_says_the_same_with_other_line_ends_and_a_mark() {
    for (options, text) in samples() {
        let expected = read_with(&options, &text).unwrap();
        let told = read_with(&ReadOptions { form: None, ..options.clone() }, &text);
        if !matches!(options.form, Some(ListForm::State { .. })) {
            assert_eq!(told.unwrap().1.form, expected.1.form, "told by its content");
        }
        let text = String::from_utf8(text).unwrap().replace("\r\n", "\n");
        // Quoted text that spans lines is kept as it is.
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let (entries, report) = read_with(&options, &windows).unwrap();
        assert_eq!((entries, report.bad_total), (expected.0, expected.1.bad_total), "{:?}", options.form);
    }
}

#[test]
fn a_packed_list_that_is_cut_imports_nothing_in_any_form() {
    for (options, text) in samples() {
        let mut packer = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&text).unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(read_with(&options, &packed).unwrap().0, read_with(&options, &text).unwrap().0);
        for len in [packed.len() - 1, packed.len() - 8, packed.len() / 2] {
            let error = count(&mut &packed[..len], &options).unwrap_err();
            assert!(
                matches!(error, ListError::Source(SourceError::Truncated(_))),
                "{:?}: {error}",
                options.form
            );
        }
    }
}

#[test]
fn endless_lines_take_no_memory_in_any_form() {
    // A gigabyte once, through the lines that all these forms share, and less of it for each form.
    for (at, (options, text)) in samples().into_iter().enumerate() {
        let len = if at == 0 { 1 << 30 } else { 8 << 20 };
        for fill in [b'x', b'[', b'"'] {
            let mut input = BufReader::new((&text[..]).chain(std::io::repeat(fill).take(len)));
            let _ = count(&mut input, &options);
            if at == 0 {
                break;
            }
        }
    }
    let own = innerward();
    let head = own.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let mut input = own[..head].chain(std::io::repeat(b'{').take(64 << 20)).chain(&own[head..]);
    let error = count(&mut input, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ListError::Broken { .. }), "the summary does not count that line");
}

#[test]
fn odd_bytes_in_any_form_are_bad_or_broken_and_never_read_as_something_else() {
    for (options, text) in samples() {
        let (whole, _) = read_with(&options, &text).unwrap();
        for odd in [&b"\0"[..], b"\xFF\xFE", b"\xC3"] {
            for at in (0..text.len()).step_by(5) {
                let bytes = [&text[..at], odd, &text[at..]].concat();
                let mut entries = Vec::new();
                let _ = read_list(&mut &bytes[..], &options, &mut |entry| {
                    entries.push(entry);
                    Ok::<(), Infallible>(())
                });
                for entry in &entries {
                    let known = |signal: &innerward::digest::Signal| {
                        whole.iter().any(|entry| entry.hashes.iter().any(|other| other == *signal))
                    };
                    assert!(entry.hashes.iter().all(|signal| known(&signal)), "{:?}", options.form);
                }
            }
        }
    }
}

/// What stands between the fences of `docs/NAME` that begin with `fence`.
fn example(name: &str, fence: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let (_, from) = text.split_once(fence).expect("an example");
    from.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_examples_of_the_documents_are_read() {
    let map: TableMap = example("cli.md", "```toml\n").parse().unwrap();
    assert!(map.is_illustrative());
    let list = example("hashset-format.md", "```\n").replace(",\"sha256\":\"…\"", "");
    let (entries, report) = read_as(None, list.trim_start()).unwrap();
    assert_eq!((entries[0].key.as_str(), report.withdrawals, report.bad_total), ("7-demo-1", 1, 0));
    assert_eq!(labels(&entries[0]), ["severity:SEV_AB", "NCMEC:A1"]);
}
