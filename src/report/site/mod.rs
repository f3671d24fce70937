//! The site: every page in every language, made from released values alone.
//!
//! A page is a function of the data, a language and nothing else, so pages are made in parallel and the same releases give
//! the same bytes. Every text comes from the language's strings, every label from the vocabulary; `maud` escapes whatever a
//! publisher wrote.

mod brief;
mod chart;
mod data_page;
mod document;
mod figures;
mod followed;
mod glossary;
mod method;
mod overview;
mod release_page;
mod say;
mod series_page;
mod squeeze;
mod start;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use maud::{Markup, html};
use rayon::prelude::*;

use self::followed::Followed;
use self::say::{Review, Voice};
use self::squeeze::squeezed;
use super::data::{DataSet, Finding, Series};
use super::package::Packed;
use crate::language::Locale;
use crate::release::Release;

/// The style of every page.
const STYLE: &str = include_str!("style.css");
/// What a script adds: values along a line, and rows that are filtered. Everything is there without it.
const SCRIPT: &str = include_str!("site.js");

/// Releases whose period ended longer ago than this before their publisher's latest have a page in the leading language
/// alone: what they say over time stands on other pages in every language, and years of pages would outgrow the data.
const YEARS_IN_EVERY_LANGUAGE: i16 = 2;

/// The most findings of a page.
const MOST_FINDINGS: usize = 3;

/// The pages that every site has, by their file names; no series may take one of them.
const PAGES: [&str; 6] = ["index", "releases", "method", "data", "glossary", "brief"];

/// A file of the site: its path below the folder, with `/`, and its content.
pub(super) type SiteFile = (String, Vec<u8>);

/// What every page is made from.
#[derive(Debug)]
pub(super) struct Site<'a> {
    data: &'a DataSet<'a>,
    followed: Vec<Followed<'a>>,
    findings: Vec<Finding>,
    /// The file names of the pages of the series, in their order, without ending.
    series_names: Vec<String>,
    /// The names of the releases' folders and pages, in their order.
    release_names: Vec<String>,
    publishers: Vec<&'a str>,
    locales: &'a [&'a Locale],
    packed: &'a [Packed],
    /// True if any of it is made up.
    demo: bool,
}

impl<'a> Site<'a> {
    /// `release_names` are those of [`release_names`].
    pub(super) fn of(
        data: &'a DataSet<'a>,
        release_names: Vec<String>,
        locales: &'a [&'a Locale],
        packed: &'a [Packed],
    ) -> Self {
        let mut publishers: Vec<&str> =
            data.releases().iter().map(|release| release.manifest().publisher.as_str()).collect();
        publishers.dedup();
        let followed = data.series().par_iter().map(Followed::of).collect();
        let mut taken: BTreeSet<String> = PAGES.map(str::to_owned).into();
        taken.extend(release_names.iter().map(|name| format!("release-{}", name.to_ascii_lowercase())));
        let several = is_of_several(data);
        let series_names = data
            .series()
            .iter()
            .map(|series| free_name(&of_publisher(&slug(series.name), series.publisher, several), &mut taken))
            .collect();
        let demo = data.releases().iter().any(|release| release.manifest().demo);
        let findings = data.findings(MOST_FINDINGS);
        Self { data, followed, findings, series_names, release_names, publishers, locales, packed, demo }
    }

    /// Every file of the site but the releases and the packages.
    pub(super) fn files(&self) -> Vec<SiteFile> {
        let mut tasks = vec![Task::Start];
        for locale in self.locales {
            let pages = Page::all(self).filter(|page| self.is_there(*page, locale));
            tasks.extend(pages.map(|page| Task::Page(locale, page)));
            tasks.push(Task::BriefText(locale));
        }
        let mut files: Vec<SiteFile> = tasks.into_par_iter().map(|task| task.file(self)).collect();
        files.push(("site.css".into(), STYLE.into()));
        files.push(("site.js".into(), SCRIPT.into()));
        files
    }

    /// The publisher, if there is only one.
    fn publisher(&self) -> Option<&'a str> {
        match self.publishers[..] {
            [publisher] => Some(publisher),
            _ => None,
        }
    }

    /// The latest release of each publisher, none of which a later one has replaced.
    fn latest_releases(&self) -> Vec<&'a Release> {
        let mut latest: BTreeMap<&str, &Release> = BTreeMap::new();
        for &release in self.data.releases() {
            if self.data.successor(release).is_none() {
                let known = latest.entry(&release.manifest().publisher).or_insert(release);
                if release.manifest().period.last_day() >= known.manifest().period.last_day() {
                    *known = release;
                }
            }
        }
        latest.into_values().collect()
    }

    /// The language that leads: the first.
    fn leading(&self) -> &'a Locale {
        self.locales[0]
    }

    /// True if the page is there in the language.
    fn is_there(&self, page: Page, locale: &Locale) -> bool {
        let Page::Release(at) = page else { return true };
        let manifest = self.data.releases()[at].manifest();
        let of_publisher = self.data.releases().iter().map(|release| release.manifest());
        let of_publisher = of_publisher.filter(|other| other.publisher == manifest.publisher);
        let latest = of_publisher.map(|other| other.period.last_day()).max();
        locale.tag() == self.leading().tag()
            || latest.is_none_or(|latest| {
                manifest.period.last_day()
                    > latest.saturating_sub(jiff::Span::new().years(YEARS_IN_EVERY_LANGUAGE))
            })
    }

    /// The link to the page of a release from one in `locale`: in that language, or else in the leading one.
    fn release_link(&self, release: &Release, locale: &Locale, text: Markup) -> Markup {
        let page = Page::Release(self.release_at(release));
        let file = page.file(self);
        if self.is_there(page, locale) {
            return html! { a href=(file) { (text) } };
        }
        let leading = self.leading().tag();
        html! { a href=(format!("../{leading}/{file}")) hreflang=(leading) { (text) } }
    }

    fn series_name(&self, series: &Series<'_>) -> &str {
        let at = self.data.series().iter().position(|other| std::ptr::eq(other, series));
        &self.series_names[at.expect("a series of this set")]
    }

    fn release_at(&self, release: &Release) -> usize {
        let at = self.data.releases().iter().position(|other| std::ptr::eq(*other, release));
        at.expect("a release of this set")
    }

    fn release_name(&self, release: &Release) -> &str {
        &self.release_names[self.release_at(release)]
    }
}

/// One name for each release of the set: its own, and where there are several publishers with that of its publisher, so that
/// a link still leads to the same release when another publisher comes.
pub(super) fn release_names(data: &DataSet<'_>) -> Vec<String> {
    let manifests = data.releases().iter().map(|release| release.manifest());
    let several = is_of_several(data);
    let mut taken = BTreeSet::new();
    manifests
        .map(|manifest| {
            free_name(&of_publisher(&manifest.release_id, &manifest.publisher, several), &mut taken)
        })
        .collect()
}

/// True if the data are of several publishers.
fn is_of_several(data: &DataSet<'_>) -> bool {
    data.releases().windows(2).any(|pair| pair[0].manifest().publisher != pair[1].manifest().publisher)
}

/// `name`, or `name-of-publisher` where there are several.
fn of_publisher(name: &str, publisher: &str, several: bool) -> String {
    if several { format!("{name}-{}", publisher_slug(publisher)) } else { name.to_owned() }
}

/// The name of a publisher as a part of the name of a file: its words, or a checksum of it where it has none in ASCII.
fn publisher_slug(publisher: &str) -> String {
    let words = publisher.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() || !publisher.is_ascii() {
        let sum = blake3::hash(publisher.as_bytes()).to_hex();
        return format!("{}-{}", &slug[..slug.len().min(40)], &sum[..8]).trim_start_matches('-').to_owned();
    }
    slug[..slug.len().min(60)].to_owned()
}

/// `name`, or `name-2` and so on, so that no two differ by the case of letters alone.
fn free_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut tried = name.to_owned();
    for number in 2.. {
        if taken.insert(tried.to_ascii_lowercase()) {
            break;
        }
        tried = format!("{name}-{number}");
    }
    tried
}

/// The name of a table as the name of a file.
fn slug(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    name.chars().take(60).map(safe).collect()
}

/// A page of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Overview,
    /// By its place in the data.
    Series(usize),
    Releases,
    /// By its place in the data.
    Release(usize),
    Method,
    Data,
    Glossary,
    Brief,
}

impl Page {
    fn all(site: &Site<'_>) -> impl Iterator<Item = Page> + use<> {
        let standing =
            [Self::Overview, Self::Releases, Self::Method, Self::Data, Self::Glossary, Self::Brief];
        let series = (0..site.followed.len()).map(Self::Series);
        standing.into_iter().chain(series).chain((0..site.release_names.len()).map(Self::Release))
    }

    /// The name of its file within the folder of a language.
    fn file(self, site: &Site<'_>) -> String {
        match self {
            Self::Overview => "index.html".into(),
            Self::Series(at) => format!("{}.html", site.series_names[at]),
            Self::Releases => "releases.html".into(),
            Self::Release(at) => format!("release-{}.html", site.release_names[at]),
            Self::Method => "method.html".into(),
            Self::Data => "data.html".into(),
            Self::Glossary => "glossary.html".into(),
            Self::Brief => "brief.html".into(),
        }
    }

    /// What the style sheet calls it.
    fn class(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Series(_) => "series",
            Self::Releases => "releases",
            Self::Release(_) => "release",
            Self::Method => "method",
            Self::Data => "data",
            Self::Glossary => "glossary",
            Self::Brief => "brief",
        }
    }

    fn draw(self, site: &Site<'_>, voice: &Voice<'_>) -> document::Content {
        match self {
            Self::Overview => overview::page(site, voice),
            Self::Series(at) => series_page::page(site, voice, &site.followed[at]),
            Self::Releases => release_page::list(site, voice),
            Self::Release(at) => release_page::page(site, voice, site.data.releases()[at]),
            Self::Method => method::page(site, voice),
            Self::Data => data_page::page(site, voice),
            Self::Glossary => glossary::page(site, voice),
            Self::Brief => brief::page(site, voice),
        }
    }

    /// The page in a language. Where some of its texts are checked and some are not, it is drawn once more with marks.
    fn render(self, site: &Site<'_>, locale: &Locale) -> Markup {
        let voice = Voice::of(locale);
        let markup = document::document(site, &voice, self, &self.draw(site, &voice));
        if voice.review() != Review::Some {
            return markup;
        }
        let voice = Voice::marking(locale);
        let content = self.draw(site, &voice);
        document::document(site, &voice, self, &content)
    }
}

enum Task<'a> {
    Start,
    Page(&'a Locale, Page),
    BriefText(&'a Locale),
}

impl Task<'_> {
    fn file(self, site: &Site<'_>) -> SiteFile {
        match self {
            Self::Start => ("index.html".into(), squeezed(&start::page(site).into_string()).into_bytes()),
            Self::Page(locale, page) => {
                let path = format!("{}/{}", locale.tag(), page.file(site));
                (path, squeezed(&page.render(site, locale).into_string()).into_bytes())
            }
            Self::BriefText(locale) => {
                let text = brief::paragraph(site, &Voice::of(locale));
                (format!("{}/brief.txt", locale.tag()), text.into_bytes())
            }
        }
    }
}

/// Where a file of the site lies.
pub(super) fn path(below: &str) -> PathBuf {
    below.split('/').collect()
}

#[cfg(test)]
mod tests;
