//! Patience with clients, and its end: with who sends nothing of a body, and with who takes too little of an answer.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::connections::Connection;

/// Bytes of an answer that a client takes in a second of waiting for it, at least.
pub(super) const LEAST_RATE: u64 = 4 << 10;
/// Most bytes of an answer that are handed over at a time: whoever is kept until its end is kept until most of it is written.
const PIECE: usize = 64 << 10;

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

/// How long a client is still waited for. What it takes gives it time again, at [`LEAST_RATE`] and never more than at first, so
/// that an answer is over within that time and the time that its length takes at this rate.
struct Patience {
    most: Duration,
    left: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Patience {
    fn new(most: Duration) -> Self {
        Self { most, left: most, waiting: None }
    }

    fn taken(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let earned = Duration::from_micros((bytes as u64).saturating_mul(1_000_000) / LEAST_RATE);
        self.left = self.left.saturating_add(earned).min(self.most);
    }

    /// True once it has been waited for long enough.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let (now, left) = (Instant::now(), self.left);
        let (_, alarm) = self.waiting.get_or_insert_with(|| (now, Box::pin(sleep_until(now + left))));
        alarm.as_mut().poll(cx).is_ready()
    }
}

/// A connection that ends if the client takes too little of what is written, and tells when all of it is.
pub(super) struct Patient<T> {
    io: T,
    patience: Patience,
    connection: Arc<Connection>,
}

impl<T> Patient<T> {
    pub(super) fn new(io: T, stall: Duration, connection: Arc<Connection>) -> Self {
        Self { io, patience: Patience::new(stall), connection }
    }

    fn bounded<R>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<R>>,
        bytes: impl FnOnce(&R) -> usize,
    ) -> Poll<io::Result<R>> {
        match polled {
            Poll::Ready(result) => {
                self.patience.taken(result.as_ref().map_or(0, bytes));
                Poll::Ready(result)
            }
            Poll::Pending if self.patience.is_over(cx) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
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
        self.bounded(cx, polled, |bytes| *bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.bounded(cx, polled, |bytes| *bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_flush(cx);
        // hyper flushes when it has written all that it holds.
        if matches!(polled, Poll::Ready(Ok(()))) {
            self.connection.written();
        }
        self.bounded(cx, polled, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.io).poll_shutdown(cx);
        self.bounded(cx, polled, |()| 0)
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

/// The body of an answer, with what is to be kept until the last of it is handed over.
pub(super) struct Leaving<T> {
    body: Body,
    /// Of a long frame what is still to come.
    rest: Bytes,
    _kept: T,
}

impl<T> Leaving<T> {
    pub(super) fn new(body: Body, kept: T) -> Self {
        Self { body, rest: Bytes::new(), _kept: kept }
    }
}

impl<T: Unpin> HttpBody for Leaving<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => self.rest = bytes,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return Poll::Ready(other),
            }
        }
        let most = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(most)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (of_body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(of_body.lower().saturating_add(rest));
        if let Some(upper) = of_body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::super::connections::Connections;
    use super::*;

    const STALL: Duration = Duration::from_millis(200);

    /// Writes `bytes` to somebody who takes `step` of them every ten milliseconds; after how long it ended, and whether well.
    async fn taken(bytes: usize, step: usize) -> (Duration, io::Result<()>) {
        let seat = Connections::new(1).seat().await;
        let (ours, mut theirs) = duplex(1 << 10);
        let mut patient = Patient::new(ours, STALL, seat.connection());
        let reader = tokio::spawn(async move {
            let mut piece = vec![0; step];
            while theirs.read_exact(&mut piece).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let began = Instant::now();
        let wrote = patient.write_all(&vec![0; bytes]).await;
        reader.abort();
        (began.elapsed(), wrote)
    }

    #[tokio::test]
    async fn who_takes_a_byte_now_and_then_is_given_up_and_who_takes_enough_is_not() {
        let (took, wrote) = taken(1 << 20, 1).await;
        assert_eq!(wrote.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(
            (STALL..20 * STALL).contains(&took),
            "a byte every ten milliseconds buys next to nothing: {took:?}"
        );
        // Ten times the least rate even where the clock of the reader is slow.
        let (took, wrote) = taken(64 << 10, 1 << 10).await;
        wrote.unwrap();
        assert!(took > 2 * STALL, "the whole takes longer than anybody waits at a time: {took:?}");
    }

    #[tokio::test]
    async fn what_is_kept_with_an_answer_is_kept_until_its_last_piece_is_handed_over() {
        let kept = Arc::new(());
        let mut body = Leaving::new(Body::from(vec![7; 3 * PIECE + 1]), kept.clone());
        assert_eq!(body.size_hint().exact(), Some(3 * PIECE as u64 + 1));
        for left in [2 * PIECE + 1, PIECE + 1, 1] {
            let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!((piece.len(), body.is_end_stream()), (PIECE, false));
            assert_eq!((body.size_hint().exact(), Arc::strong_count(&kept)), (Some(left as u64), 2));
        }
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap().len(), 1);
        assert!(body.is_end_stream());
        drop(body);
        assert_eq!(Arc::strong_count(&kept), 1);
    }
}
