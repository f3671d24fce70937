//! The page on which a language is chosen: what this is, once in every language.

use maud::{DOCTYPE, Markup, html};

use super::Site;
use super::document::{demo_banner, direction, head, site_name};
use super::say::Voice;
use crate::language::{Arg, Locale};

pub(super) fn page(site: &Site<'_>) -> Markup {
    let first = site.locales.first().copied().unwrap_or(Locale::english());
    let voice = Voice::of(first);
    let name = site_name(site, &voice);
    let title = if site.demo { format!("{}: {name}", voice.t("demo-sign").plain()) } else { name.clone() };
    let latest = site.data.releases().iter().map(|release| release.manifest().period);
    let latest = latest.max_by_key(|period| period.last_day());
    html! {
        (DOCTYPE)
        html lang=(first.tag()) dir=(direction(first.is_right_to_left())) {
            head { (head(&title, "")) }
            body.start {
                @if site.demo { (demo_banner(&voice)) }
                main.frame #main {
                    h1 { bdi { (name) } }
                    ul {
                        @for locale in site.locales {
                            @let voice = Voice::of(locale);
                            li lang=(locale.tag()) dir=(direction(locale.is_right_to_left())) {
                                h2 { a href=(format!("{}/index.html", locale.tag())) hreflang=(locale.tag()) { (locale.endonym()) } }
                                p { (voice.t("start-what")) }
                                @if let Some(latest) = latest {
                                    p.soft { (voice.say("start-latest", &[("period", Arg::Text(&voice.period(latest)))])) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
