//! How a service is set up: from `[serve]` in `innerward.toml` and from the command line.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Scope;
use super::fetch::FetchSettings;
use super::shadow::ShadowSettings;
use super::traces::TraceSettings;
use crate::digest::Fidelity;
use crate::home::{FetchConfig, ServeConfig};
use crate::jail::most_files;
use crate::media::Limits;

/// Where the service listens if nothing else is said.
const DEFAULT_LISTEN: &str = "127.0.0.1:8420";
/// Connections unless something else is said.
const CONNECTIONS: usize = 4096;
/// Files that are left to workers, lists and the database, whatever the connections take.
const FILES_TO_SPARE: u64 = 512;
/// Bounds in seconds end at a day.
const MOST_SECONDS: u64 = 86_400;

/// How a service is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Most bytes of an upload.
    pub max_upload_bytes: u64,
    /// Most bytes of any other body.
    pub max_body_bytes: usize,
    /// Most bytes of a list that is brought into a set.
    pub max_list_bytes: u64,
    /// Most hashes of one request.
    pub max_batch: usize,
    /// What everybody may do without a token; empty unless the operator says so.
    pub open: Vec<Scope>,
    /// Where a URL may be fetched from; `None` if none is fetched.
    pub fetch: Option<FetchSettings>,
    /// The HMA to which what is answered on its paths is sent as well, to compare; `None` for none.
    pub shadow: Option<ShadowSettings>,
    /// Where spans of requests are sent; `None` for nowhere.
    pub traces: Option<TraceSettings>,
    /// What is screened is counted in the tally.
    pub count: bool,
    /// Most bytes of uploads and other bodies in memory at a time, all together.
    pub max_held_memory_bytes: u64,
    /// Most bytes of one upload in memory; a longer one is in a file without a name in the home.
    pub max_memory_upload_bytes: u64,
    /// Most bytes of uploads in such files, all together; 0 for none, so that no upload is ever on a disk.
    pub max_held_disk_bytes: u64,
    /// Bounds for decoders, and the forms to make.
    pub limits: Limits,
    /// How exact the first look at an item that is screened is; the verdict is that of the reference.
    pub fidelity: Fidelity,
    /// Where it listens by TCP.
    pub listen: Vec<SocketAddr>,
    /// The Unix socket at which it listens.
    pub socket: Option<PathBuf>,
    /// Permissions of that socket.
    pub socket_mode: u32,
    /// TLS on every TCP address; `None` without.
    pub tls: Option<TlsSettings>,
    /// [`Settings::open`] holds beyond loopback too.
    pub open_beyond_loopback: bool,
    /// Beyond loopback it listens even without TLS.
    pub insecure_beyond_loopback: bool,
    /// Most connections at a time.
    pub max_connections: usize,
    /// How long a connection may be idle, or take over the head of a request or the TLS handshake.
    pub idle: Duration,
    /// How long a client may send nothing of a body, or take nothing of an answer.
    pub stall: Duration,
    /// How long a request may take, its body included.
    pub request: Duration,
    /// How long requests have to finish once the service is asked to end.
    pub drain: Duration,
    /// Browsers reach the console over TLS, so that its cookies are never sent without.
    pub secure_cookies: bool,
}

/// The files of TLS. All are read again when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// The chain, in PEM.
    pub certificate: PathBuf,
    /// The key, in PEM.
    pub key: PathBuf,
    /// Authorities whose certificates clients show, in PEM; `None` if clients are not asked.
    pub client_ca: Option<PathBuf>,
    /// A client may have none.
    pub client_optional: bool,
}

/// A setting that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A key has a value that it cannot have.
    #[error("{key} under [serve] of innerward.toml (or its flag) is {expected}, not {found:?}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// This build was made without what a key asks for.
    #[error("{key} needs a build with the feature {feature}: cargo build --release --features {feature}")]
    Feature {
        /// The key.
        key: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// One key needs another.
    #[error("{key} needs {other} as well")]
    Alone {
        /// What was given.
        key: &'static str,
        /// What is missing.
        other: &'static str,
    },
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_upload_bytes: 100 << 20,
            max_body_bytes: 16 << 20,
            max_list_bytes: 8 << 30,
            max_batch: 10_000,
            open: Vec::new(),
            fetch: None,
            shadow: None,
            traces: None,
            count: true,
            max_held_memory_bytes: 256 << 20,
            max_memory_upload_bytes: 32 << 20,
            max_held_disk_bytes: 8 << 30,
            limits: Limits::default(),
            fidelity: Fidelity::default(),
            listen: Vec::new(),
            socket: None,
            socket_mode: 0o600,
            tls: None,
            open_beyond_loopback: false,
            insecure_beyond_loopback: false,
            max_connections: CONNECTIONS,
            idle: Duration::from_secs(75),
            stall: Duration::from_secs(20),
            request: Duration::from_secs(300),
            drain: Duration::from_secs(30),
            secure_cookies: false,
        }
    }
}

impl Settings {
    /// As `config` has it; relative paths begin at `root`.
    ///
    /// # Errors
    /// [`SettingsError`] that names the key.
    pub fn of(config: &ServeConfig, root: &Path) -> Result<Self, SettingsError> {
        let default = Self::default();
        let place = |path: &Option<PathBuf>| path.as_ref().map(|path| root.join(path));
        let room = usize::try_from(most_files().saturating_sub(FILES_TO_SPARE)).unwrap_or(usize::MAX);
        let connections = amount("max_connections", config.max_connections, CONNECTIONS as u64)?;
        let body = amount("max_body_bytes", config.max_body_bytes, default.max_body_bytes as u64)?;
        let max_upload_bytes = amount("max_upload_bytes", config.max_upload_bytes, default.max_upload_bytes)?;
        Ok(Self {
            max_upload_bytes,
            max_body_bytes: usize::try_from(body).unwrap_or(usize::MAX),
            max_batch: usize::try_from(amount("max_batch", config.max_batch, default.max_batch as u64)?)
                .unwrap_or(usize::MAX),
            open: scopes(&config.open)?,
            fetch: config.fetch.as_ref().map(|fetch| fetching(fetch, max_upload_bytes)).transpose()?,
            shadow: config.shadow.as_deref().map(shadow).transpose()?,
            traces: TraceSettings::of(config)?,
            count: !config.no_count,
            listen: addresses(config)?,
            socket: place(&config.socket),
            socket_mode: socket_mode(config.socket_mode.as_deref())?,
            tls: tls(config, place)?,
            open_beyond_loopback: config.open_beyond_loopback,
            insecure_beyond_loopback: config.insecure_beyond_loopback,
            max_connections: usize::try_from(connections).unwrap_or(usize::MAX).min(room.max(16)),
            idle: seconds("idle_seconds", config.idle_seconds, default.idle)?,
            stall: seconds("stall_seconds", config.stall_seconds, default.stall)?,
            request: seconds("request_seconds", config.request_seconds, default.request)?,
            drain: seconds("drain_seconds", config.drain_seconds, default.drain)?,
            secure_cookies: config.secure_cookies || config.tls_certificate.is_some(),
            max_held_memory_bytes: amount(
                "max_held_memory_bytes",
                config.max_held_memory_bytes,
                default.max_held_memory_bytes,
            )?,
            max_memory_upload_bytes: config
                .max_memory_upload_bytes
                .unwrap_or(default.max_memory_upload_bytes),
            max_held_disk_bytes: config.max_held_disk_bytes.unwrap_or(default.max_held_disk_bytes),
            max_list_bytes: amount("max_list_bytes", config.max_list_bytes, default.max_list_bytes)?,
            limits: default.limits,
            // As `screen` does: no verdict rests on another hash than the reference where that could make a difference.
            fidelity: Fidelity::Fast,
        })
    }
}

fn addresses(config: &ServeConfig) -> Result<Vec<SocketAddr>, SettingsError> {
    let default = || if config.socket.is_some() { Vec::new() } else { vec![DEFAULT_LISTEN.to_owned()] };
    let texts = config.listen.clone().unwrap_or_else(default);
    let expected = "addresses such as 127.0.0.1:8420 or [::1]:8420, an IP address and a port each";
    let parse = |text: String| {
        text.parse().map_err(|_| SettingsError::Value { key: "listen", expected, found: text })
    };
    texts.into_iter().map(parse).collect()
}

fn socket_mode(text: Option<&str>) -> Result<u32, SettingsError> {
    match text {
        None | Some("0600") => Ok(0o600),
        Some("0660") => Ok(0o660),
        Some(other) => Err(SettingsError::Value {
            key: "socket_mode",
            expected: "\"0600\" or \"0660\"",
            found: other.into(),
        }),
    }
}

fn tls(
    config: &ServeConfig,
    place: impl Fn(&Option<PathBuf>) -> Option<PathBuf>,
) -> Result<Option<TlsSettings>, SettingsError> {
    let alone = |key, other| Err(SettingsError::Alone { key, other });
    match (place(&config.tls_certificate), place(&config.tls_key)) {
        (Some(certificate), Some(key)) => Ok(Some(TlsSettings {
            certificate,
            key,
            client_ca: place(&config.client_ca),
            client_optional: config.client_certificate_optional,
        })),
        (Some(_), None) => alone("tls_certificate", "tls_key"),
        (None, Some(_)) => alone("tls_key", "tls_certificate"),
        (None, None) if config.client_ca.is_some() => alone("client_ca", "tls_certificate"),
        (None, None) => Ok(None),
    }
}

fn scopes(names: &[String]) -> Result<Vec<Scope>, SettingsError> {
    let expected = "scopes: match, manage, decide, tally, release, metrics";
    let parse = |name: &String| {
        let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == name);
        found.ok_or_else(|| SettingsError::Value { key: "open", expected, found: name.clone() })
    };
    names.iter().map(parse).collect()
}

fn fetching(config: &FetchConfig, upload: u64) -> Result<FetchSettings, SettingsError> {
    if config.hosts.is_empty() {
        return Err(SettingsError::Alone { key: "[serve.fetch]", other: "hosts" });
    }
    let default = Duration::from_secs(FetchSettings::default().max_seconds);
    Ok(FetchSettings {
        hosts: config.hosts.clone(),
        max_bytes: amount("max_bytes", config.max_bytes, upload)?,
        max_seconds: seconds("max_seconds", config.max_seconds, default)?.as_secs(),
        ports: config.ports.clone(),
        ..FetchSettings::default()
    })
}

fn shadow(url: &str) -> Result<ShadowSettings, SettingsError> {
    let expected = ShadowSettings::EXPECTED;
    // With a user in it, there may be a password too.
    let found = || if url.contains('@') { "an address with a user in it".to_owned() } else { url.to_owned() };
    ShadowSettings::new(url).ok_or_else(|| SettingsError::Value { key: "shadow", expected, found: found() })
}

fn amount(key: &'static str, value: Option<u64>, default: u64) -> Result<u64, SettingsError> {
    match value {
        Some(0) => Err(SettingsError::Value { key, expected: "1 or more", found: "0".into() }),
        value => Ok(value.unwrap_or(default)),
    }
}

fn seconds(key: &'static str, value: Option<u64>, default: Duration) -> Result<Duration, SettingsError> {
    match value {
        Some(seconds) if !(1..=MOST_SECONDS).contains(&seconds) => {
            Err(SettingsError::Value { key, expected: "1 to 86400 seconds", found: seconds.to_string() })
        }
        value => Ok(value.map_or(default, Duration::from_secs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Settings, SettingsError> {
        let config: ServeConfig = toml::from_str(text).unwrap();
        Settings::of(&config, Path::new("/ward"))
    }

    #[test]
    fn without_a_word_it_listens_on_loopback_alone() {
        let settings = of("").unwrap();
        assert!(settings.listen.iter().all(|address| address.ip().is_loopback()));
        assert_eq!(settings.listen.len(), 1);
        assert!(settings.open.is_empty() && settings.tls.is_none());
        assert!(of("socket = \"s\"").unwrap().listen.is_empty(), "a socket stands for the address");
    }

    #[test]
    fn what_uploads_may_hold_is_set_and_a_disk_can_be_left_out() {
        let settings =
            of("max_held_memory_bytes = 7\nmax_memory_upload_bytes = 5\nmax_held_disk_bytes = 0").unwrap();
        let bounds = (settings.max_held_memory_bytes, settings.max_memory_upload_bytes);
        assert_eq!((bounds, settings.max_held_disk_bytes), ((7, 5), 0));
    }

    #[test]
    fn paths_begin_at_the_home() {
        let settings = of("socket = \"s\"\ntls_certificate = \"c.pem\"\ntls_key = \"/k.pem\"").unwrap();
        assert_eq!(settings.socket, Some("/ward/s".into()));
        let tls = settings.tls.unwrap();
        assert_eq!((tls.certificate, tls.key), ("/ward/c.pem".into(), "/k.pem".into()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (text, word) in [
            ("listen = [\"localhost\"]", "listen"),
            ("socket_mode = \"0666\"", "socket_mode"),
            ("open = [\"all\"]", "open"),
            ("tls_key = \"k\"", "tls_certificate"),
            ("client_ca = \"c\"", "tls_certificate"),
            ("idle_seconds = 0", "idle_seconds"),
            ("request_seconds = 86401", "request_seconds"),
            ("max_batch = 0", "max_batch"),
            ("max_held_memory_bytes = 0", "max_held_memory_bytes"),
            ("[fetch]\nmax_bytes = 3", "hosts"),
            ("shadow = \"hma:5100\"", "--shadow"),
            ("shadow = \"ftp://hma\"", "--shadow"),
            ("shadow = \"http://me:secret@hma:5100\"", "a user in it"),
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
        assert!(toml::from_str::<ServeConfig>("liste = 1").is_err(), "unknown keys are refused");
    }

    #[test]
    fn the_guide_has_every_key_and_its_example_holds() {
        let guide = include_str!("../../docs/serve.md");
        let example = guide.split("```toml\n[serve]\n").nth(1).unwrap().split("```").next().unwrap();
        assert_eq!(of(example).unwrap().max_upload_bytes, 50_000_000);
        let refused = toml::from_str::<ServeConfig>("colour = 1").unwrap_err().to_string();
        let keys: Vec<&str> =
            refused.split("expected one of").nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(keys.len() > 15, "{refused}");
        for key in keys.into_iter().filter(|key| *key != "fetch") {
            assert!(guide.contains(&format!("`{key}`")), "docs/serve.md does not have {key}");
        }
    }
}
