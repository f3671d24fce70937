//! What a file is, by its first bytes and never by its name.

use image::ImageFormat;

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
    /// A video; its frames are not looked at.
    Video,
    /// Sound: nothing to compare but digests.
    Audio,
    /// A file with other files inside.
    Container,
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
        let found = by_magic(head).or_else(|| by_iso_brand(head));
        let (kind, name) =
            found.unwrap_or_else(|| if is_text(head) { (Kind::Text, "text") } else { (Kind::Other, "data") });
        Self { kind, name }
    }

    /// The content of this name, which only one kind has; `None` if nothing is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let magic = MAGIC.iter().map(|(_, _, kind, name)| (*kind, *name));
        let found = magic.chain(OTHERS.iter().copied()).find(|(_, other)| *other == name);
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
            Kind::Container | Kind::Other => media::OTHER,
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
    (0, b"qoif", Kind::Picture(ImageFormat::Qoi), "QOI"),
    (0, b"PK\x03\x04", Kind::Container, "ZIP, or a document made of one"),
    (0, b"PK\x05\x06", Kind::Container, "ZIP"),
    (0, b"7z\xbc\xaf\x27\x1c", Kind::Container, "7z"),
    (0, b"Rar!\x1a\x07", Kind::Container, "RAR"),
    (0, b"\x1f\x8b", Kind::Container, "gzip"),
    (0, b"BZh", Kind::Container, "bzip2"),
    (0, b"\xfd7zXZ\0", Kind::Container, "xz"),
    (0, b"\x28\xb5\x2f\xfd", Kind::Container, "Zstandard"),
    (257, b"ustar", Kind::Container, "tar"),
    (0, b"%PDF-", Kind::Container, "PDF"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Container, "an older Office document or Outlook message"),
    (0, b"From ", Kind::Container, "mailbox"),
    (0, b"Received: ", Kind::Container, "e-mail"),
    (0, b"Return-Path: ", Kind::Container, "e-mail"),
    (0, b"Delivered-To: ", Kind::Container, "e-mail"),
    (0, b"MIME-Version: ", Kind::Container, "e-mail"),
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

/// What is recognised by more than a signature.
const OTHERS: &[(Kind, &str)] = &[
    (Kind::Picture(ImageFormat::Bmp), "BMP"),
    (Kind::Picture(ImageFormat::Pnm), "PNM"),
    (Kind::Picture(ImageFormat::Ico), "ICO"),
    (Kind::Picture(ImageFormat::Tga), "TGA"),
    (Kind::Video, "QuickTime video"),
    (Kind::Undecoded, "HEIC"),
    (Kind::Undecoded, "AVIF"),
    (Kind::Audio, "MPEG-4 audio"),
    (Kind::Undecoded, "Canon raw"),
    (Kind::Video, "MPEG-4 video"),
    (Kind::Text, "text"),
    (Kind::Other, "data"),
];

fn by_magic(head: &[u8]) -> Option<(Kind, &'static str)> {
    let found =
        MAGIC.iter().find(|(at, magic, ..)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    let riff = |name: &str| ["WebP", "AVI video", "WAVE"].contains(&name);
    match found {
        Some(&(_, _, kind, name)) if !riff(name) || head.starts_with(b"RIFF") => Some((kind, name)),
        // Two bytes are a weak signature: the header's size and its reserved bytes must fit as well.
        _ if head.starts_with(b"BM")
            && head.len() >= 18
            && head[6..10] == [0; 4]
            && head[15..18] == [0; 3] =>
        {
            Some((Kind::Picture(ImageFormat::Bmp), "BMP"))
        }
        _ if is_pnm(head) => Some((Kind::Picture(ImageFormat::Pnm), "PNM")),
        _ if ico::is_header(head) => Some((Kind::Picture(ImageFormat::Ico), "ICO")),
        _ if tga::is_header(head) => Some((Kind::Picture(ImageFormat::Tga), "TGA")),
        _ => None,
    }
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
    if head.get(4..8)? != b"ftyp" {
        return head
            .get(4..8)
            .filter(|tag| [&b"moov"[..], b"mdat", b"wide"].contains(tag))
            .map(|_| (Kind::Video, "QuickTime video"));
    }
    Some(match head.get(8..12)? {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
            (Kind::Undecoded, "HEIC")
        }
        b"avif" | b"avis" => (Kind::Undecoded, "AVIF"),
        b"M4A " | b"M4B " => (Kind::Audio, "MPEG-4 audio"),
        b"crx " => (Kind::Undecoded, "Canon raw"),
        _ => (Kind::Video, "MPEG-4 video"),
    })
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
        let heads =
            [&b"\0\0\0\x18ftypheic"[..], b"\0\0\0\x18ftypavif", b"\0\0\0\x18ftypcrx ", b"\0\0\0\x18ftypM4A "];
        let more = [
            &b"\0\0\0\x18ftypisom"[..],
            b"\0\0\0\x18moov",
            b"words\n",
            b"\0\x01",
            b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
            b"P6 3 2 255 ",
        ];
        for head in heads.into_iter().chain(more) {
            let content = Content::of(head);
            assert_eq!(Content::named(content.name), Some(content));
        }
        for (_, _, kind, name) in MAGIC {
            assert_eq!(Content::named(name), Some(Content { kind: *kind, name }));
        }
        assert_eq!(Content::named("jpeg"), None);
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
