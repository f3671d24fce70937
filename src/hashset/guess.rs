//! What would be done with a list, from its first rows, in words and as data; nothing is imported.
//!
//! Of values, four digits are shown and no more. Names of columns are shown as they stand, as the map must name them.

use std::fmt::Write as _;
use std::io::Read;

use encoding_rs::WINDOWS_1252;

use super::cells::Cells;
use super::form::Recognised;
use super::source::Source;
use super::{HEAD, ListError, ListForm, ReadOptions, plain};

/// What the first rows of a list say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// The form that the list would be read in; `None` if it is none that is known.
    pub form: Option<ListForm>,
    /// What would happen, and what to do, in words.
    pub words: String,
    /// A map for `--map`, where the list looks like a table: a beginning, to be checked by who knows the list.
    pub map: Option<String>,
    /// The columns of the table, with what each would be read as.
    pub columns: Vec<GuessedColumn>,
    /// The first rows of the table, or lines of the list, shortened.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuessedColumn {
    /// As the first row names it; a number from 1 where that has hashes already.
    pub name: String,
    /// What it would be read as: `md5`, `key`, `category`, `ignored` …
    pub reading: &'static str,
}

/// Rows that are shown, and looked at.
const ROWS: usize = 5;
const LOOKED_AT: usize = 50;

/// Columns of which a map is proposed.
const COLUMNS: usize = 64;

/// A quarter of the most characters of a cell or line.
const CELL: usize = 24;

/// Looks at the beginning of the list in `input`.
///
/// # Errors
/// [`ListError::Io`] and [`ListError::Source`]: the bytes cannot be had, or not unpacked.
pub fn guess(input: &mut dyn Read, options: &ReadOptions) -> Result<Guess, ListError> {
    let mut source = Source::open(input, options.encoding)?;
    let mut head = Vec::new();
    Read::take(&mut source, 16 * HEAD).read_to_end(&mut head)?;
    // The last line may be cut, or if there is one alone, a letter of it.
    if head.len() as u64 == 16 * HEAD {
        let letters = std::str::from_utf8(&head).err().filter(|error| error.error_len().is_none());
        let whole = letters.map_or(head.len(), |error| error.valid_up_to());
        head.truncate(memchr::memrchr2(b'\n', b'\r', &head).unwrap_or(whole));
    }
    let binary = ListForm::of_records(&head) == Some(ListForm::Rdsv3);
    match std::str::from_utf8(&head) {
        Ok(text) => Ok(of_text(text, &head, options)),
        Err(_) if binary => Ok(of_text("", &head, options)),
        Err(_) if head.contains(&0) => Ok(Guess {
            words: "Not text in UTF-8, nor in another encoding of single bytes: it holds zero bytes. If it is text in \
                UTF-16, say so with --encoding utf-16le or --encoding utf-16be."
                .into(),
            ..Guess::default()
        }),
        Err(_) if options.encoding.is_some() => {
            let text = String::from_utf8_lossy(&head);
            let guess = of_text(&text, text.as_bytes(), options);
            Ok(Guess { words: format!("{NOT_AS_SAID} {}", guess.words), ..guess })
        }
        Err(_) => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&head);
            let guess = of_text(&text, text.as_bytes(), options);
            Ok(Guess { words: format!("{NOT_UTF8} {}", guess.words), ..guess })
        }
    }
}

/// What is said first of text of another encoding. All bytes are some letter in this one, so that its reader must judge.
const NOT_UTF8: &str = "The text is not UTF-8, and what it is written in must be said with --encoding, here and for the \
    import. Here it is shown as --encoding windows-1252 reads it, which is what Western Europe and the Americas write; if \
    its letters are wrong, try windows-1250 (Central Europe), windows-1251 (Cyrillic), shift_jis, gb18030 or another.";

/// What is said first of text that is not in the encoding that was declared.
const NOT_AS_SAID: &str = "The text holds bytes that are no letters in what --encoding says, so that it is written in \
    something else or damaged: lines with such bytes are not read.";

/// What the beginning of a list says, as text and as bytes.
fn of_text(text: &str, head: &[u8], options: &ReadOptions) -> Guess {
    let start = &head[..head.len().min(HEAD as usize)];
    let lines: Vec<&str> = text
        .trim_start_matches('\u{feff}')
        .split(['\n', '\r'])
        .filter(|line| !line.trim_ascii().is_empty())
        .take(LOOKED_AT)
        .collect();
    let rows = || lines.iter().take(ROWS).map(|line| vec![shortened(line)]).collect();

    if let Some(form) = ListForm::of_records(start) {
        let words = match form {
            ListForm::State { kind: None } => match options.kind_in_name {
                Some(kind) => format!("A state file of tx or HMA; its name says that it holds {kind}."),
                None => "A state file of tx or HMA. Its name does not say what it holds: declare it with \
                    --as state:KIND, for example --as state:pdq."
                    .into(),
            },
            ListForm::Rdsv2 | ListForm::Rdsv3 => format!(
                "A list of known files (--as {form}), which is imported with --role ignore and not otherwise."
            ),
            form => {
                format!("A list of the form {form}, which is read as it is; what is not kept is counted.")
            }
        };
        let rows = if form == ListForm::Rdsv3 { Vec::new() } else { rows() };
        return Guess { form: Some(form), words, rows, ..Guess::default() };
    }
    let first = lines.iter().find(|line| !line.starts_with('#')).copied().unwrap_or_default().trim_ascii();
    // Only the first of two hashes could be read so; a map reads both.
    let recognised = match plain::has_second(first) {
        true => Recognised::Unknown,
        false => Recognised::from_line(first),
    };
    match recognised {
        Recognised::Form(form) => {
            let words = format!("A list of the form {form}, one entry a line; names of files are dropped.");
            return Guess { form: Some(form), words, rows: rows(), ..Guess::default() };
        }
        Recognised::Bare32Bytes => {
            let words = "Bare values of 64 digits, which may be PDQ, SHA-256 or BLAKE3: say which with --as plain:pdq, \
                --as plain:sha256 or --as plain:blake3."
                .into();
            return Guess {
                form: Some(ListForm::Plain { kind: None }),
                words,
                rows: rows(),
                ..Guess::default()
            };
        }
        Recognised::Unknown => {}
    }
    table(&lines).unwrap_or_else(|| Guess {
        words: "Not a list that is known, nor a table with a column of hashes. If you know what it is, declare it with --as."
            .into(),
        rows: rows(),
        ..Guess::default()
    })
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Hex(usize),
    Other,
}

/// The table in `lines`; `None` if no delimiter makes one with hashes of them.
fn table(lines: &[&str]) -> Option<Guess> {
    let (delimiter, rows) = [b',', b';', b'\t', b'|'].into_iter().find_map(|delimiter| {
        let cells = Cells { delimiter };
        let rows: Vec<Vec<String>> = lines
            .iter()
            .map(|line| cells.split(line).iter().map(|cell| cell.trim_ascii().to_owned()).collect())
            .collect();
        let width = rows.first()?.len();
        let is_table = (2..=COLUMNS).contains(&width)
            && rows.iter().filter(|row| row.len() == width).count() * 2 > rows.len();
        let has_hashes = rows.iter().flatten().any(|cell| shape(cell) != Shape::Other);
        (is_table && has_hashes).then_some((delimiter, rows))
    })?;
    // What names the columns is shown as it stands.
    let is_value = |cell: &String| shape(cell) != Shape::Other || hex_groups(cell).is_some();
    let header = rows.len() > 1 && !rows[0].iter().any(is_value);
    let names: Vec<String> = match header {
        true => rows[0].clone(),
        false => (1..=rows[0].len()).map(|number| number.to_string()).collect(),
    };
    let data: Vec<&Vec<String>> =
        rows.iter().skip(usize::from(header)).filter(|row| row.len() == names.len()).collect();
    let mut used: Vec<&str> = Vec::new();
    let mut columns = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let shapes =
            || data.iter().map(|row| &row[at]).filter(|cell| !cell.is_empty()).map(|cell| shape(cell));
        let hex = shapes()
            .find(|shape| *shape != Shape::Other)
            .filter(|first| shapes().all(|shape| shape == *first));
        let mut reading = reading(&name.to_lowercase(), hex);
        // Each meaning once, and what is left is for the person to say.
        if reading != "ignored" && !matches!(reading, "unsupported") && used.contains(&reading) {
            reading = "ignored";
        }
        used.push(reading);
        columns.push(GuessedColumn { name: name.clone(), reading });
    }
    if !columns.iter().any(|column| is_hash(column.reading)) {
        return None;
    }
    let map = map(delimiter, header, &columns);
    let dropped = columns.iter().filter(|column| column.reading == "ignored").count();
    let words = format!(
        "A table of {} columns{}. Write the map below to a file, check it, and import with --map; {dropped} columns would be \
         dropped. Hashes that nothing tells apart (64 digits) are taken for SHA-256 unless the column is called PDQ.",
        columns.len(),
        if header { ", named in its first row" } else { " without names" }
    );
    let rows = data
        .iter()
        .take(ROWS)
        .map(|row| {
            row.iter()
                .zip(&columns)
                .map(|(cell, column)| match column.reading {
                    "ignored" => "…".to_owned(),
                    _ => shortened(cell),
                })
                .collect()
        })
        .collect();
    Some(Guess { form: None, words, map: Some(map), columns, rows })
}

fn is_hash(reading: &str) -> bool {
    matches!(reading, "md5" | "sha1" | "sha256" | "pdq")
}

fn shape(cell: &str) -> Shape {
    let hex = matches!(cell.len(), 32 | 40 | 64) && cell.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex { Shape::Hex(cell.len()) } else { Shape::Other }
}

/// What a column of this name, in lower case, with these values is.
fn reading(name: &str, shape: Option<Shape>) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match shape {
        Some(Shape::Hex(32)) => "md5",
        Some(Shape::Hex(40)) => "sha1",
        Some(Shape::Hex(_)) if says(&["pdq"]) => "pdq",
        Some(Shape::Hex(_)) => "sha256",
        _ if says(&["photodna", "pdna", "tmk", "crc", "ssdeep", "tlsh"]) => "unsupported",
        _ if says(&["quality"]) => "quality",
        _ if says(&["category", "grade", "severity", "classification"]) => "category",
        _ if name == "id"
            || name.ends_with(" id")
            || name.ends_with("_id")
            || says(&["uuid", "reference"]) =>
        {
            "key"
        }
        _ if says(&["updated", "modified"]) => "updated",
        _ => "ignored",
    }
}

fn map(delimiter: u8, header: bool, columns: &[GuessedColumn]) -> String {
    // A string of JSON is one of TOML, but for DEL.
    let quoted = |text: &str| serde_json::to_string(&text.replace('\u{7f}', "")).unwrap_or_default();
    let column = |column: &GuessedColumn| if header { quoted(&column.name) } else { column.name.clone() };
    let of = |reading: &str| {
        columns.iter().filter(|found| found.reading == reading).map(column).collect::<Vec<_>>()
    };
    let mut text = String::new();
    let _ = writeln!(text, "delimiter = {}\nheader = {header}", quoted(&char::from(delimiter).to_string()));
    for name in ["key", "quality", "updated"] {
        for column in of(name) {
            let _ = writeln!(text, "{name} = {column}");
        }
    }
    let _ = writeln!(text, "ignored = [{}]\n\n[hashes]", of("ignored").join(", "));
    for kind in ["md5", "sha1", "sha256", "pdq"] {
        for column in of(kind) {
            let _ = writeln!(text, "{kind} = {column}");
        }
    }
    let unsupported = of("unsupported");
    if !unsupported.is_empty() {
        text += "\n[unsupported]\n";
        for (number, column) in (1..).zip(unsupported) {
            let _ = writeln!(text, "other{number} = {column}");
        }
    }
    for column in of("category") {
        let _ = writeln!(
            text,
            "\n[[category]]\ncolumn = {column}\nscheme = \"UNKNOWN\" # whose categories they are: IWF, NCMEC, …\nprofile = \"\""
        );
    }
    text
}

/// Digits from which on groups of hexadecimal digits may be a hash together: more than a date and a time have.
const GROUPED: usize = 16;

/// Bytes of the hash at the beginning of `text` that is written in groups of hexadecimal digits: pairs behind colons or
/// spaces, a UUID.
fn hex_groups(text: &str) -> Option<usize> {
    let separates = |byte: u8| matches!(byte, b':' | b'-' | b' ');
    let bytes = text.as_bytes();
    let (mut at, mut digits, mut groups) = (0, 0, 0);
    loop {
        let group = bytes[at..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let end = at + group;
        // A word that only begins with such digits is none of the groups.
        if group == 0 || bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            break;
        }
        (at, digits, groups) = (end, digits + group, groups + 1);
        if !bytes.get(at).is_some_and(|byte| separates(*byte)) {
            break;
        }
        at += 1;
    }
    let at = text[..at].trim_end_matches([':', '-', ' ']).len();
    (groups > 1 && digits >= GROUPED).then_some(at)
}

/// True for a word that may be a hash, or a part of one, in whatever digits.
fn may_be_hash(word: &str) -> bool {
    let bytes = || word.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
    let says_number =
        bytes().any(|byte| byte.is_ascii_digit()) || bytes().all(|byte| byte.is_ascii_hexdigit());
    word.len() >= 20 || (word.len() >= 12 && bytes().count() == word.len() && says_number)
}

/// A cell or a line in which no more than four characters of anything that may be a hash are left.
fn shortened(text: &str) -> String {
    let mut out = String::new();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    let mut rest = text.trim_ascii();
    while !rest.is_empty() && out.chars().count() < 4 * CELL {
        let groups = hex_groups(rest);
        let len = groups.unwrap_or_else(|| rest.find(|c: char| !is_part(c)).unwrap_or(rest.len()));
        let (word, behind) = rest.split_at(len);
        let is_number = groups.is_some() || word.split(['-', '_']).chain([word]).any(may_be_hash);
        if is_number {
            let digits = word.chars().filter(|c| !matches!(c, ':' | '-' | ' '));
            out.extend(digits.take(4).chain(['…']));
        } else {
            out += word;
        }
        let mut others = behind.chars();
        out.extend(others.next().filter(|c| !c.is_control()));
        rest = others.as_str();
    }
    if out.chars().count() > 4 * CELL {
        out = out.chars().take(4 * CELL).chain(['…']).collect();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashset::{TableMap, read_list};
    use std::convert::Infallible;
    use std::sync::Arc;

    const MD5: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
    const LONG: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";

    fn of(text: &str) -> Guess {
        guess(&mut text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    fn everything(guess: &Guess) -> String {
        format!("{guess:?}")
    }

    #[test]
    fn the_map_that_is_proposed_reads_the_table() {
        let text = format!(
            "Record ID;File \"name\";MD5;Hash PDQ;Category;PhotoDNA\n1;=cmd x;{MD5};{LONG};A;AAAA\n2;b;{MD5};;B;\n"
        );
        for text in [text.clone(), text.replace(';', "\t"), text.replace(';', "|")] {
            let guess = of(&text);
            let readings: Vec<_> = guess.columns.iter().map(|column| column.reading).collect();
            assert_eq!(readings, ["key", "ignored", "md5", "pdq", "category", "unsupported"]);
            let map: TableMap = guess.map.as_deref().unwrap().parse().unwrap();
            let options = ReadOptions { map: Some(Arc::new(map)), ..ReadOptions::default() };
            let mut entries = Vec::new();
            let report = read_list(&mut text.as_bytes(), &options, &mut |entry| {
                entries.push(entry);
                Ok::<(), Infallible>(())
            })
            .unwrap();
            assert_eq!((entries.len(), report.bad_total), (2, 0));
            assert_eq!((entries[0].key.as_str(), entries[0].hashes.iter().count()), ("1", 2));
            assert_eq!(entries[1].labels.categories()[0].to_string(), "UNKNOWN:B");
        }
    }

    #[test]
    fn rows_without_names_are_numbered() {
        let guess = of(&format!("{MD5},name.jpg\n{MD5},other.jpg\n"));
        assert!(guess.map.as_deref().unwrap().contains("header = false") && guess.form.is_none());
        assert!(guess.map.unwrap().parse::<TableMap>().is_ok());
        assert_eq!(guess.rows[0], ["c0ff…", "…"]);
    }

    #[test]
    fn two_hashes_in_a_line_are_a_table() {
        let sha1 = "decafbad".repeat(5);
        let guess = of(&format!("{MD5}\t{sha1}\r{MD5}\t{sha1}\r"));
        let readings: Vec<_> = guess.columns.iter().map(|column| column.reading).collect();
        assert_eq!((guess.form, readings), (None, vec!["md5", "sha1"]));
        assert!(guess.map.unwrap().parse::<TableMap>().is_ok());
    }

    #[test]
    fn known_forms_are_named_and_no_guess_shows_a_hash() {
        for (text, form) in [
            (format!("{MD5}  name.jpg\n"), Some("plain")),
            (format!("{LONG}\n"), Some("plain")),
            (format!("pdq {LONG}\n"), Some("tx")),
            (format!("0,100,{LONG},0.0\n"), Some("vpdq")),
            (format!("{MD5},1,mine,\"a b\"\n"), Some("state")),
            (format!("{{\"hashRecords\":[{{\"hashValue\":\"{LONG}\"}}]}}"), Some("stopncii")),
            (format!("a,b,{MD5}\n1,2,{MD5}\n"), None),
            ("nothing at all\n".into(), None),
            (String::new(), None),
        ] {
            let guess = of(&text);
            assert_eq!(guess.form.map(|form| form.to_string()).as_deref(), form, "{text}");
            assert!(!guess.words.is_empty());
            let shown = everything(&guess);
            assert!(!shown.contains(&MD5[..8]) && !shown.contains(&LONG[..8]), "{shown}");
        }
    }

    #[test]
    fn no_way_to_write_a_hash_is_shown() {
        let pairs: Vec<&str> = (0..16).map(|at| &MD5[2 * at..2 * at + 2]).collect();
        let uuid = [&MD5[..8], &MD5[8..12], &MD5[12..16], &MD5[16..20], &MD5[20..]].join("-");
        for text in [
            pairs.join(":"),
            pairs.join("-").to_uppercase(),
            pairs.join(" "),
            uuid,
            "wP/uAMD/7gDA/+4AwP/uAA==".into(),
            "wP_uAMD_7gDA-A4AwP_uAA".into(),
            "deadbeefcafe".into(),
        ] {
            for line in [text.clone(), format!("{text}  name.jpg"), format!("1,{text},x")] {
                let shown = shortened(&line);
                let four = format!(
                    "{}…",
                    text.chars()
                        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_'))
                        .take(4)
                        .collect::<String>()
                );
                assert!(shown.contains(&four), "{shown}");
                let behind = shown.split(&four).nth(1).unwrap();
                assert!(["", "  name.jpg", ",x"].contains(&behind), "{shown}");
            }
        }
        for text in ["2024-05-06 12:30:00", "far-right", "Classification A1", "case 7-12"] {
            assert_eq!(shortened(text), text);
        }
        let first = of(&format!("{},x,{}\n{},{MD5},b\n", pairs.join(":"), "a", "b"));
        assert!(!everything(&first).contains("c0:ff"), "the first row names no column by a hash");
    }
}
