//! What the numbers of a JPEG's pixels mean, by the rule of libjpeg, which browsers and viewers go by.

/// What the components of a picture are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Grey,
    Rgb,
    YCbCr,
    Cmyk,
    Ycck,
    /// As many components as no colour has.
    Unknown,
}

/// What the segments before the first scan tell of colour.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Signs {
    jfif: bool,
    /// The transform that the last of Adobe's segments names.
    adobe: Option<u8>,
}

impl Signs {
    /// Takes note of a segment of application data.
    pub(super) fn note(&mut self, marker: u8, body: &[u8]) {
        match marker {
            0xe0 if body.len() >= 14 && body.starts_with(b"JFIF\0") => self.jfif = true,
            0xee => self.adobe = adobe_transform(body).or(self.adobe),
            _ => {}
        }
    }

    /// The colour of a picture with components of these names.
    pub(super) fn colour(&self, names: &[u8]) -> Colour {
        match (names.len(), self.adobe) {
            (1, _) => Colour::Grey,
            (3, _) if self.jfif => Colour::YCbCr,
            (3, Some(0)) => Colour::Rgb,
            (3, None) if names == b"RGB" => Colour::Rgb,
            (3, _) => Colour::YCbCr,
            (4, None | Some(0)) => Colour::Cmyk,
            (4, _) => Colour::Ycck,
            _ => Colour::Unknown,
        }
    }
}

/// The transform that a segment of Adobe's names.
pub(super) fn adobe_transform(body: &[u8]) -> Option<u8> {
    body.get(11).copied().filter(|_| body.starts_with(b"Adobe"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_comes_before_what_its_components_are_called() {
        let jfif = (0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec());
        let adobe = |transform: u8| (0xee, [&b"Adobe\0\x64\0\0\0\0"[..], &[transform]].concat());
        let short = (0xee, b"Adobe\0\x64\0\0\0\0".to_vec());
        let colour = |segments: &[&(u8, Vec<u8>)], names: &[u8]| {
            let mut signs = Signs::default();
            segments.iter().for_each(|(marker, body)| signs.note(*marker, body));
            signs.colour(names)
        };
        // As default_decompress_parms of libjpeg (jdapimin.c) has it.
        assert_eq!(colour(&[], &[1, 2, 3]), Colour::YCbCr);
        assert_eq!(colour(&[], b"RGB"), Colour::Rgb);
        assert_eq!(colour(&[], b"rgb"), Colour::YCbCr);
        assert_eq!(colour(&[&short], b"RGB"), Colour::Rgb);
        assert_eq!(colour(&[&jfif], b"RGB"), Colour::YCbCr);
        assert_eq!(colour(&[&adobe(1)], b"RGB"), Colour::YCbCr);
        assert_eq!(colour(&[&adobe(7)], b"RGB"), Colour::YCbCr);
        assert_eq!(colour(&[&adobe(0)], &[1, 2, 3]), Colour::Rgb);
        assert_eq!(colour(&[&adobe(0), &adobe(1)], &[1, 2, 3]), Colour::YCbCr);
        assert_eq!(colour(&[&adobe(0), &short], &[1, 2, 3]), Colour::Rgb);
        assert_eq!(colour(&[&adobe(0), &jfif], &[1, 2, 3]), Colour::YCbCr);
        assert_eq!(colour(&[&adobe(0)], &[1]), Colour::Grey);
        assert_eq!(colour(&[&jfif], &[1, 2, 3, 4]), Colour::Cmyk);
        assert_eq!(colour(&[&adobe(0)], &[1, 2, 3, 4]), Colour::Cmyk);
        assert_eq!(colour(&[&adobe(1)], &[1, 2, 3, 4]), Colour::Ycck);
        assert_eq!(colour(&[&adobe(2)], &[1, 2, 3, 4]), Colour::Ycck);
        assert_eq!(colour(&[], &[1, 2]), Colour::Unknown);
    }
}
