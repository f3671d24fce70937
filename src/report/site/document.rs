//! The frame of a page: head, policy, banners, languages, navigation.

use maud::{DOCTYPE, Markup, html};

use super::say::{Review, Said, UNCHECKED, Voice};
use super::{Page, Site};
use crate::language::{Arg, Locale};
use crate::report::place::Kind;

/// Nothing may be fetched from elsewhere, sent, or run but the site's own two files: the page asks the browser to hold it
/// to that. `file:` is for pages opened from a disk, where some browsers take `'self'` for nobody; on the web it allows
/// nothing more.
const POLICY: &str = "default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// What a page has to say.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) title: String,
    /// Above the heading.
    pub(super) kicker: Option<Markup>,
    pub(super) heading: Markup,
    /// Below the heading.
    pub(super) lead: Markup,
    pub(super) sections: Vec<Section>,
}

/// A part of a page.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) heading: Markup,
    pub(super) body: Markup,
}

/// The site's name: whose figures they are.
pub(super) fn site_name(site: &Site<'_>, voice: &Voice<'_>) -> String {
    match site.publisher() {
        Some(publisher) => {
            voice.say("site-one", &[("publisher", Arg::Name(spoken(publisher)))]).plain().to_owned()
        }
        None => voice.t("site-many").plain().to_owned(),
    }
}

/// A publisher's name within a sentence; where a demo's name says so itself, the banner has said it already.
pub(super) fn spoken(publisher: &str) -> &str {
    publisher.strip_prefix("DEMO: ").unwrap_or(publisher)
}

/// The head of a page, `up` levels below the root.
pub(super) fn head(title: &str, up: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content=(POLICY);
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="referrer" content="no-referrer";
        meta name="color-scheme" content="light dark";
        meta name="generator" content=(Kind::Report.generator());
        title { (title) }
        link rel="icon" href="data:,";
        link rel="stylesheet" href=(format!("{up}site.css"));
        script src=(format!("{up}site.js")) defer {}
    }
}

pub(super) fn direction(right_to_left: bool) -> &'static str {
    if right_to_left { "rtl" } else { "ltr" }
}

pub(super) fn demo_banner(voice: &Voice<'_>) -> Markup {
    html! {
        aside.demo aria-label=(voice.t("demo-sign").plain()) {
            p { strong { (voice.t("demo-sign")) } span { (voice.t("demo-text")) } }
        }
    }
}

/// A whole page.
pub(super) fn document(site: &Site<'_>, voice: &Voice<'_>, page: Page, content: &Content) -> Markup {
    let locale = voice.locale();
    let site_name = site_name(site, voice);
    let title = match page {
        Page::Overview => site_name.clone(),
        _ => voice
            .say("page-title", &[("page", Arg::Text(&content.title)), ("site", Arg::Text(&site_name))])
            .plain()
            .to_owned(),
    };
    let title =
        if site.demo { format!("{}{}{title}", voice.t("demo-sign").plain(), voice.colon()) } else { title };
    let header = html! {
        header.top {
            div.frame {
                p.home {
                    @if page == Page::Overview { bdi { (site_name) } } @else { a href="index.html" { bdi { (site_name) } } }
                }
                (languages(site, voice, page))
                nav.pages aria-label=(voice.t("nav-pages").plain()) { ul { (links(voice, page)) } }
            }
        }
    };
    let on_this_page = content.sections.len() > 2 && !matches!(page, Page::Brief | Page::Release(_));
    let sheet = html! {
        div.masthead {
            @if let Some(kicker) = &content.kicker { p.kicker { (kicker) } }
            h1 { (content.heading) }
            (content.lead)
        }
        @if on_this_page {
            nav.here aria-label=(voice.t("on-this-page").plain()) {
                p aria-hidden="true" { (voice.t("on-this-page")) }
                ul { @for section in &content.sections { li { a href=(format!("#{}", section.id)) { (section.heading) } } } }
            }
        }
        div.body {
            @for section in &content.sections {
                section #(section.id) {
                    h2 { (section.heading) }
                    (section.body)
                }
            }
        }
    };
    let footer = footer(site, voice);
    html! {
        (DOCTYPE)
        html lang=(locale.tag()) dir=(direction(locale.is_right_to_left())) {
            head { (head(&title, "../")) }
            body.(page.class()) {
                a.skip href="#main" { (voice.t("skip")) }
                @if site.demo { (demo_banner(voice)) }
                (header)
                main #main tabindex="-1" .frame.sheet.alone[!on_this_page] { (sheet) }
                // The note on the wording is made last: only then is it known which texts the page has used.
                footer { div.frame { (review(voice)) (footer) } }
            }
        }
    }
}

/// How far the wording of the page has been checked.
fn review(voice: &Voice<'_>) -> Markup {
    let text = match voice.review() {
        Review::Checked => return Markup::default(),
        Review::Some => voice.say("unreviewed-some", &[("mark", Arg::Text(UNCHECKED))]),
        Review::Machine => voice.t("unreviewed-machine"),
        Review::Draft => voice.t("unreviewed-draft"),
    };
    let lacking = voice.lacking() as u64;
    let sentence = |said: &Said| {
        let english = said.is_english();
        html! { p.review lang=[english.then_some("en")] dir=[english.then_some("ltr")] { (said.plain()) } }
    };
    html! {
        (sentence(&text))
        @if lacking > 0 { (sentence(&voice.say("review-lacking", &[("count", Arg::Number(lacking))]))) }
    }
}

/// The other pages.
fn links(voice: &Voice<'_>, page: Page) -> Markup {
    let links = [
        ("index.html", "nav-overview", page == Page::Overview),
        ("releases.html", "nav-releases", page == Page::Releases),
        ("method.html", "nav-method", page == Page::Method),
        ("data.html", "nav-data", page == Page::Data),
        ("glossary.html", "nav-glossary", page == Page::Glossary),
        ("brief.html", "nav-brief", page == Page::Brief),
    ];
    html! {
        @for (file, key, here) in links {
            li { a href=(file) aria-current=[here.then_some("page")] { (voice.t(key)) } }
        }
    }
}

/// The same page in every language, each by its own name; the list of releases where a language lacks the page of one.
fn languages(site: &Site<'_>, voice: &Voice<'_>, page: Page) -> Markup {
    let file = |locale: &Locale| if site.is_there(page, locale) { page } else { Page::Releases }.file(site);
    html! {
        @if site.locales.len() > 1 {
            nav.languages aria-label=(voice.t("languages").plain()) {
                ul { @for locale in site.locales {
                    @let here = locale.tag() == voice.locale().tag();
                    @let turned = locale.is_right_to_left() != voice.locale().is_right_to_left();
                    li { a href=(format!("../{}/{}", locale.tag(), file(locale))) hreflang=(locale.tag()) lang=(locale.tag())
                        dir=[turned.then(|| direction(locale.is_right_to_left()))] aria-current=[here.then_some("true")] { (locale.endonym()) } }
                } }
            }
        }
    }
}

fn footer(site: &Site<'_>, voice: &Voice<'_>) -> Markup {
    let program = site.data.releases().last().map_or("", |release| &release.manifest().made_with);
    html! {
        p { (voice.say("footer-made", &[("program", Arg::Name(program))])) }
        p { (voice.t("footer-nothing")) }
        @if site.demo { p { strong { (voice.t("demo-sign")) } (voice.stop()) (voice.t("demo-text")) } }
    }
}
