//! Forms of several parts (`multipart/form-data`), read within bounds: whoever reads a part bounds that, and what stands before
//! and between parts is bounded here. The library underneath keeps the head of a part until it is whole, however long it gets.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use hyper::body::{Frame, SizeHint};

use super::super::{Problem, ProblemCode};

/// Most bytes that are kept of a form before a part, or a piece of one, can be handed on.
const UNREAD: u64 = 64 << 10;

/// A form that is being read.
pub(in crate::serve) struct Form {
    parts: Multipart,
    passed: Arc<Passed>,
}

/// A part of a form.
pub(in crate::serve) struct Part<'a> {
    field: Field<'a>,
    passed: Arc<Passed>,
}

impl Form {
    /// The form in the body of `request`.
    ///
    /// # Errors
    /// [`ProblemCode::BadRequest`] if it names no boundary.
    pub(in crate::serve) async fn of(request: Request) -> Result<Self, Problem> {
        let passed = Arc::new(Passed::default());
        let gate = Arc::clone(&passed);
        let mut request = request.map(|body| Body::new(Gated { body, passed: gate }));
        DefaultBodyLimit::disable().apply(&mut request);
        let wrong = |_| Problem::bad_request("the form has no boundary; `Content-Type` has to name it");
        let parts = Multipart::from_request(request, &()).await.map_err(wrong)?;
        Ok(Self { parts, passed })
    }

    /// The next part, once those before were read to their ends.
    ///
    /// # Errors
    /// [`ProblemCode::BadRequest`] if the form is malformed or breaks off, [`ProblemCode::TooLarge`] if the head of a part is
    /// too long.
    pub(in crate::serve) async fn next_part(&mut self) -> Result<Option<Part<'_>>, Problem> {
        let passed = &self.passed;
        let field = self.parts.next_field().await.map_err(|error| passed.broken(&error))?;
        passed.handed_on();
        Ok(field.map(|field| Part { field, passed: Arc::clone(passed) }))
    }
}

impl Part<'_> {
    /// The name of its field.
    pub(in crate::serve) fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// True if it was chosen as a file: it has the name of one. What that is says too much to be looked at.
    pub(in crate::serve) fn has_file_name(&self) -> bool {
        self.field.file_name().is_some()
    }

    /// What it is said to be.
    pub(in crate::serve) fn content_type(&self) -> Option<&str> {
        self.field.content_type()
    }

    /// The next piece of it; `None` at its end.
    ///
    /// # Errors
    /// As [`Form::next_part`].
    pub(in crate::serve) async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let piece = self.field.chunk().await.map_err(|error| self.passed.broken(&error))?;
        self.passed.handed_on();
        Ok(piece)
    }

    /// All of it; `None` if that is more than `limit` bytes.
    ///
    /// # Errors
    /// As [`Form::next_part`].
    pub(in crate::serve) async fn bytes(mut self, limit: usize) -> Result<Option<Vec<u8>>, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            if piece.len() > limit - bytes.len() {
                return Ok(None);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes))
    }
}

/// What went by since something was handed on.
#[derive(Default)]
struct Passed {
    unread: AtomicU64,
    /// The reader was given a pause to hand on what it has.
    paused: AtomicBool,
    too_long: AtomicBool,
}

impl Passed {
    fn handed_on(&self) {
        self.unread.store(0, Ordering::Relaxed);
        self.paused.store(false, Ordering::Relaxed);
    }

    fn broken(&self, _: &MultipartError) -> Problem {
        if self.too_long.load(Ordering::Relaxed) {
            let detail =
                "the form has a part whose head is too long; send names of fields and files, and no more";
            return Problem::new(ProblemCode::TooLarge, detail);
        }
        Problem::bad_request("the form is malformed or broke off; send it as RFC 7578 has it")
    }
}

/// A body that waits until what went by was handed on, and ends if that cannot be.
struct Gated {
    body: Body,
    passed: Arc<Passed>,
}

impl HttpBody for Gated {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let passed = &self.passed;
        if passed.unread.load(Ordering::Relaxed) >= UNREAD {
            if !passed.paused.swap(true, Ordering::Relaxed) {
                // It looks through what it has, and asks again if nothing of that can be handed on.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            passed.too_long.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::InvalidData)))));
        }
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(piece) = frame.data_ref()
        {
            self.passed.unread.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
