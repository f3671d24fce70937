//! What a file is, by its first bytes and never by its name.

use image::ImageFormat;

use super::parts::{self, Container};
use super::{ico, tga};
use crate::vocabulary::{Code, media};

/// What can be done with a file of some content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A picture that this build decodes.
    Picture(ImageFormat),
    /// JPEG XL, which a build with the feature `jxl` decodes.
    JpegXl,
    /// A picture without a decoder here.
    Undecoded,
    /// A video, which a program of somebody else's decodes.
    Video,
    /// Sound: nothing to compare but digests.
    Audio,
    /// A file with other files inside, and how it is packed.
    Container(Container),
    /// Text without pictures.
    Text,
    /// Nothing that is recognised.
    Other,
}

/// The content of a file, recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// What can be done with it.
    pub kind: Kind,
    /// Its name for people: `JPEG`, `Matroska video`.
    pub name: &'static str,
}

impl Kind {
    /// True for a picture that this build decodes.
    #[must_use]
    pub fn is_decoded(self) -> bool {
        matches!(self, Self::Picture(_)) || self == Self::JpegXl && cfg!(feature = "jxl")
    }
}

impl Content {
    /// Bytes from the start of a file that recognition looks at; more are not needed.
    pub const HEAD_BYTES: usize = 1024;

    /// Recognises a file by its first bytes.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        let found = by_magic(head).or_else(|| by_test(head)).or_else(|| by_iso_brand(head));
        let (kind, name) = found.unwrap_or_else(|| if is_text(head) { TEXT } else { DATA });
        Self { kind, name }
    }

    /// The content of this name, which only one kind has; `None` if nothing is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = all().find(|(_, other)| *other == name);
        found.map(|(kind, name)| Self { kind, name })
    }

    /// Its code in the dimension of media.
    #[must_use]
    pub fn media(self) -> Code {
        match self.kind {
            Kind::Picture(_) | Kind::JpegXl | Kind::Undecoded => media::IMAGE,
            Kind::Video => media::VIDEO,
            Kind::Audio => media::AUDIO,
            Kind::Text => media::TEXT,
            Kind::Container(_) | Kind::Other => media::OTHER,
        }
    }
}

/// Offset and bytes of the signatures, the more particular first.
const MAGIC: &[(usize, &[u8], Kind, &str)] = &[
    (0, b"\xff\xd8\xff", Kind::Picture(ImageFormat::Jpeg), "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", Kind::Picture(ImageFormat::Png), "PNG"),
    (0, b"GIF87a", Kind::Picture(ImageFormat::Gif), "GIF"),
    (0, b"GIF89a", Kind::Picture(ImageFormat::Gif), "GIF"),
    (8, b"WEBP", Kind::Picture(ImageFormat::WebP), "WebP"),
    (0, b"II*\0", Kind::Picture(ImageFormat::Tiff), "TIFF"),
    (0, b"MM\0*", Kind::Picture(ImageFormat::Tiff), "TIFF"),
    (0, b"II+\0", Kind::Picture(ImageFormat::Tiff), "BigTIFF"),
    (0, b"MM\0+", Kind::Picture(ImageFormat::Tiff), "BigTIFF"),
    (0, b"\xff\x0a", Kind::JpegXl, "JPEG XL"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", Kind::JpegXl, "JPEG XL"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", Kind::Undecoded, "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", Kind::Undecoded, "JPEG 2000"),
    (0, b"8BPS", Kind::Undecoded, "Photoshop"),
    (0, b"DDS \x7c\0\0\0", Kind::Undecoded, "DDS"),
    (0, b"\x76\x2f\x31\x01", Kind::Undecoded, "OpenEXR"),
    (0, b"#?RADIANCE", Kind::Undecoded, "Radiance HDR"),
    (0, b"#?RGBE", Kind::Undecoded, "Radiance HDR"),
    (0, b"gimp xcf ", Kind::Undecoded, "GIMP"),
    (0, b"II\xbc\0", Kind::Undecoded, "JPEG XR"),
    (0, b"II\xbc\x01", Kind::Undecoded, "JPEG XR"),
    (0, b"SIMPLE  =", Kind::Undecoded, "FITS"),
    (0, b"farbfeld", Kind::Undecoded, "farbfeld"),
    (0, b"\xc5\xd0\xd3\xc6", Kind::Undecoded, "EPS"),
    (0, b"qoif", Kind::Picture(ImageFormat::Qoi), "QOI"),
    (0, b"PK\x03\x04", Kind::Container(Container::Zip), "ZIP"),
    (0, b"PK\x05\x06", Kind::Container(Container::Zip), "ZIP"),
    // The marks of an archive in several pieces, or one that might have been.
    (0, b"PK\x07\x08PK\x03\x04", Kind::Container(Container::Zip), "ZIP"),
    (0, b"PK00PK\x03\x04", Kind::Container(Container::Zip), "ZIP"),
    (0, b"7z\xbc\xaf\x27\x1c", Kind::Container(Container::SevenZip), "7z"),
    (0, b"Rar!\x1a\x07", Kind::Container(Container::Unopened), "RAR"),
    (0, b"\x1f\x8b\x08", Kind::Container(Container::Gzip), "gzip"),
    (0, b"BZh", Kind::Container(Container::Bzip2), "bzip2"),
    (0, b"\xfd7zXZ\0", Kind::Container(Container::Xz), "xz"),
    (0, b"\x28\xb5\x2f\xfd", Kind::Container(Container::Zstd), "Zstandard"),
    (0, b"LZIP\x01", Kind::Container(Container::Unopened), "lzip"),
    (0, b"\x04\x22\x4d\x18", Kind::Container(Container::Unopened), "LZ4"),
    (0, b"MSCF\0\0\0\0", Kind::Container(Container::Unopened), "Microsoft cabinet"),
    (0, b"{\\rtf", Kind::Container(Container::Unopened), "RTF"),
    (257, b"ustar", Kind::Container(Container::Tar), "tar"),
    (0, b"\x78\x9f\x3e\x22", Kind::Container(Container::Tnef), "winmail.dat of Outlook"),
    (0, b"%PDF-", Kind::Container(Container::Pdf), "PDF"),
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Kind::Container(Container::Compound),
        "an older Office document or Outlook message",
    ),
    (0, b"-----BEGIN PGP MESSAGE-----", Kind::Container(Container::Unopened), "PGP message"),
    (0, b"\x1a\x45\xdf\xa3", Kind::Video, "Matroska or WebM video"),
    (8, b"AVI ", Kind::Video, "AVI video"),
    (0, b"FLV\x01", Kind::Video, "Flash video"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind::Video, "Windows Media"),
    (0, b"\0\0\x01\xba", Kind::Video, "MPEG video"),
    (0, b"\0\0\x01\xb3", Kind::Video, "MPEG video"),
    (0, b"ID3", Kind::Audio, "MP3"),
    (0, b"fLaC", Kind::Audio, "FLAC"),
    (8, b"WAVE", Kind::Audio, "WAVE"),
    // Ogg may carry video: what is not known to be sound alone is not called so.
    (0, b"OggS", Kind::Video, "Ogg"),
];

/// True for the first bytes of files of one kind.
type Test = fn(&[u8]) -> bool;

/// Kinds whose signature is weak or stands in no one place, and what tells each of them.
const TESTS: &[(Test, Kind, &str)] = &[
    (is_bmp, Kind::Picture(ImageFormat::Bmp), "BMP"),
    (is_pnm, Kind::Picture(ImageFormat::Pnm), "PNM"),
    (ico::is_header, Kind::Picture(ImageFormat::Ico), "ICO"),
    (ico::is_cursor, Kind::Picture(ImageFormat::Ico), "CUR"),
    (is_pcx, Kind::Undecoded, "PCX"),
    (is_sgi, Kind::Undecoded, "SGI"),
    (is_icns, Kind::Undecoded, "ICNS"),
    (is_eps, Kind::Undecoded, "EPS"),
    (tga::is_header, Kind::Picture(ImageFormat::Tga), "TGA"),
    // Its old kind has no signature but the checksum of the first header.
    (parts::is_tar, Kind::Container(Container::Tar), "tar"),
    (parts::is_mailbox, Kind::Container(Container::Mailbox), "mailbox"),
    (parts::is_mail, Kind::Container(Container::Mail), "e-mail"),
    // Viewers forgive what stands before the first line.
    (is_late_pdf, Kind::Container(Container::Pdf), "PDF"),
];

/// Brands of the ISO base media family; all others are video.
const BRANDS: &[(&[u8], Kind, &str)] = &[
    (b"heic", Kind::Undecoded, "HEIC"),
    (b"heix", Kind::Undecoded, "HEIC"),
    (b"heim", Kind::Undecoded, "HEIC"),
    (b"heis", Kind::Undecoded, "HEIC"),
    (b"hevc", Kind::Undecoded, "HEIC"),
    (b"hevx", Kind::Undecoded, "HEIC"),
    (b"mif1", Kind::Undecoded, "HEIC"),
    (b"msf1", Kind::Undecoded, "HEIC"),
    (b"avif", Kind::Undecoded, "AVIF"),
    (b"avis", Kind::Undecoded, "AVIF"),
    (b"crx ", Kind::Undecoded, "Canon raw"),
    (b"M4A ", Kind::Audio, "MPEG-4 audio"),
    (b"M4B ", Kind::Audio, "MPEG-4 audio"),
];

/// What has no row in a table.
const QUICKTIME: (Kind, &str) = (Kind::Video, "QuickTime video");
const MPEG_4: (Kind, &str) = (Kind::Video, "MPEG-4 video");
const TEXT: (Kind, &str) = (Kind::Text, "text");
const DATA: (Kind, &str) = (Kind::Other, "data");

/// All that a file can be recognised as, some several times.
fn all() -> impl Iterator<Item = (Kind, &'static str)> {
    let magic = MAGIC.iter().map(|(_, _, kind, name)| (*kind, *name));
    let tests = TESTS.iter().map(|(_, kind, name)| (*kind, *name));
    let brands = BRANDS.iter().map(|(_, kind, name)| (*kind, *name));
    magic.chain(tests).chain(brands).chain([QUICKTIME, MPEG_4, TEXT, DATA])
}

fn by_magic(head: &[u8]) -> Option<(Kind, &'static str)> {
    let (_, _, kind, name) =
        MAGIC.iter().find(|(at, magic, ..)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)))?;
    let riff = ["WebP", "AVI video", "WAVE"].contains(name);
    (!riff || head.starts_with(b"RIFF")).then_some((*kind, *name))
}

fn by_test(head: &[u8]) -> Option<(Kind, &'static str)> {
    TESTS.iter().find(|(test, ..)| test(head)).map(|(_, kind, name)| (*kind, *name))
}

/// Two bytes are a weak signature: the header's size and its reserved bytes must fit as well.
fn is_bmp(head: &[u8]) -> bool {
    head.starts_with(b"BM") && head.len() >= 18 && head[6..10] == [0; 4] && head[15..18] == [0; 3]
}

/// The signature of PCX is one byte: version, packing and depth must be known ones, and the window must have pixels.
fn is_pcx(head: &[u8]) -> bool {
    let Some(head) = head.first_chunk::<128>() else { return false };
    let number = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    matches!(head[..4], [0x0a, 0 | 2..=5, 1, 1 | 2 | 4 | 8])
        && number(4) <= number(8)
        && number(6) <= number(10)
        && (1..=4).contains(&head[65])
        && number(66) > 0
}

/// SGI: two bytes, then packing, bytes a sample and dimensions, the first of which is the width.
fn is_sgi(head: &[u8]) -> bool {
    matches!(head, [0x01, 0xda, 0 | 1, 1 | 2, 0, 1..=3, width @ ..] if width.len() >= 2 && width[..2] != [0; 2])
}

/// A PDF behind up to a kilobyte of something else, at the begin of a line.
fn is_late_pdf(head: &[u8]) -> bool {
    let begins = |at: usize| {
        matches!(head[at - 1], b'\n' | b'\r' | 0) && matches!(head.get(at + 5), Some(b'1' | b'2'))
    };
    memchr::memmem::find_iter(head, b"%PDF-").any(|at| at > 0 && begins(at))
}

/// Apple's icons: a word of four letters, so the length after it must be that of a file.
fn is_icns(head: &[u8]) -> bool {
    matches!(head, [b'i', b'c', b'n', b's', 0..=15, _, _, _, ..])
}

/// A page description that calls itself a picture in its first line.
fn is_eps(head: &[u8]) -> bool {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    line.starts_with(b"%!PS-Adobe") && line.windows(5).any(|word| word == b" EPSF")
}

/// The portable family: `P` and a digit are a word of many texts, so the first number must follow, or the first key.
fn is_pnm(head: &[u8]) -> bool {
    let Some((magic, mut rest)) = head.split_at_checked(2) else { return false };
    if magic == b"P7" {
        let keys: [&[u8]; 7] =
            [b"\n#", b"\nWIDTH ", b"\nHEIGHT ", b"\nDEPTH ", b"\nMAXVAL ", b"\nTUPLTYPE ", b"\nENDHDR\n"];
        return keys.iter().any(|key| rest.starts_with(key));
    }
    if magic[0] != b'P' || !(b'1'..=b'6').contains(&magic[1]) {
        return false;
    }
    // Width and height, each after white space and comments, which run to the end of their line.
    for _ in 0..2 {
        let start = rest;
        loop {
            rest = rest.trim_ascii_start();
            if !rest.starts_with(b"#") {
                break;
            }
            let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else { return false };
            rest = &rest[end..];
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if rest.len() == start.len() || digits == 0 {
            return false;
        }
        rest = &rest[digits..];
    }
    rest.first().is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'#')
}

/// The ISO base media family: one container, told apart by its brand.
fn by_iso_brand(head: &[u8]) -> Option<(Kind, &'static str)> {
    match head.get(4..8)? {
        b"ftyp" => {}
        b"moov" | b"mdat" | b"wide" => return Some(QUICKTIME),
        _ => return None,
    }
    let brand = head.get(8..12)?;
    let known = BRANDS.iter().find(|(other, ..)| *other == brand);
    Some(known.map_or(MPEG_4, |(_, kind, name)| (*kind, *name)))
}

fn is_text(head: &[u8]) -> bool {
    let valid = match str::from_utf8(head) {
        Ok(text) => text,
        // A character cut in two by the end of the head is no fault.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.is_empty() && !valid.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x0c'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_recognised_alone_and_never_panics_when_cut() {
        for (at, magic, kind, name) in MAGIC {
            let mut head = vec![0; *at];
            head.extend_from_slice(magic);
            if *at == 8 {
                head[..4].copy_from_slice(b"RIFF");
            }
            assert_eq!(Content::of(&head), Content { kind: *kind, name });
            for end in 0..head.len() {
                let _ = Content::of(&head[..end]);
            }
        }
    }

    #[test]
    fn portable_pictures_are_told_from_words_that_begin_alike() {
        let pictures: [&[u8]; 7] = [
            b"P6\n3 2\n255\n",
            b"P5 3 2 255 ",
            b"P1#made by hand\n 3\t#columns\r2\n1 0 1",
            b"P3\r\n# a\n# b\n3 2",
            b"P4\x0c12 7\n",
            b"P7\nWIDTH 3\n",
            b"P7\n# made by hand\n",
        ];
        for head in pictures {
            assert_eq!(Content::of(head).name, "PNM", "{}", head.escape_ascii());
        }
        let others: [&[u8]; 9] = [
            b"P",
            b"P1",
            b"P1 is a code",
            b"P1 3 of them",
            b"P63 2",
            b"P7 WIDTH 3",
            b"P8\n3 2\n",
            b"P5 #",
            b"P5 2\xff",
        ];
        for head in others {
            assert_ne!(Content::of(head).name, "PNM", "{}", head.escape_ascii());
        }
    }

    #[test]
    fn every_content_is_found_again_by_its_name() {
        for (kind, name) in all() {
            assert_eq!(Content::named(name), Some(Content { kind, name }));
        }
        assert_eq!(Content::named("jpeg"), None);
        // The tables are all there is.
        for (brand, kind, name) in BRANDS {
            assert_eq!(Content::of(&[b"\0\0\0\x18ftyp", *brand].concat()), Content { kind: *kind, name });
        }
        for head in [&b"\0\0\0\x18ftypisom"[..], b"\0\0\0\x18moov", b"words\n", b"\0\x01"] {
            let Content { kind, name } = Content::of(head);
            assert!(all().any(|known| known == (kind, name)), "{name}");
        }
    }

    #[test]
    fn pictures_without_a_decoder_are_told_from_what_begins_alike() {
        let mut pcx = vec![0x0a, 5, 1, 8, 0, 0, 0, 0, 15, 0, 7, 0];
        pcx.resize(128, 0);
        (pcx[65], pcx[66]) = (3, 16);
        let sgi = b"\x01\xda\x01\x01\0\x03\0\x10\0\x08\0\x03";
        let pictures: [(&str, &[u8]); 8] = [
            ("PCX", &pcx),
            ("SGI", sgi),
            ("ICNS", b"icns\0\0\x10\0TOC "),
            ("EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
            ("DDS", b"DDS \x7c\0\0\0\x07\x10\0\0"),
            ("Radiance HDR", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n"),
            ("FITS", b"SIMPLE  =                    T"),
            ("Photoshop", b"8BPS\0\x02\0\0"),
        ];
        for (name, head) in pictures {
            assert_eq!(Content::of(head), Content { kind: Kind::Undecoded, name });
            assert_eq!(Content::of(head).media(), media::IMAGE);
        }
        for (place, byte) in [(0, 0x0b), (1, 1), (2, 0), (3, 3), (5, 1), (7, 1), (65, 0), (65, 9), (66, 0)] {
            let mut bytes = pcx.clone();
            bytes[place] = byte;
            assert_eq!(Content::of(&bytes).name, "data", "byte {place}");
        }
        let others: [&[u8]; 5] = [
            b"DDS is a format of textures",
            b"icns is a format of icons",
            b"%!PS-Adobe-3.0\n%%Title: EPSF\n",
            b"%!PS-Adobe-3.0\rnot EPSF\r",
            b"SIMPLE = T",
        ];
        for head in others {
            assert_eq!(Content::of(head).kind, Kind::Text, "{}", head.escape_ascii());
        }
        assert_eq!(Content::of(b"\x01\xda\x02\x01\0\x03\0\x10").kind, Kind::Other);
        assert_eq!(Content::of(&pcx[..127]).kind, Kind::Other);
    }

    #[test]
    fn mail_is_told_from_texts_that_begin_alike() {
        let of = |head: &str| Content::of(head.as_bytes()).name;
        for head in [
            "From: a@example.org\r\nSubject: x\r\n\r\nwords",
            "X-Spam: no\n\tat all\nDate: today\nTo: b\n\nwords",
            "subject: x\nMESSAGE-ID: <a>\n",
            "Received: from a",
            "MIME-Version: 1.0\n",
        ] {
            assert_eq!(of(head), "e-mail", "{head}");
        }
        for head in ["From a@b Tue Nov 14 22:13:20 2023\nX: y\n", "From - \nX-Mozilla-Status: 1\n"] {
            assert_eq!(of(head), "mailbox", "{head}");
        }
        for head in [
            "From the beginning\nit went on\n",
            "Subject: a note\n\nFrom: here",
            "Note: words\nDate: today\n\n",
            "To: a\nwords without a colon\nFrom: b\n",
            "Dear all,\nFrom: a\nTo: b\n",
            "http://a\nhttp://b\n",
        ] {
            assert_eq!(of(head), "text", "{head}");
        }
    }

    #[test]
    fn a_pdf_may_begin_late_and_an_old_tar_has_its_checksum_alone() {
        assert_eq!(Content::of(b"\0\0junk\n%PDF-1.4\n").name, "PDF");
        assert_eq!(Content::of(b"a file begins with %PDF-1.4\n").kind, Kind::Text);
        let mut header = [0; 512];
        header[..8].copy_from_slice(b"line.txt");
        header[124..135].copy_from_slice(b"00000000000");
        assert_eq!(Content::of(&header).name, "data");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert_eq!(Content::of(&header).name, "tar");
        header[0] = b'L';
        assert_eq!(Content::of(&header).name, "data");
    }

    #[test]
    fn brands_tell_pictures_from_videos() {
        let of = |brand: &[u8]| Content::of(&[b"\0\0\0\x18ftyp", brand].concat());
        assert_eq!(of(b"heic").name, "HEIC");
        assert_eq!(of(b"avif").media(), media::IMAGE);
        assert_eq!(of(b"isom").kind, Kind::Video);
        assert_eq!(of(b"M4A ").kind, Kind::Audio);
    }

    #[test]
    fn text_is_text_and_noise_is_not() {
        assert_eq!(Content::of("Grüße\n".as_bytes()).kind, Kind::Text);
        assert_eq!(Content::of(&"é".as_bytes()[..1]).kind, Kind::Other);
        assert_eq!(Content::of(&[0, 1, 2, 3]).kind, Kind::Other);
        assert_eq!(Content::of(b"BMW is a make of car").kind, Kind::Text);
        assert_eq!(Content::of(b"").kind, Kind::Other);
    }
}
