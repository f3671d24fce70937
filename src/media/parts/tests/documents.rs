//! Mail, Office documents and PDF: what is a part, what it is called, and that a picture in it is the picture.

use super::*;
use crate::media::{Limits, Raster, decode};

/// Name, length and gap, for what is not a copy of an original.
type Line = (String, u64, Option<Gap>);

fn listed(name: &str) -> (Option<Gap>, Vec<Line>) {
    let (gap, parts) = opened(&seed(name));
    let line = |part: Part| (part.name.unwrap_or_default(), part.len, part.gap);
    (gap, parts.into_iter().map(line).collect())
}

fn part(name: &str, inside: &str) -> Vec<u8> {
    let (_, parts) = opened(&seed(name));
    let part = parts.into_iter().find(|part| part.name.as_deref() == Some(inside));
    part.unwrap_or_else(|| panic!("{inside} in {name}")).bytes
}

fn raster(bytes: &[u8]) -> Raster {
    let picture = decode(bytes, Content::of(bytes), &Limits::default()).unwrap();
    picture.forms[0].raster.clone()
}

#[test]
fn seven_zip_archives_are_opened_by_all_their_methods() {
    let inside = [("dot.jpg", "dot.jpg"), ("dot.png", "dot.png"), ("line.txt", "line.txt"), ("empty", "")];
    for name in ["solid.7z", "single.7z", "ppmd.7z", "bzip2.7z", "filtered.7z", "stored.7z"] {
        holds(name, &inside);
    }
    let (gap, parts) = opened(&seed("deflated.7z"));
    assert_eq!(gap, None);
    assert_eq!(parts.iter().filter(|part| part.gap == Some(Gap::NoDecoder(SEVEN_ZIP_METHOD))).count(), 3);
    let (gap, parts) = opened(&seed("encrypted.7z"));
    assert_eq!(gap, None);
    assert_eq!(parts.iter().filter(|part| part.gap == Some(Gap::Encrypted)).count(), 3);
    assert_eq!(opened(&seed("sealed.7z")), (Some(Gap::Encrypted), vec![]));
    let tight = PartBounds { memory_bytes: 64 << 10, ..PartBounds::default() };
    let (_, parts) = opened_within(&seed("ppmd.7z"), &tight);
    assert!(parts[..3].iter().all(|part| part.gap == Some(Gap::Bound(Bound::Memory, 64 << 10))));
    let bytes = seed("solid.7z");
    assert!(opened(&bytes[..bytes.len() - 20]).0.is_some());
}

#[test]
fn a_damaged_block_of_a_7z_leaves_the_others() {
    let mut bytes = seed("single.7z");
    let (_, whole) = opened(&bytes);
    bytes[100] ^= 0x55;
    let (gap, parts) = opened(&bytes);
    assert_eq!((gap, parts.len()), (None, whole.len()));
    let differing: Vec<_> = parts.iter().zip(&whole).filter(|(part, whole)| part != whole).collect();
    assert!(matches!(differing[..], [(part, _)] if part.gap == Some(Gap::Damaged("7z"))));
}

#[test]
fn the_parts_of_a_message_are_decoded_and_named() {
    let (gap, parts) = opened(&seed("outer.eml"));
    assert_eq!(gap, None);
    let found: Vec<_> = parts.iter().map(|part| (part.name.as_deref().unwrap(), part.gap.clone())).collect();
    let long = "Grüße, sehr lange und mit Umlauten: äöü ÄÖÜ ß.png";
    let expected = ["1.txt", "2.html", "3", long, "line.txt", "6.eml"].map(|name| (name, None));
    assert_eq!(found, expected);
    let text = "Grüße, with = and a line that is longer than seventy-six characters, so that it is broken.";
    assert_eq!(String::from_utf8_lossy(&parts[0].bytes).trim_end(), text);
    assert!(parts[2].bytes == seed("dot.png") && parts[3].bytes == seed("dot.png"));
    assert_eq!(String::from_utf8_lossy(&parts[4].bytes).replace("\r\n", "\n").into_bytes(), seed("line.txt"));
    // The message inside is a part, to be opened as the outer was.
    let (gap, inner) = opened(&parts[5].bytes);
    assert_eq!((gap, inner.len()), (None, 2));
    assert_eq!((inner[1].name.as_deref(), &inner[1].bytes), (Some("inner.jpg"), &seed("dot.jpg")));
}

#[test]
fn files_within_a_text_are_parts_too() {
    let (gap, parts) = opened(&seed("within.eml"));
    let names: Vec<_> = parts.iter().map(|part| part.name.as_deref().unwrap()).collect();
    assert_eq!((gap, names), (None, vec!["1.txt", "dot.png", "dot.jpg", "3.txt"]));
    assert!(parts[1].bytes == seed("dot.png") && parts[2].bytes == seed("dot.jpg"));
    assert_eq!(parts[0].bytes, b"words before");
    assert_eq!(parts[3].bytes, b"words behind");
}

#[test]
fn a_cut_message_hands_out_what_came() {
    let bytes = seed("outer.eml");
    let end = memchr::memmem::find(&bytes, b"inner.jpg").unwrap();
    let (gap, parts) = opened(&bytes[..end]);
    assert_eq!((gap, parts.len()), (Some(Gap::Truncated("e-mail")), 6));
    assert_eq!(parts[5].gap, Some(Gap::Truncated("e-mail")));
    assert!(parts[..5].iter().all(|part| part.gap.is_none()));
}

#[test]
fn encrypted_mail_says_so() {
    let smime = "From: a\r\nTo: b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n";
    assert_eq!(opened(smime.as_bytes()).1[0].gap, Some(Gap::Encrypted));
    let signed = smime.replace("enveloped", "signed");
    assert_eq!(opened(signed.as_bytes()).1[0].gap, Some(Gap::Container(SIGNED_MAIL)));
    let pgp = "From: a\nTo: b\nContent-Type: multipart/encrypted; boundary=x\n\n--x\nContent-Type: application/pgp-encrypted\n\n\
               Version: 1\n--x\nContent-Type: application/octet-stream\n\nwords\n--x--\n";
    let gaps: Vec<_> = opened(pgp.as_bytes()).1.into_iter().map(|part| part.gap).collect();
    assert_eq!(gaps, [None, Some(Gap::Encrypted)]);
}

#[test]
fn each_message_of_a_mailbox_is_a_part() {
    let (gap, parts) = opened(&seed("two.mbox"));
    let names: Vec<_> = parts.iter().map(|part| part.name.as_deref().unwrap()).collect();
    assert_eq!((gap, names), (None, vec!["1.eml", "2.eml"]));
    assert!(String::from_utf8_lossy(&parts[0].bytes).contains("From here it goes on"));
    for part in &parts {
        assert_eq!(Content::of(&part.bytes).name, "e-mail");
    }
}

#[test]
fn attachments_in_a_winmail_dat_are_parts() {
    let (gap, parts) = opened(&seed("winmail.dat"));
    let found: Vec<_> = parts.iter().map(|part| (part.name.as_deref().unwrap(), part.gap.clone())).collect();
    let object = Some(Gap::Container(OUTLOOK_OBJECT));
    assert_eq!((gap, &found[..]), (None, &[("dot.png", None), ("line.txt", None), ("message", object)][..]));
    assert!(parts[0].bytes == seed("dot.png") && parts[1].bytes == seed("line.txt"));
    let bytes = seed("winmail.dat");
    let (gap, parts) = opened(&bytes[..1_000]);
    assert_eq!((gap, parts.len()), (Some(Gap::Truncated("winmail.dat of Outlook")), 2));
    assert_eq!(parts[1].gap, Some(Gap::Truncated("winmail.dat of Outlook")));
}

#[test]
fn attachments_of_outlook_are_parts_and_those_of_messages_inside() {
    let expected = [("body.html", None), ("line.txt", Some("line.txt")), ("2/dot.png", Some("dot.png"))];
    let (gap, parts) = opened(&seed("outlook.msg"));
    assert_eq!(gap, None);
    let mut names: Vec<_> = parts.iter().map(|part| part.name.as_deref().unwrap()).collect();
    names.sort_unstable();
    let mut sorted = expected.map(|(name, _)| name);
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    for (name, original) in expected {
        if let Some(original) = original {
            assert!(part("outlook.msg", name) == seed(original), "{name}");
        }
    }
}

#[test]
fn pictures_of_office_documents_are_cut_out_of_their_streams() {
    let (gap, parts) = listed("slides.ppt");
    assert_eq!(gap, None);
    let pictures: Vec<_> = parts.iter().filter(|(name, ..)| name.starts_with("Pictures/")).collect();
    let names: Vec<_> = pictures.iter().map(|(name, ..)| &name["Pictures/".len()..]).collect();
    assert_eq!(names, ["1.jpg", "2.png", "3.bmp", "4.tif", "5.emf", "6.jpg"]);
    assert_eq!(pictures[4].2, Some(Gap::NoDecoder(METAFILE)));
    assert!(part("slides.ppt", "Pictures/1.jpg") == seed("dot.jpg"));
    assert!(part("slides.ppt", "Pictures/6.jpg") == seed("dot.jpg"));
    assert!(part("slides.ppt", "Pictures/2.png") == seed("dot.png"));
    let original = raster(&seed("dot.png"));
    assert_eq!(raster(&part("slides.ppt", "Pictures/3.bmp")), original);
    assert_eq!(raster(&part("slides.ppt", "Pictures/4.tif")), original);
    assert!(parts.iter().any(|(name, len, _)| name == "PowerPoint Document" && *len == 4_490));
    // Excel cuts into pieces what is longer than a record, and a packaged file has a name.
    assert!(part("sheet.xls", "Workbook/1.png").starts_with(&seed("dot.png")));
    assert_eq!(part("sheet.xls", "Workbook/1.png").len(), seed("dot.png").len() + 20_000);
    assert!(part("sheet.xls", "MBD1/dot.jpg") == seed("dot.jpg"));
    // Windows kept small copies of the pictures of a folder in such a file.
    for name in ["1/1.jpg", "256_0123456789abcdef/1.jpg"] {
        assert!(part("Thumbs.db", name) == seed("dot.jpg"), "{name}");
    }
    let (gap, parts) = listed("sealed.docx");
    assert_eq!(gap, Some(Gap::Encrypted));
    assert!(parts.contains(&("EncryptedPackage".into(), 0, Some(Gap::Encrypted))));
}

#[test]
fn pictures_of_a_pdf_are_the_pictures() {
    let original = raster(&seed("dot.png"));
    for (name, pictures) in [("report.pdf", 2), ("scans.pdf", 5), ("images.pdf", 8), ("fax.pdf", 1)] {
        let (gap, parts) = opened(&seed(name));
        assert_eq!((gap, parts.len()), (None, pictures), "{name}");
    }
    for name in ["report.pdf", "scans.pdf"] {
        let (_, parts) = opened(&seed(name));
        assert!(parts.iter().any(|part| part.bytes == seed("dot.jpg")), "{name}");
        assert!(parts.iter().any(|part| part.name.as_deref().unwrap().ends_with("tif") && raster(&part.bytes) == original), "{name}");
        assert!(parts.iter().all(|part| part.gap.is_none()), "{name}");
    }
    let (_, parts) = opened(&seed("images.pdf"));
    let same = parts.iter().filter(|part| part.gap.is_none() && Content::of(&part.bytes).name == "TIFF");
    let same = same.filter(|part| raster(&part.bytes) == original).count();
    assert_eq!(same, 4, "plain, indexed, wide, predicted; CMYK comes near");
    let short: Vec<_> = parts.iter().filter(|part| part.gap.is_some()).collect();
    assert!(matches!(short[..], [part] if part.gap == Some(Gap::Truncated("PDF"))));
    assert_eq!(raster(&short[0].bytes).width(), original.width());
    let attached = parts.iter().find(|part| part.name.as_deref() == Some("Grüße.txt")).unwrap();
    assert!(attached.bytes == seed("line.txt"));
    let fax = opened(&seed("fax.pdf")).1.remove(0);
    let scanned = opened(&seed("scans.pdf")).1.into_iter().map(|part| raster_or_none(&part.bytes));
    let fax = raster(&fax.bytes);
    assert!(scanned.flatten().any(|raster| raster == fax), "two writers, one picture");
}

fn raster_or_none(bytes: &[u8]) -> Option<Raster> {
    decode(bytes, Content::of(bytes), &Limits::default()).ok().map(|picture| picture.forms[0].raster.clone())
}

#[test]
fn an_encrypted_pdf_says_so_and_a_broken_table_of_places_does_not_matter() {
    assert_eq!(opened(&seed("locked.pdf")), (Some(Gap::Encrypted), vec![]));
    let whole = opened(&seed("report.pdf")).1;
    let bytes = seed("report.pdf");
    let table = memchr::memmem::find(&bytes, b"xref").unwrap();
    let (gap, parts) = opened(&bytes[..table]);
    assert_eq!((gap, &parts), (Some(Gap::Truncated("PDF")), &whole));
    let behind = [&b"\0\0some bytes\n"[..], &bytes].concat();
    assert_eq!(opened(&behind), (None, whole));
}

#[test]
fn object_streams_that_blow_up_meet_the_bound() {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(&vec![b' '; 40 << 20]).unwrap();
    let bomb = zlib.finish().unwrap();
    let mut bytes = b"%PDF-1.5\n1 0 obj <</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace 9 0 R/Length 1>>\nstream\nx\nendstream endobj\n".to_vec();
    for number in 2..8 {
        let head = format!(
            "{number} 0 obj <</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {}>>\nstream\n",
            bomb.len()
        );
        bytes.extend([head.as_bytes(), &bomb, b"\nendstream endobj\n"].concat());
    }
    bytes.extend(b"%%EOF");
    let bounds = PartBounds { memory_bytes: 32 << 20, ..PartBounds::default() };
    let (gap, parts) = opened_within(&bytes, &bounds);
    assert_eq!(gap, Some(Gap::Bound(Bound::Memory, 32 << 20)));
    assert_eq!((parts.len(), parts[0].gap.clone()), (1, Some(Gap::NoDecoder(PDF_COLOURS))));
}

#[test]
fn multiparts_within_multiparts_meet_a_bound() {
    let mut mail = String::from("From: a\nTo: b\n");
    for n in 0..1_000 {
        mail += &format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    }
    mail += "Content-Type: image/png; name=a.png\n\nwords\n";
    let (gap, parts) = opened(mail.as_bytes());
    assert_eq!(gap, Some(Gap::Truncated("e-mail")));
    assert!(matches!(&parts[..], [part] if matches!(part.gap, Some(Gap::Bound(Bound::Depth, _)))));
}
