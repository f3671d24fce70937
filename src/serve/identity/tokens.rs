//! The tokens of a home: `tokens.json`, 0600, replaced as a whole under a lock of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::secret::Print;
use super::{ClientCertificate, Rate, Scope, Secret, Span};
use crate::home::{Home, HomeError, open_unfollowed, write_atomic};
use crate::tally::Brought;
use crate::vocabulary::{Code, Dimension};

/// Most tokens of a home, revoked ones included.
const MOST_TOKENS: usize = 10_000;
/// Most bytes of the file: room for as many.
const MAX_BYTES: u64 = 16 << 20;
/// Secrets of one token that work at a time, and certificates: the newest, and those that it overlaps with.
pub(super) const MOST_SECRETS: usize = 4;
/// Names that a caller has who holds no token.
const RESERVED: [&str; 2] = ["anybody", "innerward"];

/// What can go wrong with tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The home cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The file is not what was written.
    #[error("{} is damaged ({cause}); restore it from a backup, or mend what is wrong", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The place, without what stands there.
        cause: String,
    },
    /// The name is in use, or was.
    #[error(
        "there is a token called {0} already, or was; a name stands for one token for ever, so choose another"
    )]
    Taken(TokenName),
    /// There is no such token.
    #[error("there is no token called {0}; `innerward token list` shows those that there are")]
    Unknown(TokenName),
    /// It was revoked, which is for ever.
    #[error("the token {0} is revoked, and stays so; create another one")]
    Revoked(TokenName),
    /// It may do nothing.
    #[error("a token needs a scope: --scope match, for example")]
    NoScope,
    /// A limit that is none.
    #[error("{what} is 1 to {most}")]
    Limit {
        /// Which.
        what: &'static str,
        /// The most.
        most: u64,
    },
    /// The certificate stands for another token.
    #[error("that certificate stands for the token {0} already; revoke that one first")]
    CertificateTaken(TokenName),
    /// There is no secret to rotate.
    #[error("the token {0} has no secret, only a certificate; rotate that: --certificate FILE")]
    NoSecret(TokenName),
    /// Nothing would let its holder in.
    #[error(
        "the token {0} has no secret, and without its certificate nothing would stand for it; revoke it instead"
    )]
    NothingLeft(TokenName),
    /// It was rotated too often at once.
    #[error(
        "four secrets or certificates of the token {0} work at this moment; wait until the overlap is over, or revoke it"
    )]
    TooManySecrets(TokenName),
    /// There is no room.
    #[error("there are {MOST_TOKENS} tokens, the most that a home has")]
    TooMany,
}

/// The name of a token: 1 to 64 of `A-Z a-z 0-9 . _ -`. It stands in the audit and in logs, so it names a service or a role
/// rather than a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenName(String);

/// What is no name of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a token is 1 to 64 of A-Z a-z 0-9 . _ - and not `anybody` or `innerward`")]
pub struct TokenNameError;

impl TokenName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TokenName {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, TokenNameError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_name = (1..=64).contains(&text.len()) && text.bytes().all(fits) && !RESERVED.contains(&text);
        if is_name { Ok(Self(text.to_owned())) } else { Err(TokenNameError) }
    }
}

impl Serialize for TokenName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TokenName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a token allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// For what.
    pub scopes: BTreeSet<Scope>,
    /// How many requests; `None`: as many as come.
    pub rate: Option<Rate>,
    /// How many at the same time, until their answers are sent; `None`: as many as come.
    pub concurrency: Option<u32>,
    /// How many look-ups a day (UTC); `None`: as many as come.
    pub quota: Option<u64>,
    /// The channel that what it sends in is counted in, a code of [`Dimension::Channel`].
    #[serde(with = "channel")]
    pub channel: Option<Code>,
    /// The country, and its part in the matter, as [`Brought::region`] has it.
    #[serde(with = "region")]
    pub region: Option<(Code, Code)>,
    /// The client certificate that stands for the token.
    pub certificate: Option<ClientCertificate>,
}

impl Grant {
    /// The most requests at the same time.
    pub const MOST_AT_ONCE: u32 = 1_000_000;
    /// The most look-ups a day.
    pub const MOST_LOOKUPS: u64 = 1_000_000_000_000;

    pub(super) fn check(&self) -> Result<(), TokenError> {
        let limit = |what, most| Err(TokenError::Limit { what, most });
        if self.scopes.is_empty() {
            return Err(TokenError::NoScope);
        }
        if self.rate.is_some_and(|rate| !rate.is_sensible()) {
            return limit("a rate or a burst", u64::from(Rate::MOST));
        }
        if self.concurrency.is_some_and(|most| !(1..=Self::MOST_AT_ONCE).contains(&most)) {
            return limit("the number of requests at the same time", u64::from(Self::MOST_AT_ONCE));
        }
        match self.quota {
            Some(quota) if !(1..=Self::MOST_LOOKUPS).contains(&quota) => limit("a quota", Self::MOST_LOOKUPS),
            _ => Ok(()),
        }
    }
}

/// A token, without the secrets that it was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// What it allows.
    pub grant: Grant,
    /// When it was created, or rotated last.
    pub made: Timestamp,
    /// From when on it does not work any more; `None`: never.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// The newest last.
    pub(super) secrets: Vec<Kept>,
    /// Certificates before the one of the grant; the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) former: Vec<Former>,
}

/// A certificate that another took the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Former {
    pub(super) certificate: ClientCertificate,
    /// Until when it stands for the token all the same.
    pub(super) until: Timestamp,
}

/// What is kept of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) blake3: Print,
    /// Until when it works if a newer one took its place.
    pub(super) until: Option<Timestamp>,
}

impl Token {
    /// True if it was revoked or its term is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked.is_some() || self.expires.is_some_and(|expires| expires <= now)
    }

    /// How many of its secrets work.
    #[must_use]
    pub fn secrets(&self, now: Timestamp) -> usize {
        if self.is_over(now) { 0 } else { self.prints().filter(|(_, until)| *until > now).count() }
    }

    /// The certificates before the one of the grant that stand for it all the same, each with the moment from which on it does
    /// not; the newest last.
    pub fn former_certificates(
        &self,
        now: Timestamp,
    ) -> impl Iterator<Item = (ClientCertificate, Timestamp)> {
        let end = if self.is_over(now) { now } else { self.expires.unwrap_or(Timestamp::MAX) };
        let former = self.former.iter().map(move |former| (former.certificate, former.until.min(end)));
        former.filter(move |(_, until)| *until > now)
    }

    /// The certificates that stand for it, each with the moment from which on it does not.
    pub(super) fn certificates(&self) -> impl Iterator<Item = (ClientCertificate, Timestamp)> {
        let end = self.expires.unwrap_or(Timestamp::MAX);
        let former = self.former.iter().map(move |former| (former.certificate, former.until.min(end)));
        former.chain(self.grant.certificate.map(|certificate| (certificate, end)))
    }

    /// True if `certificate` stands for it at `now` or may do so later.
    pub(super) fn is_held_by(&self, certificate: ClientCertificate, now: Timestamp) -> bool {
        // The one of the grant stays its own when its term is over: that may be extended.
        self.revoked.is_none()
            && (self.grant.certificate == Some(certificate)
                || self.certificates().any(|(own, until)| own == certificate && until > now))
    }

    /// Its secrets, each with the moment from which on it does not work.
    pub(super) fn prints(&self) -> impl Iterator<Item = (Print, Timestamp)> {
        let end = self.expires.unwrap_or(Timestamp::MAX);
        self.secrets.iter().map(move |kept| (kept.blake3, kept.until.unwrap_or(end).min(end)))
    }
}

/// All tokens of a home, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens(pub(super) BTreeMap<TokenName, Token>);

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDisk {
    layout: u32,
    tokens: BTreeMap<TokenName, Token>,
}

const LAYOUT: u32 = 1;

impl Tokens {
    /// Where they are.
    pub(super) fn path(home: &Home) -> PathBuf {
        home.root().join("tokens.json")
    }

    /// Reads the tokens of `home`; none if there is no file.
    ///
    /// # Errors
    /// [`TokenError::Damaged`] if the file is not what was written, [`TokenError::Home`] if it cannot be read.
    pub fn read(home: &Home) -> Result<Self, TokenError> {
        let path = Self::path(home);
        let text = match bounded(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(HomeError::Io { path, source }.into()),
        };
        Self::parse(&text).map_err(|cause| TokenError::Damaged { path, cause })
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        if text.len() as u64 > MAX_BYTES {
            return Err(format!("longer than {MAX_BYTES} bytes"));
        }
        // The place says enough: serde's own words may repeat what stands there.
        let place = |error: serde_json::Error| format!("line {}, column {}", error.line(), error.column());
        let OnDisk { layout, tokens } = serde_json::from_slice(text).map_err(place)?;
        if layout != LAYOUT {
            return Err(format!("layout {layout}, and this build reads layout {LAYOUT}; upgrade it"));
        }
        let (mut prints, mut certificates) = (BTreeSet::new(), BTreeSet::new());
        for (name, token) in &tokens {
            token.grant.check().map_err(|error| format!("token {name}: {error}"))?;
            let twice = token.secrets.iter().any(|kept| !prints.insert(kept.blake3.key()));
            let live = token.grant.certificate.filter(|_| token.revoked.is_none());
            if twice || live.is_some_and(|certificate| !certificates.insert(certificate)) {
                return Err(format!("token {name}: what another one has"));
            }
            if token.secrets.len() > MOST_SECRETS || token.former.len() >= MOST_SECRETS {
                return Err(format!("token {name}: more than {MOST_SECRETS} secrets or certificates"));
            }
        }
        if tokens.len() > MOST_TOKENS { Err(TokenError::TooMany.to_string()) } else { Ok(Self(tokens)) }
    }

    /// Lets `change` work on the tokens of `home`, and writes them down if it succeeds, all or nothing. Nobody else changes
    /// them meanwhile; a running service sees the change within a second.
    ///
    /// # Errors
    /// Those of `change`, and of reading and writing.
    pub fn change<T, E: From<TokenError>>(
        home: &Home,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let _lock = home.lock_small("tokens").map_err(TokenError::from)?;
        let mut tokens = Self::read(home)?;
        let done = change(&mut tokens)?;
        let file = OnDisk { layout: LAYOUT, tokens: tokens.0 };
        let mut text = serde_json::to_vec_pretty(&file).expect("names, numbers and text are always JSON");
        text.push(b'\n');
        write_atomic(&Self::path(home), &text, 0o600).map_err(TokenError::from)?;
        Ok(done)
    }

    /// Creates a token, with a secret unless a certificate alone is to stand for it (`with_secret`). The secret is nowhere
    /// but in what is returned.
    ///
    /// # Errors
    /// [`TokenError`] if the name or the certificate is taken or the grant makes no sense.
    pub fn create(
        &mut self,
        name: &TokenName,
        grant: Grant,
        now: Timestamp,
        term: Option<Span>,
        with_secret: bool,
    ) -> Result<Option<Secret>, TokenError> {
        grant.check()?;
        if self.0.contains_key(name) {
            return Err(TokenError::Taken(name.clone()));
        }
        if self.0.len() >= MOST_TOKENS {
            return Err(TokenError::TooMany);
        }
        self.check_free(name, grant.certificate, now)?;
        let secret = with_secret.then(Secret::random);
        let secrets = secret.iter().map(|secret| Kept { blake3: secret.print(), until: None }).collect();
        let expires = term.map(|term| term.after(now));
        let token = Token { grant, made: now, expires, revoked: None, secrets, former: Vec::new() };
        self.0.insert(name.clone(), token);
        Ok(secret)
    }

    /// All, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&TokenName, &Token)> {
        self.0.iter()
    }

    /// The one of that name.
    #[must_use]
    pub fn named(&self, name: &TokenName) -> Option<&Token> {
        self.0.get(name)
    }
}

/// The file, and a byte more than is allowed if it is longer.
fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    open_unfollowed(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    Ok(text)
}

mod channel {
    use super::*;

    pub(super) fn serialize<S: Serializer>(code: &Option<Code>, serializer: S) -> Result<S::Ok, S::Error> {
        code.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Code>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Dimension::Channel.code(&text)).transpose().map_err(serde::de::Error::custom)
    }
}

mod region {
    use super::*;

    type Region = Option<(Code, Code)>;

    pub(super) fn serialize<S: Serializer>(region: &Region, serializer: S) -> Result<S::Ok, S::Error> {
        region.map(|(area, role)| format!("{}:{}", area.as_str(), role.as_str())).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Region, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Brought::region(&text)).transpose().map_err(serde::de::Error::custom)
    }
}
