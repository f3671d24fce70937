//! What is special about a picture's storage, of the things that some decoders get wrong.

use super::reason::Reason;

/// Palette, 16 bits, CMYK or transparency, by the head of a PNG or JPEG file; `None` if it is none of these, or another
/// format.
pub(super) fn special(file: &[u8]) -> Option<Reason> {
    if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        let (depth, colour) = (*file.get(24)?, *file.get(25)?);
        return match (depth, colour) {
            (_, 3) => Some(Reason::Palette),
            (16, _) => Some(Reason::Depth16),
            (_, 4 | 6) => Some(Reason::Alpha),
            _ => memchr::memmem::find(file.get(..4096).unwrap_or(file), b"tRNS").map(|_| Reason::Alpha),
        };
    }
    if file.starts_with(b"GIF8") {
        return Some(Reason::Palette);
    }
    components(file).filter(|number| *number == 4).map(|_| Reason::Cmyk)
}

/// How many components a JPEG has.
fn components(file: &[u8]) -> Option<u8> {
    let mut rest = file.strip_prefix(b"\xff\xd8")?;
    loop {
        let (&[0xff, marker, high, low], _) = rest.split_first_chunk()? else { return None };
        let len = usize::from(u16::from_be_bytes([high, low]));
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            return rest.get(9).copied();
        }
        rest = rest.get(2 + len.max(2)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_file_tells_how_it_is_stored() {
        let png = |depth, colour| {
            let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01";
            [&head[..], &[depth, colour, 0, 0, 0]].concat()
        };
        for (depth, colour, told) in [
            (8, 3, Some(Reason::Palette)),
            (1, 3, Some(Reason::Palette)),
            (16, 2, Some(Reason::Depth16)),
            (8, 6, Some(Reason::Alpha)),
            (8, 4, Some(Reason::Alpha)),
            (8, 2, None),
        ] {
            assert_eq!(special(&png(depth, colour)), told, "{depth} {colour}");
        }
        assert_eq!(special(&[png(8, 2), b"....tRNS".to_vec()].concat()), Some(Reason::Alpha));
        let jpeg = |components| {
            [&b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x01\0\x01"[..], &[components, 0, 0]].concat()
        };
        assert_eq!(special(&jpeg(4)), Some(Reason::Cmyk));
        assert_eq!(special(&jpeg(3)), None);
        assert_eq!(special(b""), None);
    }
}
