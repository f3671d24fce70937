use super::*;

fn uses(text: &str, language: Language) -> Vec<(&'static str, Usage, &str)> {
    lint(text, language)
        .into_iter()
        .map(|found| (found.term.key(), found.usage, &text[found.range]))
        .collect()
}

fn avoided(text: &str, language: Language) -> Vec<&'static str> {
    let found = lint(text, language).into_iter().filter(|found| found.usage == Usage::Avoid);
    found.map(|found| found.term.key()).collect()
}

#[test]
fn planted_terms_are_found_in_eight_languages() {
    use Language::{Ar, De, En, Es, Fr, Pt, Ru, Zh};
    for (language, text, term) in [
        (En, "The child pornography found there", "TERM_CSAM"),
        (En, "KIDDIE PORN", "TERM_CSAM"),
        (En, "pornographic images of young children", "TERM_CSAM"),
        (En, "two child prostitutes", "TERM_PROST"),
        (En, "child sex tourism", "TERM_SECTT"),
        (En, "webcam child sex tourism", "TERM_LIVE"),
        (En, "pseudo-images", "TERM_AI"),
        (En, "revenge porn", "TERM_IBSA"),
        (En, "a willing victim", "TERM_VICTIM"),
        (Fr, "la pornographie infantile", "TERM_CSAM"),
        (Fr, "contenus pédopornographiques", "TERM_CSAM"),
        (Fr, "la prostitution enfantine", "TERM_PROST"),
        (Fr, "le tourisme sexuel impliquant des enfants", "TERM_SECTT"),
        (Fr, "une victime consentante", "TERM_VICTIM"),
        (Es, "PORNOGRAFIA INFANTIL", "TERM_CSAM"),
        (Es, "pornografía con niños", "TERM_CSAM"),
        (Es, "el turismo sexual infantil", "TERM_SECTT"),
        (Es, "porno de venganza", "TERM_IBSA"),
        (Pt, "a pornografia infantil", "TERM_CSAM"),
        (Pt, "pornografia infanto-juvenil", "TERM_CSAM"),
        (Pt, "prostituição infantil", "TERM_PROST"),
        (Ar, "إباحية الأطفال", "TERM_CSAM"),
        (Ar, "المواد الإباحيّة للأطفال", "TERM_CSAM"),
        (Ar, "دعارة الأطفال", "TERM_PROST"),
        (Ru, "детской порнографии", "TERM_CSAM"),
        (Ru, "порнография с участием детей", "TERM_CSAM"),
        (Ru, "детская проституция", "TERM_PROST"),
        (Ru, "детский секс-туризм", "TERM_SECTT"),
        (Zh, "关于儿童色情制品的报告", "TERM_CSAM"),
        (Zh, "兒童色情", "TERM_CSAM"),
        (Zh, "报复性色情", "TERM_IBSA"),
        (De, "Kinderpornografie", "TERM_CSAM"),
        (De, "kinder-pornographisches Material", "TERM_CSAM"),
        (De, "die Kinderprostitution", "TERM_PROST"),
        (De, "Rachepornos", "TERM_IBSA"),
        (Fr, "la pornographie de mineurs", "TERM_CSAM"),
        (Fr, "pornographie mettant en scène des enfants", "TERM_CSAM"),
        (De, "pornographische Darstellungen von Kindern", "TERM_CSAM"),
        (De, "pornografische Bilder von Kindern", "TERM_CSAM"),
        (Pt, "imagens pornográficas de crianças", "TERM_CSAM"),
        (Pt, "pornografia envolvendo crianças", "TERM_CSAM"),
        (Pt, "a prostituição de menores", "TERM_PROST"),
        (Es, "la prostitución de menores", "TERM_PROST"),
        (Ar, "صور إباحية لأطفال", "TERM_CSAM"),
        (Ar, "بغاء القاصرات", "TERM_PROST"),
        (Zh, "涉及儿童的色情制品", "TERM_CSAM"),
        (Zh, "未成年色情", "TERM_CSAM"),
        (Ru, "Ребёнок сам виноват", "TERM_VICTIM"),
        (Ru, "сама жертва виновата", "TERM_VICTIM"),
        (En, "a virtual child abuse image", "TERM_AI"),
    ] {
        assert_eq!(avoided(text, language), [term], "{language}: {text}");
        let any = lint_any(text, Language::En);
        assert!(
            any.iter().any(|found| found.usage == Usage::Avoid),
            "found without knowing the language: {text}"
        );
    }
}

#[test]
fn what_is_preferred_is_not_found() {
    for term in Term::all() {
        for language in Language::ALL {
            let label = term.label_in(language);
            assert_eq!(avoided(label.pref, language), <[&str; 0]>::default(), "{language} {term}");
        }
    }
}

#[test]
fn a_term_is_seen_through_what_stands_within_it() {
    let all = [
        "child pornography",
        "Child Pornography",
        "child-pornography",
        "child\u{2011}pornography",
        "child\npornography",
        "child\r\n    pornography",
        "child&nbsp;pornography",
        "child&#32;pornography",
        "child&#x20;pornography",
        "child <b>pornography</b>",
        "<span class=\"x\">child</span>\n<em>pornography</em>",
        "child por<b>no</b>graphy",
        "child **porn**ography",
        "_child_ *pornography*",
        "`child` pornography",
        "> child\n> pornography",
        "child por\u{ad}nography",
        "child por&shy;nography",
        "child por\u{200b}nography",
        "child po\u{301}rnography",
        "ｃｈｉｌｄ ｐｏｒｎｏｇｒａｐｈｙ",
        "“child” pornography",
        "child_pornography",
        "<img alt=\"child pornography\">",
        "childrens’ pornography".trim_start_matches('x'),
        "child's pornography",
        "child<br>pornography",
        "child<br />\npornography",
        "child <!-- a comment --> pornography",
        "child por<!-- a comment -->nography",
        "child\n<!-- a comment -->\npornography",
        "[child](x) pornography",
        "[child](https://x.example/a_(b) \"of it\") [pornography](y)",
        "<!-- child <b>pornography</b> -->",
        "[x](child-pornography.md)",
    ];
    for text in all.iter().filter(|text| !text.starts_with("childrens")) {
        assert_eq!(avoided(text, Language::En), ["TERM_CSAM"], "{text}");
    }
}

#[test]
fn the_range_is_the_term_and_nothing_else() {
    let text = "So “child <b>pornography</b>”, they say";
    assert_eq!(uses(text, Language::En), [("TERM_CSAM", Usage::Avoid, "child <b>pornography")]);
    let text = "Zwei Minderjährige.";
    assert_eq!(uses(text, Language::De), [("TERM_CHILD", Usage::Caution, "Minderjährige")]);
}

#[test]
fn a_word_within_a_word_and_a_phrase_over_a_border_are_none() {
    for text in [
        "a pseudonym, pseudorandom",
        "minority, minors’ is another matter".split(',').next().unwrap(),
        "for the child. Pornography is",
        "| child | porn |",
        "a child\n\npornography",
        "<li>child</li><li>pornography</li>",
        "a child, pornography",
        "godchild pornographer",
        "1 < child pornograph > 2".split(" pornograph").next().unwrap(),
    ] {
        assert_eq!(uses(text, Language::En), [], "{text}");
    }
}

#[test]
fn plural_and_case_make_no_difference() {
    for text in ["minor", "Minors", "MINORS", "juveniles"] {
        assert_eq!(uses(text, Language::En).len(), 1, "{text}");
    }
    assert_eq!(uses("minored", Language::En), []);
    assert_eq!(uses("self-generated", Language::En)[0].1, Usage::Caution);
}

#[test]
fn of_uses_in_one_place_the_longest_counts_once() {
    let found = uses("minor prostitution by juveniles", Language::En);
    let expected =
        [("TERM_PROST", Usage::Avoid, "minor prostitution"), ("TERM_CHILD", Usage::Caution, "juveniles")];
    assert_eq!(found, expected);
}

#[test]
fn hostile_text_ends() {
    let long = "child ".repeat(100_000);
    assert_eq!(uses(&long, Language::En), []);
    for text in [
        "](",
        "](]()",
        "<!--",
        "<!---->",
        "<!-- <!-- -->",
        "<",
        "<<<<",
        "&",
        "&#xffffffff;",
        "<b",
        "child <",
        "*",
        "&#0;",
        "\u{202e}<!-- child",
    ] {
        let _ = lint_any(text, Language::En);
    }
    let open = "<".repeat(50_000);
    assert_eq!(uses(&open, Language::En), []);
    for opening in ["<!--", "](", "](("] {
        assert_eq!(uses(&opening.repeat(100_000), Language::En), [], "{opening}");
    }
}

#[test]
fn words_that_only_look_like_a_term_are_none() {
    for (text, language) in [
        ("pseudo-code and pseudo elements", Language::En),
        ("a virtual child process, virtual children of a node", Language::En),
        ("minor changes, a minor version; the minor release", Language::En),
        ("Пользователь сам виноват, она сама виновата", Language::Ru),
        ("يُحذف الملف ذاتيًا", Language::Ar),
    ] {
        assert_eq!(uses(text, language), [], "{text}");
    }
    assert_eq!(uses("a minor. Changes follow", Language::En).len(), 1, "the change is of another sentence");
    assert_eq!(uses("محتوى جنسي مُنتَج ذاتيًا", Language::Ar)[0].0, "TERM_SELFGEN");
}

#[test]
fn advice_is_in_the_language_of_what_was_found() {
    let advised = |found: Vec<TermUse>| found.into_iter().map(|found| found.language).collect::<Vec<_>>();
    for (text, language) in [
        ("pornô infantil", Language::Pt),
        ("PORNÔ INFANTIL", Language::Pt),
        ("porno\u{302} infantil", Language::Pt),
        ("pédopornographiques", Language::Fr),
        ("pe\u{301}dopornographiques", Language::Fr),
        ("pornografía infantil", Language::Es),
        ("pornografia infantil", Language::Pt),
        ("el turismo sexual infantil y los viajes", Language::Es),
        ("o turismo sexual infantil e as viagens dos homens", Language::Pt),
        ("revenge porn", Language::En),
        ("das ist der Revenge Porn", Language::De),
    ] {
        assert_eq!(advised(lint_any(text, Language::En)), [language], "{text}");
    }
    for language in [Language::Es, Language::Pt] {
        assert_eq!(advised(lint_stated("turismo sexual infantil", language)), [language]);
    }
    assert_eq!(advised(lint_stated("pornô infantil", Language::Es)), [Language::Pt], "its accents say so");
}
