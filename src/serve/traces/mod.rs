//! Traces of requests for a collector of OpenTelemetry, in builds with the feature `otel`; without it there are none, and
//! whoever asks for them is told so.
//!
//! A span carries the pattern of the path, the method, the status and how long it took; never a path, a query, a hash, a name,
//! a note, a token or an address. What it measures is closed as well: [`Part`].

#[cfg(not(feature = "otel"))]
mod off;
#[cfg(feature = "otel")]
mod on;
#[cfg(feature = "otel")]
mod sender;

#[cfg(feature = "otel")]
#[cfg(test)]
mod testing;
#[cfg(feature = "otel")]
#[cfg(test)]
mod tests;

#[cfg(not(feature = "otel"))]
pub(super) use off::{here, part, waited};
#[cfg(feature = "otel")]
pub(super) use on::{Traces, here, part, waited};

use super::SettingsError;
use crate::home::ServeConfig;

/// Where spans go, and of how many requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSettings {
    /// Where the collector takes them by OTLP over HTTP, its path included.
    pub endpoint: String,
    /// Of the requests that belong to no trace yet, one in so many begins one.
    pub one_in: u64,
}

/// A part of the work on a request that is measured on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Decoding, and making hashes of it.
    Hash,
    /// Looking hashes up.
    Match,
    /// Waiting until an item is counted.
    Count,
}

impl Part {
    #[cfg(feature = "otel")]
    const fn as_str(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Match => "match",
            Self::Count => "count",
        }
    }
}

/// What an operator of collectors would take for the place of all signals; spans have a path of their own below it.
const PATH: &str = "/v1/traces";
/// More than anybody traces one of.
const MOST_ONE_IN: u64 = 1_000_000;

impl TraceSettings {
    /// As `config` has it; `None` without a collector.
    ///
    /// # Errors
    /// [`SettingsError`] for what is no URL of a collector, and in a build without the feature.
    pub(super) fn of(config: &ServeConfig) -> Result<Option<Self>, SettingsError> {
        let Some(url) = &config.traces else {
            return match config.traces_one_in {
                Some(_) => Err(SettingsError::Alone { key: "traces_one_in", other: "traces" }),
                None => Ok(None),
            };
        };
        if !cfg!(feature = "otel") {
            return Err(SettingsError::Feature { key: "traces", feature: "otel" });
        }
        let refused = |found: &str| SettingsError::Value {
            key: "traces",
            expected: "the URL of a collector, such as http://127.0.0.1:4318, without a name, password or query",
            found: found.to_owned(),
        };
        let uri: axum::http::Uri = url.parse().map_err(|_| refused(url))?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        match uri.authority() {
            // A password is not said again.
            Some(authority) if authority.as_str().contains('@') => {
                return Err(refused("one with a name in it"));
            }
            Some(_) if is_web && uri.query().is_none() => {}
            _ => return Err(refused(url)),
        }
        let one_in = config.traces_one_in.unwrap_or(1);
        if !(1..=MOST_ONE_IN).contains(&one_in) {
            let (expected, found) = ("1 to 1000000 requests", one_in.to_string());
            return Err(SettingsError::Value { key: "traces_one_in", expected, found });
        }
        let base = url.trim_end_matches('/');
        let endpoint = if base.ends_with(PATH) { base.to_owned() } else { format!("{base}{PATH}") };
        Ok(Some(Self { endpoint, one_in }))
    }
}

#[cfg(test)]
mod settings_tests {
    use super::*;

    fn of(text: &str) -> Result<Option<TraceSettings>, SettingsError> {
        TraceSettings::of(&toml::from_str(text).unwrap())
    }

    #[test]
    fn without_a_collector_nothing_is_traced() {
        assert_eq!(of(""), Ok(None));
        assert!(of("traces_one_in = 3").unwrap_err().to_string().contains("traces"));
    }

    #[cfg(not(feature = "otel"))]
    #[test]
    fn a_build_without_traces_says_which_feature_has_them() {
        let error = of("traces = \"http://127.0.0.1:4318\"").unwrap_err().to_string();
        assert!(error.contains("traces") && error.contains("--features otel"), "{error}");
    }

    #[cfg(feature = "otel")]
    #[test]
    fn a_collector_is_a_url_and_its_path_is_found() {
        for (url, endpoint) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            ("https://[::1]/otlp", "https://[::1]/otlp/v1/traces"),
            ("http://c:1/v1/traces", "http://c:1/v1/traces"),
        ] {
            let settings = of(&format!("traces = {url:?}")).unwrap().unwrap();
            assert_eq!((&*settings.endpoint, settings.one_in), (endpoint, 1), "{url}");
        }
        for url in ["127.0.0.1:4318", "grpc://c:4317", "http://a:secret@c", "http://c?x=1", "", "http:///x"] {
            let error = of(&format!("traces = {url:?}")).unwrap_err().to_string();
            assert!(error.contains("traces") && !error.contains("secret"), "{url}: {error}");
        }
        for one_in in ["0", "1000001"] {
            assert!(of(&format!("traces = \"http://c\"\ntraces_one_in = {one_in}")).is_err(), "{one_in}");
        }
    }
}
