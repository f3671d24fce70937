//! What a reader of records finds, and whom it tells: the seam between the formats and the intake.
//!
//! A reader of JSON or XML goes through its input once, in bounded memory, and tells of each record where it stands and
//! what it says, or what is wrong with it. It knows nothing of duplicates, strictness, storage or reports.

use super::map::MapError;
use super::report::Cause;
use super::{EntryKey, Hashes, Labels, Opinion};
use crate::digest::{Signal, SignalKind};

/// Where in a list a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line, counted from 1.
    Line(u64),
    /// Bytes from the beginning of the list, as it is after decompression.
    Byte(u64),
    /// A row of a database, counted from 1 in the order in which they lie; 0 for what is not in a row.
    Row(u64),
}

/// A category as the source says it: its number means nothing without the scheme and the profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SourceCategory {
    /// `NCMEC`, `VICS`, `ICSE` …
    pub(super) scheme: &'static str,
    /// `US`, `UK`, an environment; empty where the scheme has none.
    pub(super) profile: String,
    /// The code in that profile: `A1`, `2`.
    pub(super) code: String,
}

/// What a list says of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// Its id in the list; `None` where the list has no ids.
    pub(super) key: Option<EntryKey>,
    /// All its hashes of kinds that are supported.
    pub(super) hashes: Hashes,
    /// Its categories.
    pub(super) categories: Vec<SourceCategory>,
    /// What is said in our vocabulary, and categories that are to be kept as they are.
    pub(super) labels: Labels,
    /// The list itself says which facets follow from its categories: none is to be added.
    pub(super) facets_stated: bool,
    /// What the members hold of it.
    pub(super) opinion: Opinion,
    /// The list takes it back: it must not match any more.
    pub(super) withdrawn: bool,
    /// When the list last changed it, in seconds since 1970, where pages may come out of order: of two records with one
    /// key the later replaces the earlier, and of two with the same time the one that stands further on.
    pub(super) updated: Option<i64>,
    /// It stands beside other records of this list with its key, in place of replacing them.
    pub(super) beside: bool,
    /// What was wrong with hashes that were not taken: they cost the record no other hash, and no withdrawal.
    pub(super) refused: Vec<Cause>,
}

impl Record {
    /// Adds the hash `text` of `kind`, if there is one; what is none is [refused](Self::refused).
    pub(super) fn add(&mut self, kind: SignalKind, text: Result<Option<&str>, Cause>) {
        match text {
            Ok(Some(text)) => self.hash(kind.parse(text).map_err(Cause::from)),
            Ok(None) => {}
            Err(cause) => self.refused.push(cause),
        }
    }

    /// Adds a hash, or remembers why it is none.
    pub(super) fn hash(&mut self, found: Result<Signal, Cause>) {
        match found {
            Ok(signal) => self.hashes.set(signal),
            Err(cause) => self.refused.push(cause),
        }
    }

    /// This record, if it says anything: a withdrawal needs a key or a hash, anything else a hash. A withdrawal that has
    /// a key goes by that, so nothing that is wrong with its hashes matters.
    pub(super) fn complete(mut self) -> Result<Self, Cause> {
        if self.withdrawn && self.key.is_some() {
            self.refused.clear();
        } else if self.hashes.is_empty() {
            return Err(self.refused.into_iter().next().unwrap_or(Cause::NoHash));
        }
        Ok(self)
    }
}

/// The key `text`.
pub(super) fn key(text: &str) -> Result<EntryKey, Cause> {
    EntryKey::new(text).map_err(|_| Cause::Expected("an id of 1 to 200 printable characters"))
}

/// Whoever takes what a reader finds.
pub(super) trait Take {
    /// What ends the reading from the side of the taker.
    type Stop;

    /// A record, or what is wrong with it. Everything in the list that looks like a record comes here once.
    fn take(&mut self, place: Place, found: Result<Record, Cause>) -> Result<(), Self::Stop>;

    /// A hash of a kind that is not supported; `kind` as the list calls it.
    fn unsupported(&mut self, kind: &str);

    /// A field about people or cases, or other content that is not kept; `field` is a name of the format, never a value.
    fn dropped(&mut self, field: &'static str);
}

/// What ends a reading.
#[derive(Debug)]
pub(super) enum Ended<S> {
    /// The bytes cannot be had.
    Io(std::io::Error),
    /// From here on the input is not what the format is: nothing of it may count.
    Broken {
        /// Where.
        place: Place,
        /// What was expected there; nothing from the list.
        expected: &'static str,
    },
    /// The list is not the table that its map describes.
    Map(MapError),
    /// The taker ended it.
    Stopped(S),
}

/// Why a walk through JSON or XML ended.
#[derive(Debug)]
pub(super) enum Fault {
    /// The bytes cannot be had.
    Io(std::io::Error),
    /// Another syntax from the byte `at` on, or another shape than was asked for.
    Broken { at: u64, expected: &'static str },
}

impl<S> From<Fault> for Ended<S> {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Io(error) => Self::Io(error),
            Fault::Broken { at, expected } => Self::Broken { place: Place::Byte(at), expected },
        }
    }
}

/// One step of such a walk.
pub(super) type Step<T> = Result<T, Fault>;

/// What the tests of every reader share.
#[cfg(test)]
pub(super) mod testing {
    use std::collections::BTreeMap;
    use std::convert::Infallible;
    use std::io::{BufRead, BufReader, Read};

    use super::*;

    /// Keeps everything.
    #[derive(Debug, Default, PartialEq)]
    pub(in super::super) struct Taken {
        pub(in super::super) found: Vec<Result<Record, Cause>>,
        pub(in super::super) places: Vec<Place>,
        pub(in super::super) unsupported: BTreeMap<String, u64>,
        pub(in super::super) dropped: BTreeMap<&'static str, u64>,
    }

    impl Take for Taken {
        type Stop = Infallible;

        fn take(&mut self, place: Place, found: Result<Record, Cause>) -> Result<(), Infallible> {
            self.found.push(found);
            self.places.push(place);
            Ok(())
        }

        fn unsupported(&mut self, kind: &str) {
            *self.unsupported.entry(kind.to_owned()).or_default() += 1;
        }

        fn dropped(&mut self, field: &'static str) {
            *self.dropped.entry(field).or_default() += 1;
        }
    }

    impl Taken {
        /// The records, of which none may be bad.
        #[track_caller]
        pub(in super::super) fn records(self) -> Vec<Record> {
            self.found.into_iter().map(|found| found.expect("a good record")).collect()
        }
    }

    /// The categories of `record`: scheme, profile, code.
    pub(in super::super) fn codes(record: &Record) -> Vec<(&str, &str, &str)> {
        record.categories.iter().map(|c| (c.scheme, c.profile.as_str(), c.code.as_str())).collect()
    }

    /// A reader under test.
    pub(in super::super) type Reader = fn(&mut dyn BufRead, &mut Taken) -> Result<(), Ended<Infallible>>;

    /// What `reader` finds in `text`, to its end.
    #[track_caller]
    pub(in super::super) fn taken(reader: Reader, text: &str) -> Taken {
        let mut taken = Taken::default();
        reader(&mut text.as_bytes(), &mut taken).expect("a whole list");
        taken
    }

    /// Where `reader` finds `input` broken, and what it expected there.
    #[track_caller]
    pub(in super::super) fn broken(reader: Reader, input: &mut dyn BufRead) -> (u64, &'static str) {
        match reader(input, &mut Taken::default()) {
            Err(Ended::Broken { place: Place::Byte(at), expected }) => (at, expected),
            other => panic!("not broken: {other:?}"),
        }
    }

    /// Holds `reader` to what every reader must do with a good list: cut off anywhere it is broken, one byte at a time
    /// it says the same, with a byte order mark and with other line ends too, and no single damage makes it panic.
    #[track_caller]
    pub(in super::super) fn battery(reader: Reader, text: &str) {
        let text = text.trim();
        let whole = taken(reader, text);
        assert!(whole.found.iter().any(Result::is_ok));
        for len in 0..text.len() {
            let mut cut = Taken::default();
            let ended = reader(&mut &text.as_bytes()[..len], &mut cut);
            assert!(matches!(ended, Err(Ended::Broken { .. })), "cut at {len}: {ended:?}");
            assert!(whole.found.starts_with(&cut.found), "cut at {len}");
        }
        let mut dripped = Taken::default();
        reader(&mut BufReader::with_capacity(1, text.as_bytes()), &mut dripped).expect("a whole list");
        assert_eq!(dripped, whole);
        let windows = format!("\u{feff}{}\r\n", text.replace('\n', "\r\n"));
        assert_eq!(taken(reader, &windows).found, whole.found);
        for at in 0..text.len() {
            for byte in [0, b'"', b'<', b'{', b']', b'9', 0xFF, text.as_bytes()[at] ^ 0x20] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] = byte;
                let _ = reader(&mut &bytes[..], &mut Taken::default());
            }
        }
    }

    /// `head`, then `len` bytes of `fill`, then `tail`, as a stream.
    pub(in super::super) fn stretched<'a>(
        head: &'a str,
        fill: u8,
        len: u64,
        tail: &'a str,
    ) -> impl BufRead + 'a {
        BufReader::new(head.as_bytes().chain(std::io::repeat(fill).take(len)).chain(tail.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{arachnid, dfxml, jsonl, ncmec, tcap, threatexchange, vics};
    use super::testing::{Reader, taken};

    /// Whether a record is withdrawn, its hashes, and those that were refused.
    type Told = (bool, usize, usize);

    #[test]
    fn a_bad_hash_costs_no_good_one_and_no_withdrawal_whatever_the_form() {
        let lists: [(Reader, &str, &[Told]); 7] = [
            (
                ncmec::read,
                r#"<queryResult><images><image><member id="7"/><id>a</id><fingerprints><md5>GOOD</md5><sha1>c0</sha1>
                </fingerprints></image><deletedImage><member id="7"/><id>b</id><fingerprints><md5>c0</md5></fingerprints>
                </deletedImage></images></queryResult>"#,
                &[(false, 1, 1), (true, 0, 0)],
            ),
            (
                vics::read,
                r#"{"@odata.context":"http://x/ProjectVic/2.0.xml/US/$metadata#Media","value":[
                {"MediaID":1,"MD5":"GOOD","SHA1":"c0"},
                {"MediaID":2,"SHA1":"c0","MediaFiles":[{"MD5":"c0"},{"MD5":"GOOD","SHA1":"z"}]}]}"#,
                &[(false, 1, 1), (false, 1, 3)],
            ),
            (
                tcap::read,
                r#"{"results":[{"id":1,"algorithm":"MD5","hash_digest":"c0","deleted":true}]}"#,
                &[(true, 0, 0)],
            ),
            (
                threatexchange::read,
                r#"{"id":"1","indicator":"c0","type":"HASH_PDQ","should_delete":true}"#,
                &[(true, 0, 0)],
            ),
            (
                arachnid::read,
                r#"{"classification":"csam","sha1_base32":"c0","sha256_hex":"GOODGOOD"}"#,
                &[(false, 1, 1)],
            ),
            (
                dfxml::read,
                r#"<dfxml><fileobject><hashdigest type="md5">GOOD</hashdigest><hashdigest type="sha1">c0</hashdigest>
                </fileobject></dfxml>"#,
                &[(false, 1, 1)],
            ),
            (
                jsonl::read,
                r#"{"type":"header","data":{"format":"innerward-list","version":1}}
                {"type":"entry","data":{"key":"a","status":"active","hashes":{"md5":"GOOD","sha1":"c0"}}}
                {"type":"entry","data":{"key":"b","status":"withdrawn","hashes":{"md5":"c0"}}}
                {"type":"entry","data":{"key":"c","status":"withdrawn","hashes":null,"updated":7}}
                {"type":"summary","data":{"entries":1,"withdrawn":2}}"#,
                &[(false, 1, 1), (true, 0, 0), (true, 0, 0)],
            ),
        ];
        for (number, (reader, text, expected)) in lists.into_iter().enumerate() {
            let text = text.replace("GOOD", &"c0ffee00".repeat(4));
            let records = taken(reader, &text).records();
            let told: Vec<_> = records
                .iter()
                .map(|record| (record.withdrawn, record.hashes.iter().count(), record.refused.len()))
                .collect();
            assert_eq!(told, expected, "list {number}");
            assert!(records.iter().all(|record| !record.withdrawn || record.key.is_some()));
        }
    }
}
