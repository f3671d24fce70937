//! What becomes of a token after it was created: revoked, rotated, changed.

use jiff::Timestamp;

use super::tokens::{Former, Kept, MOST_SECRETS};
use super::{ClientCertificate, Grant, Rate, Secret, Span, Token, TokenError, TokenName, Tokens};
use crate::vocabulary::Code;

/// What is to be different about a token from now on. What is `None` stays as it is, and `Some(None)` lifts a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alteration {
    /// How many requests.
    pub rate: Option<Option<Rate>>,
    /// How many at the same time.
    pub concurrency: Option<Option<u32>>,
    /// How many look-ups a day.
    pub quota: Option<Option<u64>>,
    /// The channel that what it sends in is counted in.
    pub channel: Option<Option<Code>>,
    /// The country, and its part in the matter.
    pub region: Option<Option<(Code, Code)>>,
    /// The client certificate that stands for it, at once in place of those before.
    pub certificate: Option<Option<ClientCertificate>>,
    /// How long it works from now on; `Some(None)`: for ever.
    pub term: Option<Option<Span>>,
}

impl Token {
    /// A new term begins, which is as long as the last one unless `term` says otherwise.
    fn renew(&mut self, now: Timestamp, term: Option<Option<Span>>) {
        let same = self.expires.map(|expires| Span::between(self.made, expires));
        self.made = now;
        self.expires = term.unwrap_or(same).map(|term| term.after(now));
    }
}

impl Tokens {
    /// Revokes a token, for ever; false if it was already. Its name stays taken, so that the audit stays clear.
    ///
    /// # Errors
    /// [`TokenError::Unknown`].
    pub fn revoke(&mut self, name: &TokenName, now: Timestamp) -> Result<bool, TokenError> {
        let token = self.0.get_mut(name).ok_or_else(|| TokenError::Unknown(name.clone()))?;
        token.secrets.clear();
        token.former.clear();
        Ok(token.revoked.replace(token.revoked.unwrap_or(now)).is_none())
    }

    /// Gives a token a new secret and a new term, which is as long as the last one unless `term` says otherwise. The secrets
    /// before work for `overlap` more, and no longer than they would have.
    ///
    /// # Errors
    /// [`TokenError`] if there is no such token, it is revoked or has no secret.
    pub fn rotate(
        &mut self,
        name: &TokenName,
        now: Timestamp,
        overlap: Span,
        term: Option<Option<Span>>,
    ) -> Result<Secret, TokenError> {
        let token = self.working(name)?;
        if token.secrets.is_empty() {
            return Err(TokenError::NoSecret(name.clone()));
        }
        let before = token.prints().map(|(blake3, until)| (blake3, until.min(overlap.after(now))));
        let before = before.filter(|(_, until)| *until > now);
        let mut secrets: Vec<_> = before.map(|(blake3, until)| Kept { blake3, until: Some(until) }).collect();
        if secrets.len() >= MOST_SECRETS {
            return Err(TokenError::TooManySecrets(name.clone()));
        }
        let secret = Secret::random();
        secrets.push(Kept { blake3: secret.print(), until: None });
        token.secrets = secrets;
        token.renew(now, term);
        Ok(secret)
    }

    /// Gives a token a new certificate and a new term, as [`Tokens::rotate`] does with a secret, which stays if there is one.
    /// The certificates before stand for it for `overlap` more, and no longer than they would have.
    ///
    /// # Errors
    /// [`TokenError`] if there is no such token, it is revoked, or the certificate stands for another one.
    pub fn rotate_certificate(
        &mut self,
        name: &TokenName,
        certificate: ClientCertificate,
        now: Timestamp,
        overlap: Span,
        term: Option<Option<Span>>,
    ) -> Result<(), TokenError> {
        self.check_free(name, Some(certificate), now)?;
        let token = self.working(name)?;
        let before = token.certificates().filter(|(own, _)| *own != certificate);
        let before =
            before.map(|(certificate, until)| Former { certificate, until: until.min(overlap.after(now)) });
        let former: Vec<_> = before.filter(|former| former.until > now).collect();
        if former.len() >= MOST_SECRETS {
            return Err(TokenError::TooManySecrets(name.clone()));
        }
        token.former = former;
        token.grant.certificate = Some(certificate);
        token.renew(now, term);
        Ok(())
    }

    /// Changes what a token allows, and how long it works; its scopes and secrets stay.
    ///
    /// # Errors
    /// [`TokenError`] if there is no such token, it is revoked, a limit makes no sense, the certificate stands for another one
    /// or nothing would stand for it any more. Then nothing has changed.
    pub fn alter(
        &mut self,
        name: &TokenName,
        alteration: &Alteration,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        self.check_free(name, alteration.certificate.flatten(), now)?;
        let token = self.working(name)?;
        let before = &token.grant;
        let grant = Grant {
            scopes: before.scopes.clone(),
            rate: alteration.rate.unwrap_or(before.rate),
            concurrency: alteration.concurrency.unwrap_or(before.concurrency),
            quota: alteration.quota.unwrap_or(before.quota),
            channel: alteration.channel.unwrap_or(before.channel),
            region: alteration.region.unwrap_or(before.region),
            certificate: alteration.certificate.unwrap_or(before.certificate),
        };
        grant.check()?;
        if grant.certificate.is_none() && token.secrets.is_empty() {
            return Err(TokenError::NothingLeft(name.clone()));
        }
        if alteration.certificate.is_some() {
            token.former.clear();
        }
        token.grant = grant;
        if let Some(term) = alteration.term {
            token.expires = term.map(|term| term.after(now));
        }
        Ok(())
    }

    /// The token of that name, which is not revoked.
    fn working(&mut self, name: &TokenName) -> Result<&mut Token, TokenError> {
        let token = self.0.get_mut(name).ok_or_else(|| TokenError::Unknown(name.clone()))?;
        if token.revoked.is_some() { Err(TokenError::Revoked(name.clone())) } else { Ok(token) }
    }

    /// Refuses a certificate that stands for another token than `name`.
    pub(super) fn check_free(
        &self,
        name: &TokenName,
        certificate: Option<ClientCertificate>,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        let Some(certificate) = certificate else { return Ok(()) };
        let holds =
            |(other, token): &(&TokenName, &Token)| *other != name && token.is_held_by(certificate, now);
        match self.0.iter().find(holds) {
            Some((other, _)) => Err(TokenError::CertificateTaken(other.clone())),
            None => Ok(()),
        }
    }
}
