//! VICS JSON, as Project VIC, CAID and NSRL-CAID give it: `#Media`, and `#Cases` reduced to its media.
//!
//! An entry is a `MediaID`. Numbers of media begin anew in each case, so media of `#Cases` have no key of their own. A
//! file of a medium (`MediaFiles`) with other digests than the medium comes as a further record without a key: under the
//! same one it would replace the medium.
//!
//! A category keeps the profile of its list (`Default`, `US`, `UK`; lists of model 1 name none): 0 is "non-pertinent"
//! here and "not categorised" there, so it never means harmless. `IsPrecategorized` is not kept: lists set it at random.

use std::io::BufRead;

use super::fields::{Names, Value, each_record};
use super::json::Json;
use super::record::{Ended, Record, SourceCategory, Take, key};
use super::report::Cause;
use crate::digest::SignalKind;

const FLAGS: [&str; 5] =
    ["VictimIdentified", "OffenderIdentified", "IsDistributed", "IsSuspected", "SelfGenerated"];

/// Arrays of {HashName, HashValue}. What lists call them is not published.
const MORE_HASHES: [&str; 3] = ["AlternativeHashes", "AlternateHashes", "Hashes"];

const NAMES: Names = Names {
    kept: &[
        "MediaID",
        "Category",
        "MD5",
        "SHA1",
        "PhotoDNA",
        "VictimIdentified",
        "OffenderIdentified",
        "IsDistributed",
        "IsSuspected",
        "SelfGenerated",
        "DateUpdated",
        "MediaFiles",
        "AlternativeHashes",
        "AlternateHashes",
        "Hashes",
        "HashName",
        "HashValue",
    ],
    dropped: &[
        "Series",
        "Tags",
        "Comments",
        "Exifs",
        "RelativeFilePath",
        "FileName",
        "FilePath",
        "Created",
        "Written",
        "Accessed",
        "PhysicalLocation",
        "SourceID",
        "PrecategorizationSource",
        "IsPrecategorized",
        "Parent*",
        "Contact*",
        "Case*",
    ],
};

/// Longest code of a category, longest name of a profile.
const MAX_CODE: usize = 16;

/// True for the beginning of such a list.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('{') && text.contains("odata.") && text.contains("projectvic")
}

/// Reads the list to its end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let mut json = Json::new(input)?;
    let mut context: Option<Context> = None;
    let mut found = false;
    json.object()?;
    while let Some(name) = json.name()? {
        if name.eq_ignore_ascii_case("odata.metadata") || name.eq_ignore_ascii_case("@odata.context") {
            let read = json.value(NAMES, &mut |_| {})?.ok().as_ref().and_then(Context::read);
            match (&context, read) {
                (None, Some(read)) => context = Some(read),
                (None, None) => json.broken("a context that ends with #Media or #Cases")?,
                (Some(_), _) => json.broken("one context")?,
            }
        } else if name.eq_ignore_ascii_case("value") {
            let Some(context) = &context else {
                return Ok(json.broken("the context, which says what categories mean, before the media")?);
            };
            if found {
                json.broken("one array of media or cases")?;
            }
            found = true;
            if context.cases { cases(&mut json, context, take)? } else { media(&mut json, context, take)? }
        } else {
            if let Some(field) = NAMES.dropped(name) {
                take.dropped(field);
            }
            json.pass()?;
        }
    }
    if !found {
        json.broken("an array called value")?;
    }
    Ok(json.end()?)
}

/// What the list says of itself.
struct Context {
    /// `Default`, `US`, `UK`, or empty.
    profile: String,
    cases: bool,
}

impl Context {
    fn read(value: &Value) -> Option<Self> {
        let (model, kind) = value.text().ok()??.rsplit_once('#')?;
        let cases = match kind {
            kind if kind.eq_ignore_ascii_case("media") => false,
            kind if kind.eq_ignore_ascii_case("cases") => true,
            _ => return None,
        };
        let mut parts = model.rsplit('/').filter(|part| !part.to_ascii_lowercase().ends_with("metadata"));
        let profile = parts.next().filter(|part| is_code(part)).unwrap_or_default();
        Some(Self { profile: profile.to_owned(), cases })
    }
}

fn is_code(text: &str) -> bool {
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn cases<T: Take + ?Sized>(
    json: &mut Json<'_>,
    context: &Context,
    take: &mut T,
) -> Result<(), Ended<T::Stop>> {
    json.array()?;
    while json.item()? {
        if !json.begins(b'{')? {
            take.take(json.place(), Err(Cause::Expected("an object"))).map_err(Ended::Stopped)?;
            json.pass()?;
            continue;
        }
        json.object()?;
        while let Some(name) = json.name()? {
            let is_media = name.eq_ignore_ascii_case("media");
            let field = NAMES.dropped(name);
            if is_media && json.begins(b'[')? {
                media(json, context, take)?;
            } else {
                if let Some(field) = field {
                    take.dropped(field);
                }
                json.pass()?;
            }
        }
    }
    Ok(())
}

fn media<T: Take + ?Sized>(
    json: &mut Json<'_>,
    context: &Context,
    take: &mut T,
) -> Result<(), Ended<T::Stop>> {
    each_record(json, NAMES, take, |medium, take| records(medium, context, take))
}

/// The record of one medium, and those of its files that have other digests.
fn records<T: Take + ?Sized>(medium: &Value, context: &Context, take: &mut T) -> Result<Vec<Record>, Cause> {
    let mut record = Record::default();
    if let Some(id) = medium.get("MediaID").text()?.filter(|_| !context.cases) {
        record.key = Some(key(id)?);
    }
    if let Some(time) = medium.get("DateUpdated").text()? {
        record.updated = seconds(time);
        if record.updated.is_none() {
            take.dropped("DateUpdated");
        }
    }
    if let Some(code) = medium.get("Category").text()? {
        if is_code(code) {
            let profile = context.profile.clone();
            record.categories.push(SourceCategory { scheme: "VICS", profile, code: code.to_owned() });
        } else {
            take.dropped("Category");
        }
    }
    for flag in FLAGS.into_iter().filter(|flag| medium.get(flag).is_true()) {
        let (profile, code) = (String::new(), flag.to_owned());
        record.categories.push(SourceCategory { scheme: "VICS", profile, code });
    }
    digests(medium, &mut record);
    if *medium.get("PhotoDNA") != Value::Null {
        take.unsupported("PhotoDNA");
    }
    for more in MORE_HASHES.iter().flat_map(|name| medium.get(name).items()) {
        let name = more.get("HashName").text()?.unwrap_or_default();
        match name.to_ascii_lowercase().replace('-', "").parse::<SignalKind>() {
            Ok(kind) => record.add(kind, more.get("HashValue").text()),
            Err(_) => take.unsupported(name),
        }
    }

    let mut records: Vec<Record> = Vec::new();
    for file in medium.get("MediaFiles").items() {
        let mut other = Record { key: None, hashes: Default::default(), ..record.clone() };
        other.refused.clear();
        digests(file, &mut other);
        let (md5, sha1) = (other.hashes.md5, other.hashes.sha1);
        let is_new = |known: &Record| {
            md5.is_some_and(|md5| known.hashes.md5 != Some(md5))
                || (sha1.is_some() && md5.is_none() && known.hashes.sha1 != sha1)
        };
        if !other.hashes.is_empty() && is_new(&record) && records.last().is_none_or(is_new) {
            records.push(other);
        } else {
            record.refused.append(&mut other.refused);
        }
    }
    match records.first_mut() {
        // A medium without digests of its own is its first file.
        Some(first) if record.hashes.is_empty() => {
            first.key = record.key;
            first.refused.append(&mut record.refused);
        }
        _ => records.insert(0, record.complete()?),
    }
    Ok(records)
}

/// A time as lists write it, in seconds since 1970: `2030-01-02T03:04:05.6700Z`, the same with an offset and a stray `Z`
/// behind it, without either (the OData of the lists says nothing of a zone, so it is UTC), a date, which is its midnight,
/// or `/Date(1893553445670)/` in milliseconds.
fn seconds(text: &str) -> Option<i64> {
    if let Some(millis) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return millis.parse::<i64>().ok().map(|millis| millis.div_euclid(1000));
    }
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let of_utc = |text: &str| {
        let time = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    let found = time(text).or_else(|| time(text.strip_suffix('Z')?)).or_else(|| of_utc(text));
    found.map(jiff::Timestamp::as_second)
}

fn digests(value: &Value, record: &mut Record) {
    record.add(SignalKind::Md5, value.get("MD5").text());
    record.add(SignalKind::Sha1, value.get("SHA1").text());
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::record::testing::{Taken, battery, broken, codes, stretched, taken};
    use super::*;
    use crate::hashset::{ReadOptions, read_list};

    fn list(model: &str, value: &str) -> String {
        let context = format!("http://github.com/VICSDATAMODEL/ProjectVic/DataModels/{model}");
        format!("{{\"@odata.context\":\"{context}\",\n \"value\":[{value}]}}")
    }

    fn us(value: &str) -> Taken {
        taken(read, &list("2.0.xml/US/$metadata#Media", value))
    }

    const MEDIUM: &str = r#"{"MediaID":1,"Category":1,"MD5":"C0FFEE00C0FFEE00C0FFEE00C0FFEE00",
        "SHA1":"DECAFBADDECAFBADDECAFBADDECAFBADDECAFBAD","MediaSize":"4096","VictimIdentified":"true",
        "IsDistributed":false,"SelfGenerated":true,"Series":"DEMO","DateUpdated":"2030-01-02T03:04:05.6700Z",
        "PhotoDNA":"AAAA","IsPrecategorized":true,"Unheard":{"of":[1,{}]},
        "MediaFiles":[{"MD5":"C0FFEE00C0FFEE00C0FFEE00C0FFEE00","FileName":"demo.jpg"},
                      {"MD5":"5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e","FilePath":"/a"}]}"#;

    fn md5(record: &Record) -> String {
        record.hashes.md5.expect("an MD5").to_hex()
    }

    #[test]
    fn a_medium_says_its_digests_category_and_flags() {
        let taken = us(MEDIUM);
        assert_eq!(taken.unsupported, [("PhotoDNA".to_owned(), 1)].into());
        let dropped = [("Series", 1), ("FileName", 1), ("FilePath", 1), ("IsPrecategorized", 1)];
        assert_eq!(taken.dropped, dropped.into());
        let [medium, file] = taken.records().try_into().expect("the medium, and its file of another digest");
        assert_eq!(medium.key, Some(key("1").unwrap()));
        assert_eq!(md5(&medium), "c0ffee00".repeat(4));
        assert_eq!(medium.hashes.sha1.expect("a SHA-1").to_hex(), "decafbad".repeat(5));
        let expected = [("VICS", "US", "1"), ("VICS", "", "VictimIdentified"), ("VICS", "", "SelfGenerated")];
        assert_eq!(codes(&medium), expected);
        assert_eq!((file.key.clone(), md5(&file)), (None, "5ca1ab1e".repeat(4)));
        assert_eq!((file.hashes.sha1, codes(&file)), (None, codes(&medium)));
    }

    #[test]
    fn times_are_read_as_lists_write_them() {
        for (text, expected) in [
            ("2030-01-02T03:04:05.6700Z", Some(1_893_553_445)),
            ("2030-01-02T04:04:05+01:00Z", Some(1_893_553_445)),
            ("/Date(1893553445670)/", Some(1_893_553_445)),
            ("/Date(-1)/", Some(-1)),
            ("2030-01-02T03:04:05.123", Some(1_893_553_445)),
            ("2030-01-02T03:04:05.1234567", Some(1_893_553_445)),
            ("2030-01-02 03:04:05", Some(1_893_553_445)),
            ("2030-01-02", Some(1_893_542_400)),
            ("2030-13-02", None),
            ("02/01/2030", None),
            ("/Date(9999999999999999999999)/", None),
            ("yesterday", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert_eq!(us(MEDIUM).records()[0].updated, Some(1_893_553_445));
    }

    #[test]
    fn the_later_of_two_media_holds_and_a_time_that_cannot_be_read_is_counted() {
        let medium = |time: &str, digit: &str| {
            format!(r#"{{"MediaID":1,"MD5":"{}","DateUpdated":"{time}"}}"#, digit.repeat(32))
        };
        let read = |media: [String; 2]| {
            let text = list("2.0.xml/US/$metadata#Media", &media.join(","));
            let mut held = None;
            let report = read_list(&mut text.as_bytes(), &ReadOptions::default(), &mut |entry| {
                held = entry.hashes.md5;
                Ok::<(), Infallible>(())
            })
            .unwrap();
            (held.expect("an MD5").to_hex()[..1].to_owned(), report)
        };
        let (held, report) = read([medium("2030-01-02T03:04:05.124", "1"), medium("2030-01-02", "2")]);
        assert_eq!((held.as_str(), report.outdated, report.dropped_fields.len()), ("1", 1, 0));
        let (held, report) = read([medium("02/01/2030", "1"), medium("", "2")]);
        assert_eq!((held.as_str(), report.dropped_fields), ("2", [("DateUpdated", 1)].into()));
    }

    #[test]
    fn damage_is_seen() {
        battery(read, &list("2.0.xml/US/$metadata#Media", MEDIUM));
    }

    #[test]
    fn the_context_says_the_profile() {
        let medium = r#"{"mediaid":"a-7","CATEGORY":"0","sha1":"decafbaddecafbaddecafbaddecafbaddecafbad"}"#;
        for (model, profile) in [
            ("2.0.xml/Default/$metadata#Media", "Default"),
            ("2.0.xml/UK/$metadata#media", "UK"),
            ("1.2.xml#Media", ""),
            ("2.0.xml/../../x y/$metadata#Media", ""),
        ] {
            let records = taken(read, &list(model, medium)).records();
            assert_eq!(codes(&records[0]), [("VICS", profile, "0")], "{model}");
            assert_eq!(records[0].key, Some(key("a-7").unwrap()));
        }
        let old = r#"{"odata.metadata":"http:\/\/github.com\/ICMEC\/ProjectVic\/DataModels\/1.3.xml#Media","value":[]}"#;
        assert!(recognises(old.as_bytes()) && recognises(format!("\u{feff}\r\n{old}").as_bytes()));
        assert_eq!(taken(read, old), Taken::default());
        assert!(!recognises(b"{\"hashRecords\":[]}") && !recognises(b"projectvic odata."));
    }

    #[test]
    fn media_with_one_md5_are_records_of_their_own() {
        let md5 = "c0ffee00".repeat(4);
        let taken = us(&format!(
            r#"{{"MediaID":1,"Category":null,"MD5":"{md5}"}},{{"MediaID":2,"Category":2,"MD5":" {md5}\t"}}"#
        ));
        let records = taken.records();
        let keys: Vec<_> = records.iter().map(|record| record.key.clone().unwrap().to_string()).collect();
        assert_eq!((keys, codes(&records[0]).len()), (vec!["1".to_owned(), "2".to_owned()], 0));
    }

    #[test]
    fn bad_media_are_counted_and_the_rest_is_read() {
        let empty = "d41d8cd98f00b204e9800998ecf8427e";
        let good = "c0ffee00".repeat(4);
        let taken = us(&format!(
            r#"{{"MediaID":1,"MD5":"{empty}"}},{{"MD5":"c0ffee"}},{{"MD5":"","SHA1":null}},7,
               {{"MediaID":"a\u0007","MD5":"{good}"}},{{"MediaID":3,"MD5":"{good}"}}"#
        ));
        assert_eq!(
            taken.found.iter().map(Result::is_ok).collect::<Vec<_>>(),
            [false, false, false, false, false, true]
        );
        assert!(matches!(&taken.found[2], Err(Cause::NoHash)));
        assert!(taken.places.is_sorted());
    }

    #[test]
    fn cases_are_reduced_to_their_media() {
        let text = list(
            "1.1.xml#Cases",
            &format!(r#"{{"CaseID":"1","CaseNumber":"9","ContactName":"N","Media":[{MEDIUM}],"X":[]}},5"#),
        );
        battery(read, &text.replace(",5", ""));
        let taken = taken(read, &text);
        assert_eq!((taken.dropped["Case*"], taken.dropped["Contact*"]), (2, 1));
        assert_eq!(taken.found.len(), 3);
        assert_eq!(taken.found[0].as_ref().unwrap().key, None, "numbers of media begin anew in each case");
        assert!(taken.found[2].is_err());
    }

    #[test]
    fn other_hashes_go_by_their_name() {
        let pdq = "5ca1ab1e".repeat(8);
        let taken = us(&format!(
            r#"{{"AlternativeHashes":[{{"HashName":"PDQ","HashValue":"{pdq}"}},
                {{"HashName":"SHA-256","HashValue":"{pdq}"}},{{"HashName":"F1","HashValue":"x"}}]}}"#
        ));
        assert_eq!(taken.unsupported, [("F1".to_owned(), 1)].into());
        assert_eq!(taken.records()[0].hashes.iter().count(), 2);
    }

    #[test]
    fn what_is_long_or_deep_takes_no_memory() {
        let md5 = "c0ffee00".repeat(4);
        let head = list("1.1.xml#Media", &format!(r#"{{"MD5":"{md5}","Comments":""#)).replace("]}", "");
        let mut taken = Taken::default();
        read(&mut stretched(&head, b'x', 64 << 20, "\"}]}"), &mut taken).unwrap();
        assert_eq!((taken.records().len()), 1);

        let head = list("1.1.xml#Media", r#"{"MD5":""#).replace("]}", "");
        let mut taken = Taken::default();
        read(&mut stretched(&head, b'c', 64 << 20, "\"}]}"), &mut taken).unwrap();
        assert_eq!((taken.dropped["MD5"], &taken.found[0]), (1, &Err(Cause::Oversized)));

        let files = r#"{"MD5":"c0ffee00c0ffee00c0ffee00c0ffee00"},"#.repeat(100_000);
        let many = us(&format!(r#"{{"MediaFiles":[{files}null]}},{{"MD5":"{md5}"}}"#));
        assert_eq!(many.found[0], Err(Cause::Oversized));
        assert!(many.found[1].is_ok() && many.found.len() == 2);

        for fill in [b'[', b'{'] {
            let head = list("1.1.xml#Media", r#"{"Exifs":"#).replace("]}", "");
            let (at, _) = broken(read, &mut stretched(&head, fill, 100_000, ""));
            assert!(at < head.len() as u64 + 64);
        }
    }
}
