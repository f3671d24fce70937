//! The page at the root of a folder that has no pages of its own: what is in it, and how it is read.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, html};

use super::answer::POLICY;
use super::folder::encoded;

/// A page with these names.
pub(super) fn page(names: &[String]) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Published here" }
            }
            body {
                h1 { "Published here" }
                @if names.is_empty() {
                    p { "Nothing yet. The first release brings its tables, the log that it stands in, and the feeds " code { "feed.atom" } " and " code { "feed.json" } "." }
                } @else {
                    p { "Releases, the log that they stand in, and feeds that tell of the next one. " code { "innerward pull" } " with the address of this page fetches them and checks their signatures." }
                    ul {
                        @for name in names {
                            li {
                                // Of a folder there is no page: its name alone helps whoever knows the release.
                                @if name.ends_with('/') { (name) } @else { a href=(encoded(name)) { (name) } }
                            }
                        }
                    }
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "public, max-age=60"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, page.into_string()).into_response()
}
