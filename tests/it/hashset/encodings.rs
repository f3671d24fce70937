//! What a list is written in: by its XML declaration, by who declares it, and by its looks.

use std::sync::Arc;

use innerward::hashset::{Cause, ListError, ListForm, Place, ReadOptions, SourceError, TableMap, guess};

use super::{MD5, read_as, read_with};

/// An answer of NCMEC that declares `encoding`, of two images; the id of the second has letters.
fn ncmec(encoding: &str) -> String {
    let image = |id: &str, digit: &str| {
        format!(
            "<image><member id=\"7\">Müller</member><id>{id}</id><fingerprints><md5>{}</md5></fingerprints></image>",
            digit.repeat(32)
        )
    };
    let images = image("demo-1", "1") + &image("Grüße", "2");
    format!(
        "<?xml version=\"1.0\" encoding=\"{encoding}\" standalone='yes'?>\n\
         <queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\"><images>{images}</images></queryResult>"
    )
}

fn dfxml(encoding: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='{encoding}'?><dfxml><fileobject><filename>Grüße</filename>\
         <hashdigest type='md5'>{MD5}</hashdigest></fileobject></dfxml>"
    )
}

/// All letters of the samples are of Latin 1.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let marked = if mark { "\u{feff}" } else { "" };
    let units = marked.encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn keys(options: &ReadOptions, bytes: &[u8]) -> Vec<String> {
    let (entries, report) = read_with(options, bytes).unwrap();
    assert_eq!((report.form, report.bad_total), (ListForm::Ncmec, 0));
    entries.iter().map(|entry| entry.key.as_str().to_owned()).collect()
}

fn flag(encoding: &str) -> ReadOptions {
    ReadOptions { encoding: Some(encoding.parse().unwrap()), ..ReadOptions::default() }
}

#[test]
fn xml_is_read_in_what_it_declares() {
    let options = ReadOptions::default();
    for bytes in [
        ncmec("UTF-8").into_bytes(),
        latin1(&ncmec("ISO-8859-1")),
        latin1(&ncmec("windows-1252")),
        utf16(&ncmec("UTF-16"), true, false),
        utf16(&ncmec("UTF-16"), true, true),
        utf16(&ncmec("UTF-16LE"), false, false),
        utf16(&ncmec("UTF-16BE"), false, true),
        // The mark knows better than a text that was turned into UTF-16 with its declaration as it was.
        utf16(&ncmec("utf-8"), true, false),
        format!("\u{feff}{}", ncmec("ISO-8859-1")).into_bytes(),
    ] {
        assert_eq!(keys(&options, &bytes), ["7-demo-1", "7-Grüße"]);
    }
    // The same bytes are other letters in another encoding.
    assert_eq!(keys(&options, &latin1(&ncmec("windows-1251")))[1], "7-GrьЯe");
    let (entries, report) = read_as(None, latin1(&dfxml("iso-8859-15"))).unwrap();
    assert_eq!((report.form, entries.len()), (ListForm::Dfxml, 1));
}

#[test]
fn who_declares_it_knows_better_than_the_declaration() {
    assert_eq!(keys(&flag("windows-1251"), &latin1(&ncmec("iso-8859-1")))[1], "7-GrьЯe");
    for wrong in ["iso-8859-1", "utf-16", "martian"] {
        assert_eq!(keys(&flag("utf-8"), ncmec(wrong).as_bytes())[1], "7-Grüße", "{wrong}");
    }
}

#[test]
fn a_declaration_that_cannot_be_names_the_cure() {
    for wrong in ["utf-16", "UTF-16LE", "martian"] {
        let error = read_as(None, ncmec(wrong)).unwrap_err();
        assert!(matches!(error, ListError::Source(SourceError::XmlEncoding(_))), "{error}");
        assert!(
            error.to_string().contains("--encoding") && !error.to_string().contains("martian"),
            "{error}"
        );
    }
    // Declared or not: these bytes are no UTF-8.
    for text in [ncmec("UTF-8"), ncmec("UTF-8").replace("encoding=\"UTF-8\" ", ""), dfxml("utf-8")] {
        let bytes = latin1(&text);
        let error = read_as(None, &bytes).unwrap_err();
        assert!(matches!(error, ListError::Broken { .. }), "{error}");
        assert!(error.to_string().contains("--encoding"), "{error}");
        assert!(read_with(&flag("windows-1252"), &bytes).is_ok());
    }
}

#[test]
fn bytes_that_the_declared_encoding_does_not_have_never_make_one_id_of_two() {
    // In Shift JIS, 表 is 95 5C, and FE and FF begin nothing.
    let (one, two) = ("1".repeat(32), "2".repeat(32));
    let ids: [&[u8]; 3] = [b"a\x95\x5C", b"a\xFE1", b"a\xFF1"];
    let map: TableMap = "key = 'Id'\n[hashes]\nmd5 = 'MD5'\n".parse().unwrap();
    let options = ReadOptions { map: Some(Arc::new(map)), ..flag("shift_jis") };
    let rows = [ids[0], ids[1], ids[2]].map(|id| [id, b",", one.as_bytes(), b"\n"].concat()).concat();
    let (entries, report) = read_with(&options, [&b"Id,MD5\n"[..], &rows].concat()).unwrap();
    assert_eq!((entries.len(), entries[0].key.as_str(), report.replaced), (1, "a表", 0));
    let bad: Vec<_> = report.bad.iter().map(|bad| (bad.place, bad.cause.clone())).collect();
    assert_eq!(bad, [(Place::Line(3), Cause::NotUtf8), (Place::Line(4), Cause::NotUtf8)]);
    assert!(report.bad[0].to_string().contains("--encoding"), "{}", report.bad[0]);

    let record = |id: &[u8], md5: &str| {
        let rest = b"\",\"type\":\"HASH_VIDEO_MD5\",\"descriptors\":{\"data\":[]}}";
        [b"{\"id\":\"", id, b"\",\"indicator\":\"", md5.as_bytes(), rest].concat()
    };
    let image = |id: &[u8], md5: &str| {
        let end = b"</md5></fingerprints></image>";
        [b"<image><member id='7'/><id>", id, b"</id><fingerprints><md5>", md5.as_bytes(), end].concat()
    };
    let json = |last: &[u8]| [record(b"a", &one), b"\n".to_vec(), record(last, &two)].concat();
    let xml = |encoding: &str, last: &[u8]| {
        let images = [image(b"a", &one), image(last, &two)].concat();
        let begin = format!("<?xml version='1.0'{encoding}?><queryResult><images>");
        [begin.as_bytes(), &images, b"</images></queryResult>"].concat()
    };
    let as_form = |form| ReadOptions { form: Some(form), ..flag("shift_jis") };
    let declared = ReadOptions { form: Some(ListForm::Ncmec), ..ReadOptions::default() };
    for (options, list) in [
        (as_form(ListForm::ThreatExchange), &json as &dyn Fn(&[u8]) -> Vec<u8>),
        (as_form(ListForm::Ncmec), &|last| xml("", last)),
        (declared, &|last| xml(" encoding='shift_jis'", last)),
    ] {
        assert_eq!(read_with(&options, list(b"b")).unwrap().1.bad_total, 0);
        for bad in [&b"a\xFF1"[..], b"a\xFE1", b"\xFF"] {
            let error = read_with(&options, list(bad)).unwrap_err();
            let ListError::Broken { place: Place::Byte(at), .. } = error else { panic!("{error}") };
            let whole = list(bad);
            let fault = whole.iter().position(|byte| *byte >= 0xFE).unwrap() as u64;
            assert!(at.abs_diff(fault) < 128, "{at}, {fault}");
            assert!(error.to_string().contains("--encoding"), "{error}");
        }
    }
    // However many there are, and wherever the buffers end.
    let many =
        [&b"\xFF".repeat(200_000)[..], b"\n", MD5.as_bytes(), b"  \x95\x5C\n", &b"\xFE\n".repeat(70_000)]
            .concat();
    let plain = ReadOptions { form: super::plain(innerward::digest::SignalKind::Md5), ..flag("shift_jis") };
    let (entries, report) = read_with(&plain, many).unwrap();
    assert_eq!((entries.len(), report.lines, report.bad_total), (1, 70_002, 70_001));
    let guessed = guess(&mut &rows[..], &flag("shift_jis")).unwrap();
    assert!(guessed.words.contains("no letters in what --encoding says"), "{}", guessed.words);
    // Half a pair in UTF-16, where a name was cut, costs that letter and no more.
    let units = MD5.encode_utf16().chain("  a".encode_utf16()).chain([0xD83D]).chain("\n".encode_utf16());
    let cut: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    assert_eq!(read_with(&flag("utf-16le"), cut).unwrap().1.bad_total, 0);
}

#[test]
fn a_table_of_another_encoding_is_shown_with_what_to_say() {
    let table = format!("Aktenzeichen;Größe;MD5\r\nSüd-1;7;{MD5}\r\n");
    let bytes = latin1(&table);
    let unsaid = guess(&mut &bytes[..], &ReadOptions::default()).unwrap();
    assert!(
        unsaid.words.contains("not UTF-8") && unsaid.words.contains("--encoding windows-1252"),
        "{unsaid:?}"
    );
    let said = guess(&mut &bytes[..], &flag("windows-1252")).unwrap();
    assert!(!said.words.contains("--encoding"), "{}", said.words);
    let names: Vec<_> = said.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Aktenzeichen", "Größe", "MD5"]);
    assert_eq!((&unsaid.columns, &unsaid.map, &unsaid.rows), (&said.columns, &said.map, &said.rows));
    // The map that is proposed reads the list, in what was said.
    let map: TableMap = said.map.unwrap().parse().unwrap();
    let options = ReadOptions { map: Some(Arc::new(map)), ..flag("windows-1252") };
    let (entries, report) = read_with(&options, &bytes).unwrap();
    assert_eq!((entries.len(), report.bad_total), (1, 0));
    // A long list that is cut inside a letter is UTF-8 all the same.
    for long in ["é;1\n".repeat(20_000), "é".repeat(40_000), format!("x{}", "é".repeat(40_000))] {
        let guessed = guess(&mut long.as_bytes(), &ReadOptions::default()).unwrap();
        assert!(!guessed.words.contains("--encoding"), "{}", guessed.words);
    }
    let wide = guess(&mut &utf16(&table, false, false)[..], &ReadOptions::default()).unwrap();
    assert!(wide.words.contains("--encoding utf-16le") && wide.rows.is_empty(), "{}", wide.words);
    let other = guess(&mut &b"\xFC;\xDF\n"[..], &ReadOptions::default()).unwrap();
    assert!(other.words.contains("not UTF-8") && other.map.is_none(), "{}", other.words);
}
