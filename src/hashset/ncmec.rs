//! Saved answers of NCMEC's hash sharing API, version 2 (XML).
//!
//! An entry is what a member submitted under an id: `member-id`. The same may come again, on this page or another: the
//! record with the later time holds, so all are handed on with theirs.
//!
//! Who submits says that the item belongs on the list, so an entry without feedback is positive; with negative feedback
//! of anybody it is disputed, whatever else was said. Feedback speaks of one fingerprint; here it counts for the entry.
//!
//! Fingerprints that are only a link are counted and not fetched. A page that names a next one counts `paging/next`.

use std::io::BufRead;

use super::Opinion;
use super::record::{Ended, Record, SourceCategory, Take, key};
use super::report::Cause;
use super::xml::{Element, Xml};
use crate::digest::SignalKind;

/// Longest code of a classification.
const MAX_CODE: usize = 16;

/// True for the beginning of such an answer.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('<') && text.contains("queryresult") && text.contains("hashsharing")
}

/// Reads the answer to its end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let mut xml = Xml::new(input);
    xml.root(&["queryresult"])?;
    while let Some(group) = xml.child()? {
        if group == "paging" {
            if let Ok(paging) = xml.element()?
                && paging.child("next").is_some_and(|next| next.text().is_some())
            {
                take.dropped("paging/next");
            }
            continue;
        }
        // `images`, `videos`, and what may come beside them.
        while xml.child()?.is_some() {
            let place = xml.place();
            let found = xml.element()?.and_then(|element| record(&element, take));
            take.take(place, found).map_err(Ended::Stopped)?;
        }
    }
    Ok(xml.end()?)
}

fn record<T: Take + ?Sized>(element: &Element, take: &mut T) -> Result<Record, Cause> {
    let member = element.child("member").and_then(|member| member.attribute("id"));
    let id = element.child("id").and_then(Element::text);
    let (Some(member), Some(id)) = (member.filter(|member| !member.is_empty()), id) else {
        return Err(Cause::Expected("a member with an id, and the id of its entry"));
    };
    let time = element.child("timestamp").and_then(Element::text);
    let mut record = Record {
        key: Some(key(&format!("{member}-{id}"))?),
        opinion: opinion(element, take),
        withdrawn: element.name.starts_with("deleted"),
        updated: time.and_then(|time| Some(time.parse::<jiff::Timestamp>().ok()?.as_second())),
        ..Record::default()
    };
    if let Some(code) = element.child("classification").and_then(Element::text) {
        if code.len() <= MAX_CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let (profile, code) = (String::new(), code.to_ascii_uppercase());
            record.categories.push(SourceCategory { scheme: "NCMEC", profile, code });
        } else {
            take.dropped("classification");
        }
    }
    let mut unsupported = false;
    for fingerprint in element.child("fingerprints").map_or(&[][..], |all| &all.children) {
        let kind = match fingerprint.name.as_str() {
            "md5" => SignalKind::Md5,
            "sha1" => SignalKind::Sha1,
            "sha256" => SignalKind::Sha256,
            "pdq" => SignalKind::Pdq,
            other => {
                take.unsupported(&other.replace('-', "_"));
                unsupported = true;
                continue;
            }
        };
        if fingerprint.attribute("href").is_some() {
            take.unsupported(&fingerprint.name);
            unsupported = true;
        } else {
            record.add(kind, Ok(fingerprint.text()));
        }
    }
    // What is known of it now cannot be matched here: it takes the place of what could.
    if unsupported && record.hashes.is_empty() && record.refused.is_empty() {
        return Ok(record);
    }
    record.complete()
}

fn opinion<T: Take + ?Sized>(element: &Element, take: &mut T) -> Opinion {
    let mut opinion = Opinion::Positive;
    let feedback = element.child("feedback").map_or(&[][..], |feedback| &feedback.children);
    for one in feedback.iter().filter(|one| !one.children.is_empty()) {
        match one.name.as_str() {
            "affirmativefeedback" => {}
            "negativefeedback" => opinion = Opinion::Disputed,
            _ => take.dropped("feedback"),
        }
    }
    opinion
}

#[cfg(test)]
mod tests {
    use super::super::record::testing::{Taken, battery, broken, codes, stretched, taken};
    use super::*;

    const NAMESPACE: &str = "https://hashsharing.ncmec.org/hashsharing/v2";

    /// The sample of the reference.
    const SAMPLE: &str = r#"<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
  <images count="2" maxTimestamp="2030-01-02T03:04:05Z">
    <image><member id="7">Demo Member</member><timestamp>2030-01-02T03:00:00Z</timestamp><id>demo-1</id><classification>A1</classification>
      <fingerprints><md5>c0ffee00c0ffee00c0ffee00c0ffee00</md5><sha1>decafbaddecafbaddecafbaddecafbaddecafbad</sha1></fingerprints>
      <feedback lastUpdateTimestamp="2030-01-02T03:04:00Z">
        <affirmativeFeedback type="Md5" lastUpdateTimestamp="2030-01-02T03:04:00Z">
          <members timestamp="2030-01-02T03:04:00Z"><member id="8">Other Member</member></members></affirmativeFeedback>
        <negativeFeedback type="Sha1" lastUpdateTimestamp="2030-01-02T03:04:00Z"><reasons>
          <reason guid="00000000-0000-0000-0000-000000000001" name="Demo reason" type="Sha1"/>
          <members timestamp="2030-01-02T03:04:00Z"><member id="9">Third Member</member></members></reasons></negativeFeedback>
      </feedback></image>
    <deletedImage><member id="7">Demo Member</member><id>demo-2</id><timestamp>2030-01-02T03:04:05Z</timestamp></deletedImage>
  </images>
  <videos count="1" maxTimestamp="2030-01-02T03:04:05Z">
    <video><member id="7">Demo Member</member><timestamp>2030-01-02T03:00:00Z</timestamp><id>demo-3</id>
      <fingerprints><md5>c0ffee01c0ffee01c0ffee01c0ffee01</md5><tmk-pdqf rel="self" href="/v2/entries/7/fingerprints/TMK_PDQF"/></fingerprints></video>
  </videos>
  <paging><next>/v2/entries?from=1&amp;to=2&amp;start=2001&amp;size=1000&amp;max=3000</next></paging>
</queryResult>"#;

    fn images(inner: &str) -> Taken {
        taken(read, &format!("<queryResult xmlns=\"{NAMESPACE}\"><images>{inner}</images></queryResult>"))
    }

    fn image(inner: &str) -> String {
        format!("<image><member id=\"7\"/><id>a</id>{inner}</image>")
    }

    const MD5: &str = "<fingerprints><Md5>\n C0FFEE00C0FFEE00C0FFEE00C0FFEE00 </Md5></fingerprints>";

    #[test]
    fn the_sample_says_what_it_says() {
        assert!(recognises(SAMPLE.as_bytes()) && !recognises(b"<dfxml/>"));
        let taken = taken(read, SAMPLE);
        assert_eq!(taken.unsupported, [("tmk_pdqf".to_owned(), 1)].into());
        assert_eq!(taken.dropped, [("paging/next", 1)].into());
        let [image, deleted, video] = taken.records().try_into().expect("three entries");
        assert_eq!(image.key, Some(key("7-demo-1").unwrap()));
        assert_eq!((codes(&image), image.opinion), (vec![("NCMEC", "", "A1")], Opinion::Disputed));
        assert_eq!(image.hashes.md5.expect("an MD5").to_hex(), "c0ffee00".repeat(4));
        assert_eq!(image.hashes.sha1.expect("a SHA-1").to_hex(), "decafbad".repeat(5));
        assert_eq!((deleted.key.unwrap().as_str(), deleted.withdrawn), ("7-demo-2", true));
        // 2030-01-02T03:04:05Z, by `date -u -d … +%s`.
        assert_eq!((deleted.updated, image.updated), (Some(1_893_553_445), Some(1_893_553_200)));
        assert_eq!(
            (video.opinion, video.withdrawn, video.hashes.iter().count()),
            (Opinion::Positive, false, 1)
        );
    }

    #[test]
    fn damage_is_seen() {
        battery(read, SAMPLE);
    }

    #[test]
    fn prefixes_order_and_empty_parts_do_not_matter() {
        let text = format!(
            "<?xml version=\"1.0\"?><!-- -->\n<h:queryResult xmlns:h=\"{NAMESPACE}\"><h:images count=\"0\"/>\
             <h:videos><h:video><h:feedback/>{MD5}<h:id><![CDATA[x&y]]></h:id><h:member id=\"&#55;\"/></h:video>\
             </h:videos></h:queryResult>"
        );
        let records = taken(read, &text).records();
        assert_eq!(records[0].key.as_ref().unwrap().as_str(), "7-x&y");
        assert_eq!((records[0].opinion, records.len(), records[0].updated), (Opinion::Positive, 1, None));
    }

    #[test]
    fn the_same_id_comes_each_time() {
        let again = format!("{}{}", image(MD5), image(&format!("{MD5}<timestamp>soon</timestamp>")));
        let records = images(&again).records();
        assert_eq!((records.len(), &records[0].key), (2, &records[1].key));
    }

    #[test]
    fn a_link_is_no_hash_and_a_bad_entry_stands_alone() {
        let link = "<fingerprints><md5 rel=\"self\" href=\"/x\"/><pdna>AAAA</pdna></fingerprints>";
        let empty = "<fingerprints><md5>d41d8cd98f00b204e9800998ecf8427e</md5></fingerprints>";
        let short = "<fingerprints><pdq>5ca1ab1e</pdq></fingerprints>";
        let large = "<x a=\"b\"/>".repeat(20_000);
        let many = [
            image(link),
            image(empty),
            image(short),
            "<image><id>a</id></image>".into(),
            image(&large),
            image(&format!("<classification>a b</classification><new>1</new>{MD5}")),
        ];
        let taken = images(&many.concat());
        let good: Vec<_> = taken.found.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, false, false, false, true]);
        assert!(taken.found[0].as_ref().is_ok_and(|record| record.hashes.is_empty() && record.key.is_some()));
        assert_eq!(taken.found[4], Err(Cause::Oversized));
        assert_eq!(taken.unsupported, [("md5".to_owned(), 1), ("pdna".to_owned(), 1)].into());
        assert_eq!(taken.dropped, [("classification", 1)].into());
    }

    #[test]
    fn bombs_are_broken_in_little_memory() {
        let bomb = "<!DOCTYPE q [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><queryResult>&b;</queryResult>";
        assert_eq!(broken(read, &mut bomb.as_bytes()).1, "no DOCTYPE");
        for text in ["<queryResult>&b;</queryResult>", "<queryResult a=\"&b;\"/>", "<queryResult>\u{1}</x>"] {
            broken(read, &mut text.as_bytes());
        }
        assert!(broken(read, &mut &b"<queryResult><images a=\"\xFF\"/></queryResult>"[..]).0 < 60);
        broken(read, &mut "<queryResult><a>".repeat(100_000).as_bytes());
        broken(read, &mut b"<queryResult/><queryResult/>".as_slice());
        let head = "<queryResult><images><image><id>";
        let (at, _) =
            broken(read, &mut stretched(head, b'x', 64 << 20, "</id></image></images></queryResult>"));
        assert!(at < 200_000, "{at}");
        broken(read, &mut stretched("<queryResult a=\"", b'x', 64 << 20, "\"/>"));
        broken(read, &mut stretched("<!--", b'x', 64 << 20, "--><queryResult/>"));
    }
}
