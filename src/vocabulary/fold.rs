//! Letters made alike: without case, diacritics and width, so that one form of a term finds all of its spellings.

/// Hands the letters that `c` stands for to `take`; none for a mark that only changes the letter before it.
pub(super) fn fold(c: char, mut take: impl FnMut(char)) {
    if c.is_ascii() {
        return take(c.to_ascii_lowercase());
    }
    for c in c.to_lowercase() {
        match c {
            _ if is_mark(c) => {}
            'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' => take('a'),
            'æ' => ['a', 'e'].into_iter().for_each(&mut take),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => take('c'),
            'ď' | 'đ' => take('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => take('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => take('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => take('i'),
            'ķ' => take('k'),
            'ĺ' | 'ļ' | 'ľ' | 'ł' => take('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => take('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => take('o'),
            'œ' => ['o', 'e'].into_iter().for_each(&mut take),
            'ŕ' | 'ŗ' | 'ř' => take('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => take('s'),
            'ß' => ['s', 's'].into_iter().for_each(&mut take),
            'ţ' | 'ť' | 'ț' => take('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => take('u'),
            'ý' | 'ÿ' => take('y'),
            'ź' | 'ż' | 'ž' => take('z'),
            'ё' => take('е'),
            'й' => take('и'),
            'أ' | 'إ' | 'آ' | 'ٱ' => take('ا'),
            'ى' | 'ئ' => take('ي'),
            'ؤ' => take('و'),
            'ة' => take('ه'),
            // Full-width forms of ASCII, already in lower case.
            '\u{ff01}'..='\u{ff5e}' => take((c as u32 - 0xfee0) as u8 as char),
            // The traditional characters of the terms that the lists have.
            '兒' => take('儿'),
            '賣' => take('卖'),
            '買' => take('买'),
            '遊' => take('游'),
            '復' => take('复'),
            '報' => take('报'),
            '虛' => take('虚'),
            '擬' => take('拟'),
            '雛' => take('雏'),
            '攝' => take('摄'),
            '頭' => take('头'),
            c => take(c),
        }
    }
}

/// Marks that stand on another letter, and characters without a width: they part no word.
pub(super) fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{300}'..='\u{36f}'
            | '\u{610}'..='\u{61a}'
            | '\u{640}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

/// The letter that `base` and the mark after it make, of those that the languages of the terms write.
pub(super) fn compose(base: char, mark: char) -> Option<char> {
    let (bases, wholes) = match mark {
        '\u{300}' => ("aeiou", "àèìòù"),
        '\u{301}' => ("aeiouyc", "áéíóúýć"),
        '\u{302}' => ("aeiou", "âêîôû"),
        '\u{303}' => ("aon", "ãõñ"),
        '\u{306}' => ("и", "й"),
        '\u{308}' => ("aeiouе", "äëïöüё"),
        '\u{327}' => ("c", "ç"),
        _ => return None,
    };
    bases.chars().zip(wholes.chars()).find(|&(letter, _)| letter == base).map(|(_, whole)| whole)
}

/// Characters of scripts that are written without spaces: each is taken as a word.
pub(super) fn is_whole_word(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{3040}'..='\u{30ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut found = String::new();
        for c in text.chars() {
            fold(c, |c| found.push(c));
        }
        found
    }

    #[test]
    fn spellings_of_one_word_fold_alike() {
        for (a, b) in [
            ("ÉNFÄNTS", "enfants"),
            ("e\u{301}nfants", "énfants"),
            ("Größe", "grosse"),
            ("por\u{ad}no", "porno"),
            ("por\u{200b}no", "porno"),
            ("ｐｏｒｎ", "porn"),
            ("إباحيّة", "اباحيه"),
            ("порнографи\u{306}", "порнографй"),
            ("Ё", "е"),
            ("兒童", "儿童"),
        ] {
            assert_eq!(folded(a), folded(b), "{a} {b}");
        }
        assert_ne!(folded("menor"), folded("mejor"));
    }

    #[test]
    fn a_letter_and_its_mark_are_one_letter() {
        for (base, mark, whole) in [('o', '\u{302}', 'ô'), ('и', '\u{306}', 'й'), ('е', '\u{308}', 'ё')]
        {
            assert_eq!(compose(base, mark), Some(whole));
        }
        assert_eq!((compose('x', '\u{301}'), compose('o', '\u{200b}')), (None, None));
    }
}
