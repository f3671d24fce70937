//! `innerward token …`

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::bail;
use clap::{ArgGroup, Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::deed::Doing;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, grouped};
use crate::home::{Did, Home};
use crate::serve::{
    Alteration, ClientCertificate, Grant, Rate, Scope, Secret, Span, Token, TokenName, Tokens, Used,
};
use crate::tally::Brought;
use crate::vocabulary::{Code, Dimension};

/// Create, list, change, rotate and revoke the tokens by which a service knows who asks
///
/// Whoever holds a token sends it as `Authorization: Bearer TOKEN`. A home keeps hashes of tokens alone. A service that runs
/// sees a change within a second.
#[derive(Subcommand)]
pub(in crate::cli) enum TokenVerb {
    Create(Box<Create>),
    /// List the tokens, without anything that lets one in
    List,
    Change(Box<Change>),
    Rotate(Rotate),
    Revoke(Revoke),
}

/// Create a token, and print it, once
///
/// The token goes to stdout, all else to stderr; it is kept nowhere, so put it where only the caller can read it. A name
/// stands for one token for ever, since it is what the audit and logs call the caller: name a service or a role, not a
/// person.
#[derive(Args)]
pub(in crate::cli) struct Create {
    /// Name of the token: letters, digits, . _ -
    name: TokenName,

    /// What it is for, with commas: match, manage, decide, tally, release, metrics
    ///
    /// None holds another. match: look up, hash, compare, explain. manage: sets, withdrawals, quarantine. decide: analysts'
    /// decisions. tally: exact local counts, which are not for sharing. release: what is published, and the budget.
    /// metrics: figures of the service.
    #[arg(long = "scope", required = true, value_delimiter = ',', value_name = "SCOPES")]
    scopes: Vec<Scope>,

    /// How long it works: 30m, 24h, 90d, or never
    #[arg(long, default_value = "365d", value_name = "TIME")]
    expires: Term,

    /// Requests a second, on the long run [default: as many as come]
    #[arg(long, value_name = "N")]
    rate: Option<u32>,

    /// Requests at once, before the rate holds [default: those of one second]
    #[arg(long, value_name = "N", requires = "rate")]
    burst: Option<u32>,

    /// Requests at the same time, until their answers are sent [default: as many as come]
    #[arg(long, value_name = "N")]
    concurrency: Option<u32>,

    /// Look-ups a day (UTC): hashes and items that are matched [default: as many as come]
    ///
    /// A list that can be asked without end tells whoever asks what is on it. Give each caller what it needs and no more.
    /// All services on this home count together, two seconds behind each other.
    #[arg(long, value_name = "N")]
    quota: Option<u64>,

    /// The channel that what it sends in is counted in: UPLOAD, REPORT … [default: the service's]
    #[arg(long, value_name = "CODE", value_parser = |text: &str| Dimension::Channel.code(text))]
    channel: Option<Code>,

    /// The country that what it sends in is counted in, and its part in the matter: NL, NL:HOSTING [default: the service's]
    #[arg(long, value_name = "CC[:ROLE]", value_parser = Brought::region)]
    region: Option<(Code, Code)>,

    /// A client certificate that stands for the token, in PEM or DER, where the service has mutual TLS
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,

    /// Make no secret: the certificate alone stands for it
    #[arg(long, requires = "certificate")]
    certificate_only: bool,

    #[command(flatten)]
    by: By,
}

/// Change what a token allows, without a new secret
///
/// What is not named stays as it is; `none` lifts a limit. Its scopes stay: a token for something else is another token. A
/// service that runs goes by the change within a second, and what was used of the day's quota stays used.
#[derive(Args)]
#[command(group(
    ArgGroup::new("changes")
        .args(["rate", "burst", "quota", "concurrency", "expires", "channel", "region", "certificate"])
        .required(true)
        .multiple(true)
))]
pub(in crate::cli) struct Change {
    /// Name of the token
    name: TokenName,

    /// Requests a second, on the long run; none: as many as come
    #[arg(long, value_name = "N|none")]
    rate: Option<OrNone<u32>>,

    /// Requests at once, before the rate holds; with --rate N [default: those of one second]
    #[arg(long, value_name = "N")]
    burst: Option<u32>,

    /// Look-ups a day (UTC); none: as many as come
    #[arg(long, value_name = "N|none")]
    quota: Option<OrNone<u64>>,

    /// Requests at the same time; none: as many as come
    #[arg(long, value_name = "N|none")]
    concurrency: Option<OrNone<u32>>,

    /// How long it works from now on: 30m, 24h, 90d, or never
    ///
    /// Also one that has expired works again then. A secret that another took the place of ends when it would have.
    #[arg(long, value_name = "TIME")]
    expires: Option<Term>,

    /// The channel that what it sends in is counted in; none: the service's
    #[arg(long, value_name = "CODE|none")]
    channel: Option<OrNone<ChannelCode>>,

    /// The country that what it sends in is counted in, and its part in the matter; none: the service's
    #[arg(long, value_name = "CC[:ROLE]|none")]
    region: Option<OrNone<Region>>,

    /// The client certificate that stands for it from now on, and no other; none: none does
    ///
    /// `token rotate --certificate` lets the one before stand for it some time longer.
    #[arg(long, value_name = "FILE|none")]
    certificate: Option<OrNone<PathBuf>>,

    #[command(flatten)]
    by: By,
}

/// A value, or that there is to be none.
#[derive(Debug, Clone, Copy)]
struct OrNone<T>(Option<T>);

impl<T: FromStr<Err: ToString>> FromStr for OrNone<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self(None)),
            _ => text
                .parse()
                .map(|value| Self(Some(value)))
                .map_err(|error: T::Err| format!("{}, or none", error.to_string())),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct ChannelCode(Code);

impl FromStr for ChannelCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Dimension::Channel.code(text).map(Self).map_err(|error| error.to_string())
    }
}

#[derive(Debug, Clone, Copy)]
struct Region((Code, Code));

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Brought::region(text).map(Self).map_err(|error| error.to_string())
    }
}

/// Give a token a new secret, and print it, once; the old one works for some time more
///
/// The new one has a term as long as the last one, unless --expires says otherwise. Four secrets of a token work at a time
/// at most. With --certificate it is the client certificate that is new, and the secret, if there is one, stays.
#[derive(Args)]
pub(in crate::cli) struct Rotate {
    /// Name of the token
    name: TokenName,

    /// How long the old one works beside it: 0s, 30m, 24h, 7d
    #[arg(long, default_value = "24h", value_name = "TIME")]
    overlap: Span,

    /// How long the new one works: 30m, 24h, 90d, or never [default: as long as the last]
    #[arg(long, value_name = "TIME")]
    expires: Option<Term>,

    /// The next client certificate that stands for the token, in PEM or DER
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,

    #[command(flatten)]
    by: By,
}

/// Revoke a token, for ever, with all its secrets and its certificate
#[derive(Args)]
pub(in crate::cli) struct Revoke {
    /// Name of the token
    name: TokenName,

    #[command(flatten)]
    by: By,
}

#[derive(Args)]
struct By {
    /// Who does this, for the audit: a name, a role, a ticket [default: the user of the system]
    #[arg(long, value_name = "TEXT")]
    by: Option<String>,
}

/// How long a token works; `None`: for ever.
#[derive(Debug, Clone, Copy)]
struct Term(Option<Span>);

impl FromStr for Term {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self(None)),
            _ => text.parse().map(|span| Self(Some(span))).map_err(|error| format!("{error}, or never")),
        }
    }
}

impl TokenVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        match self {
            Self::Create(verb) => verb.run(global, out),
            Self::List => list(global, out),
            Self::Change(verb) => verb.run(global, out),
            Self::Rotate(verb) => verb.run(global, out),
            Self::Revoke(verb) => verb.run(global, out),
        }
    }
}

impl Create {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_or_create_home()?;
        let (now, grant) = (global.clock(&home)?.now(), self.grant()?);
        let doing = Doing::new(self.by.by.as_deref(), Did::TokenCreate, self.name.as_str())
            .with("scopes", scopes(&grant))
            .with("expires", self.expires.0.map_or("never".into(), |term| term.after(now).to_string()));
        let secret = doing.during(global, &home, || {
            Tokens::change(&home, |tokens| -> anyhow::Result<_> {
                Ok(tokens.create(&self.name, grant, now, self.expires.0, !self.certificate_only)?)
            })
        })?;
        if self.quota.is_none() && self.scopes.contains(&Scope::Match) {
            complain(
                "this token may look up as much as it likes, and whoever may do that can find out what is on the lists; \
                 `innerward token change NAME --quota N` bounds it to what its holder needs in a day",
            );
        }
        print_new(&home, &self.name, now, secret.as_ref(), out)
    }

    fn grant(&self) -> anyhow::Result<Grant> {
        let certificate = self.certificate.as_deref().map(ClientCertificate::of_file).transpose()?;
        Ok(Grant {
            scopes: self.scopes.iter().copied().collect(),
            rate: self.rate.map(|per_second| Rate { per_second, burst: self.burst.unwrap_or(per_second) }),
            concurrency: self.concurrency,
            quota: self.quota,
            channel: self.channel,
            region: self.region,
            certificate,
        })
    }
}

impl Change {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let now = global.clock(&home)?.now();
        let alteration = self.alteration()?;
        let doing = self.doing(now);
        doing.during(global, &home, || {
            Tokens::change(&home, |tokens| -> anyhow::Result<_> {
                Ok(tokens.alter(&self.name, &alteration, now)?)
            })
        })?;
        let tokens = Tokens::read(&home)?;
        let token = tokens.named(&self.name).map(|token| as_json(&self.name, token, now, None));
        out.json("token", &token)?;
        out.json("summary", &json!({ "token": self.name, "changed": true }))?;
        out.text(format_args!("{}: changed; services go by it within a second", self.name))?;
        Ok(())
    }

    fn alteration(&self) -> anyhow::Result<Alteration> {
        let of_file = |path: &OrNone<PathBuf>| path.0.as_deref().map(ClientCertificate::of_file).transpose();
        // Not left to the reader of arguments, whose refusal is the whole usage.
        if self.burst.is_some() && !matches!(self.rate, Some(OrNone(Some(_)))) {
            bail!(
                "--burst is said with --rate N, also where the rate is to stay: how many come at once before that rate holds"
            );
        }
        let rate = |per_second| Rate { per_second, burst: self.burst.unwrap_or(per_second) };
        Ok(Alteration {
            rate: self.rate.map(|OrNone(per_second)| per_second.map(rate)),
            concurrency: self.concurrency.map(|OrNone(most)| most),
            quota: self.quota.map(|OrNone(quota)| quota),
            channel: self.channel.map(|OrNone(code)| code.map(|ChannelCode(code)| code)),
            region: self.region.map(|OrNone(region)| region.map(|Region(region)| region)),
            certificate: self.certificate.as_ref().map(of_file).transpose()?,
            term: self.expires.map(|Term(term)| term),
        })
    }

    /// For the audit: what changes, and to what; of a certificate only whether there is one.
    fn doing(&self, now: Timestamp) -> Doing<'_> {
        fn said<T: ToString>(value: &OrNone<T>) -> String {
            value.0.as_ref().map_or_else(|| "none".into(), ToString::to_string)
        }
        let area = |(area, role): (Code, Code)| format!("{}:{}", area.as_str(), role.as_str());
        let changes = [
            ("rate", self.rate.as_ref().map(said)),
            ("burst", self.burst.map(|burst| burst.to_string())),
            ("quota", self.quota.as_ref().map(said)),
            ("concurrency", self.concurrency.as_ref().map(said)),
            (
                "expires",
                self.expires.map(|term| term.0.map_or("never".into(), |term| term.after(now).to_string())),
            ),
            ("channel", self.channel.map(|code| code.0.map_or("none".into(), |code| code.0.as_str().into()))),
            ("region", self.region.map(|region| region.0.map_or("none".into(), |region| area(region.0)))),
            (
                "certificate",
                self.certificate.as_ref().map(|file| match file.0 {
                    Some(_) => "given".into(),
                    None => "none".into(),
                }),
            ),
        ];
        let doing = Doing::new(self.by.by.as_deref(), Did::TokenChange, self.name.as_str());
        let said = changes.into_iter().filter_map(|(what, value)| Some((what, value?)));
        said.fold(doing, |doing, (what, value)| doing.with(what, value))
    }
}

impl Rotate {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let now = global.clock(&home)?.now();
        let certificate = self.certificate.as_deref().map(ClientCertificate::of_file).transpose()?;
        let what = if certificate.is_some() { "certificate" } else { "secret" };
        let doing = Doing::new(self.by.by.as_deref(), Did::TokenRotate, self.name.as_str())
            .with("overlap", self.overlap)
            .with("new", what);
        let secret = doing.during(global, &home, || {
            Tokens::change(&home, |tokens| -> anyhow::Result<_> {
                let (name, term) = (&self.name, self.expires.map(|Term(term)| term));
                Ok(match certificate {
                    Some(new) => {
                        tokens.rotate_certificate(name, new, now, self.overlap, term)?;
                        None
                    }
                    None => Some(tokens.rotate(name, now, self.overlap, term)?),
                })
            })
        })?;
        print_new(&home, &self.name, now, secret.as_ref(), out)
    }
}

impl Revoke {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let now = global.clock(&home)?.now();
        let doing = Doing::new(self.by.by.as_deref(), Did::TokenRevoke, self.name.as_str());
        let revoked = doing.during(global, &home, || {
            Tokens::change(&home, |tokens| -> anyhow::Result<_> { Ok(tokens.revoke(&self.name, now)?) })
        })?;
        out.json("summary", &json!({ "token": self.name, "revoked": revoked }))?;
        let word = if revoked {
            "revoked; services let it in no more within a second"
        } else {
            "was revoked before"
        };
        out.text(format_args!("{}: {word}", self.name))?;
        Ok(())
    }
}

/// The token as it is now, and its secret: the one time that it is seen.
fn print_new(
    home: &Home,
    name: &TokenName,
    now: Timestamp,
    secret: Option<&Secret>,
    out: &mut Output,
) -> anyhow::Result<()> {
    let tokens = Tokens::read(home)?;
    let token = tokens.named(name).map(|token| as_json(name, token, now, None));
    out.json("token", &token)?;
    let text = secret.map(Secret::to_text);
    out.json("summary", &json!({ "token": name, "secret": text }))?;
    if let Some(text) = text {
        out.text(text)?;
        out.flush()?;
        if !out.is_json() {
            complain(
                "this is the only time that the token is shown; send it as `Authorization: Bearer TOKEN`",
            );
        }
    } else if let Some(token) = tokens.named(name) {
        let secret = if token.secrets(now) == 0 { "there is no secret" } else { "its secret stays as it is" };
        out.text(format_args!("{name}: {}; {secret}", certificates(token, now).join(" ")))?;
    }
    Ok(())
}

/// Which certificates stand for it: the one of the grant, and until when those before.
fn certificates(token: &Token, now: Timestamp) -> Vec<String> {
    let mut words: Vec<String> =
        token.grant.certificate.iter().map(|own| format!("certificate sha256:{}", shortened(own))).collect();
    let former = token.former_certificates(now);
    words.extend(former.map(|(former, until)| format!("and until {until} sha256:{}", shortened(&former))));
    words
}

/// As much of a fingerprint as tells one certificate from another; JSON has the whole.
fn shortened(certificate: &ClientCertificate) -> String {
    let digits = certificate.to_string();
    format!("{}…", &digits[..16])
}

fn scopes(grant: &Grant) -> String {
    grant.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
}

fn state(token: &Token, now: Timestamp) -> &'static str {
    match () {
        () if token.revoked.is_some() => "revoked",
        () if token.is_over(now) => "expired",
        () => "valid",
    }
}

/// A token for programs; with what it used today, where that is known.
fn as_json(name: &TokenName, token: &Token, now: Timestamp, used: Option<u64>) -> Value {
    let grant = &token.grant;
    let former: Vec<Value> = token
        .former_certificates(now)
        .map(|(former, until)| json!({ "certificate": former, "until": until.to_string() }))
        .collect();
    json!({
        "token": name,
        "state": state(token, now),
        "scopes": grant.scopes,
        "made": token.made.to_string(),
        "expires": token.expires.map(|at| at.to_string()),
        "revoked": token.revoked.map(|at| at.to_string()),
        "secrets": token.secrets(now),
        "rate": grant.rate.map(|rate| rate.per_second),
        "burst": grant.rate.map(|rate| rate.burst),
        "concurrency": grant.concurrency,
        "quota": grant.quota,
        "used_today": used,
        "channel": grant.channel,
        "region": grant.region.map(|(area, role)| format!("{}:{}", area.as_str(), role.as_str())),
        "certificate": grant.certificate.map(|certificate| certificate.to_string()),
        "former_certificates": former,
    })
}

fn list(global: &Global, out: &mut Output) -> anyhow::Result<()> {
    let home = global.open_home()?;
    let clock = global.clock(&home)?;
    let (now, tokens) = (clock.now(), Tokens::read(&home)?);
    let used = Used::read(&home, clock.today())?;
    let (mut all, mut valid) = (0, 0);
    for (name, token) in tokens.iter() {
        all += 1;
        valid += u64::from(!token.is_over(now));
        let spent = token.grant.quota.map(|_| used.lookups.get(name).copied().unwrap_or(0));
        out.json("token", &as_json(name, token, now, spent))?;
        let mut words = vec![scopes(&token.grant)];
        words.push(match (token.revoked, token.expires) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) if at <= now => format!("expired {at}"),
            (None, Some(at)) => format!("until {at}"),
            (None, None) => "for ever".into(),
        });
        let grant = &token.grant;
        words.extend(grant.rate.map(|rate| format!("{} a second ({} at once)", rate.per_second, rate.burst)));
        words.extend(grant.concurrency.map(|most| format!("{most} at the same time")));
        let left =
            |quota| format!("{} of {} look-ups used today", grouped(spent.unwrap_or(0)), grouped(quota));
        words.extend(grant.quota.map(left));
        words.extend(grant.channel.map(|channel| format!("channel {channel}")));
        words.extend(grant.region.map(|(area, role)| format!("region {area}:{role}")));
        let certificates = certificates(token, now).join(" ");
        words.extend((!certificates.is_empty()).then_some(certificates));
        if token.secrets(now) > 1 {
            words.push(format!("{} secrets overlap", token.secrets(now)));
        }
        out.text(format_args!("{name}: {}", words.join(", ")))?;
    }
    out.json("summary", &json!({ "tokens": all, "valid": valid }))?;
    out.text(format_args!("{}, {} valid", counted(all, "token", "tokens"), grouped(valid)))?;
    Ok(())
}
