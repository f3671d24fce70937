//! Patience with clients, and its end: with who sends nothing of a body, and with who takes nothing of an answer.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Rings if nothing happens for so long. It is wound up only where something has to be waited for.
struct Alarm {
    after: Duration,
    ringing: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    fn new(after: Duration) -> Self {
        Self { after, ringing: None }
    }

    fn something_happened(&mut self) {
        self.ringing = None;
    }

    /// True once it has rung.
    fn rings(&mut self, cx: &mut Context<'_>) -> bool {
        let at = Instant::now() + self.after;
        self.ringing.get_or_insert_with(|| Box::pin(sleep_until(at))).as_mut().poll(cx).is_ready()
    }
}

/// A connection that ends if the client takes nothing of what is written for too long.
pub(super) struct Patient<T> {
    io: T,
    alarm: Alarm,
}

impl<T> Patient<T> {
    pub(super) fn new(io: T, stall: Duration) -> Self {
        Self { io, alarm: Alarm::new(stall) }
    }

    fn bounded<R>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        match polled {
            Poll::Ready(result) => {
                self.alarm.something_happened();
                Poll::Ready(result)
            }
            Poll::Pending if self.alarm.rings(cx) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.bounded(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.bounded(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(cx);
        self.bounded(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_shutdown(cx);
        self.bounded(cx, polled)
    }
}

/// The body of a request, which breaks off if nothing of it comes for too long, or not all of it in time.
pub(super) struct Arriving {
    body: Body,
    alarm: Alarm,
    /// Set when it broke off for that reason.
    late: Arc<AtomicBool>,
}

impl Arriving {
    pub(super) fn new(body: Body, stall: Duration, late: Arc<AtomicBool>) -> Self {
        Self { body, alarm: Alarm::new(stall), late }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                self.alarm.something_happened();
                Poll::Ready(frame)
            }
            Poll::Pending if self.alarm.rings(cx) => {
                self.late.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, with what is to be kept until it is sent or given up.
pub(super) struct Leaving<T> {
    body: Body,
    _kept: T,
}

impl<T> Leaving<T> {
    pub(super) fn new(body: Body, kept: T) -> Self {
        Self { body, _kept: kept }
    }
}

impl<T: Unpin> HttpBody for Leaving<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
