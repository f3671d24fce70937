//! DFXML, as forensic tools list the files of a disk (root `dfxml` or, older, `fiwalk`).
//!
//! Only digests are read: names of files and all else about them fall away. What has none, such as a folder, counts as
//! `fileobject without hashdigest`. Digests of parts of a file (`byte_run`) are not those of the file.

use std::io::BufRead;

use super::record::{Ended, Record, Take};
use super::report::Cause;
use super::xml::{Element, Xml};
use crate::digest::SignalKind;

/// Elements that hold files.
const HOLDERS: [&str; 4] = ["volume", "disk_image", "partition", "partition_system"];

/// True for the beginning of such a list.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let opens = text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
    opens && ["<dfxml", "<fiwalk", ":dfxml"].iter().any(|root| text.contains(root))
}

/// Reads the list to its end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let mut xml = Xml::new(input);
    xml.root(&["dfxml", "fiwalk"])?;
    let mut inside = 1;
    while inside > 0 {
        match xml.child()? {
            None => inside -= 1,
            Some("fileobject") => {
                let place = xml.place();
                let found = match xml.element()? {
                    Ok(file) => record(&file, take),
                    Err(cause) => Err(cause),
                };
                match found {
                    Ok(None) => {}
                    Ok(Some(record)) => take.take(place, Ok(record)).map_err(Ended::Stopped)?,
                    Err(cause) => take.take(place, Err(cause)).map_err(Ended::Stopped)?,
                }
            }
            Some(name) if HOLDERS.contains(&name) => inside += 1,
            Some(_) => xml.pass()?,
        }
    }
    Ok(xml.end()?)
}

/// The record; `None` for a file without a digest that is supported.
fn record<T: Take + ?Sized>(file: &Element, take: &mut T) -> Result<Option<Record>, Cause> {
    if file.child("filename").is_some() {
        take.dropped("filename");
    }
    let mut record = Record::default();
    let mut digests = file.children.iter().filter(|child| child.name == "hashdigest").peekable();
    if digests.peek().is_none() {
        take.dropped("fileobject without hashdigest");
        return Ok(None);
    }
    for digest in digests {
        let name = digest.attribute("type").unwrap_or_default();
        match name.to_ascii_lowercase().replace('-', "").parse::<SignalKind>() {
            Ok(kind) => record.add(kind, Ok(digest.text())),
            Err(_) => take.unsupported(name),
        }
    }
    let says_nothing = record.hashes.is_empty() && record.refused.is_empty();
    if says_nothing { Ok(None) } else { record.complete().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::super::record::testing::{battery, broken, taken};
    use super::*;

    const SAMPLE: &str = "<?xml version='1.0'?><dfxml version='1.0'><metadata><a>x</a></metadata><volume>
        <fileobject><filename>demo.jpg</filename><filesize>4</filesize>
          <byte_runs><byte_run><hashdigest type='md5'>5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e</hashdigest></byte_run></byte_runs>
          <hashdigest type='MD5'>C0FFEE00C0FFEE00C0FFEE00C0FFEE00</hashdigest>
          <hashdigest type='sha-1'>decafbaddecafbaddecafbaddecafbaddecafbad</hashdigest>
          <hashdigest type='tiger'>00</hashdigest></fileobject>
        <fileobject><filename>folder</filename></fileobject></volume>
        <fileobject><hashdigest type='md5'>c0ffee</hashdigest></fileobject></dfxml>";

    #[test]
    fn files_say_their_digests_and_nothing_else() {
        assert!(recognises(SAMPLE.as_bytes()) && !recognises(b"<queryResult/>"));
        let taken = taken(read, SAMPLE);
        assert_eq!(taken.dropped, [("filename", 2), ("fileobject without hashdigest", 1)].into());
        assert_eq!(taken.unsupported, [("tiger".to_owned(), 1)].into());
        let [Ok(file), Err(Cause::Hash(_))] = &taken.found[..] else { panic!("{:?}", taken.found) };
        assert_eq!(file.hashes.md5.expect("an MD5").to_hex(), "c0ffee00".repeat(4));
        assert_eq!(file.hashes.sha1.expect("a SHA-1").to_hex(), "decafbad".repeat(5));
        assert_eq!((file.hashes.iter().count(), &file.key), (2, &None));
    }

    #[test]
    fn damage_is_seen() {
        battery(read, SAMPLE);
        let old = SAMPLE.replace("dfxml", "fiwalk");
        assert_eq!(taken(read, &old).found, taken(read, SAMPLE).found);
        for text in ["<other/>", "<!DOCTYPE dfxml><dfxml/>", "<dfxml><volume>", &"<volume>".repeat(100_000)] {
            broken(read, &mut text.as_bytes());
        }
    }
}
