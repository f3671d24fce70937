//! Who may ask: tokens with scopes, stored as hashes, with rates, quotas and a term; and client certificates that stand for
//! them. [`Identity`] is what a running service goes by, [`Tokens`] the file behind it.

mod alter;
mod certificate;
mod quota;
mod rate;
mod registry;
mod scope;
mod secret;
mod terms;
mod tokens;

pub use alter::Alteration;
pub use certificate::{CertificateError, ClientCertificate};
pub(in crate::serve) use quota::Busy;
pub use quota::Used;
pub use rate::Rate;
pub(in crate::serve) use registry::{Holder, Identity, Refusal, Running};
pub use scope::{Scope, ScopeError};
pub use secret::{Secret, SecretError};
pub use terms::{Span, SpanError};
pub use tokens::{Grant, Token, TokenError, TokenName, TokenNameError, Tokens};

#[cfg(test)]
mod tests;
