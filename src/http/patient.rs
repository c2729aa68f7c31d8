//! A connection whose peer may be slow, but not for ever.
//!
//! hyper times the head of an HTTP/1 request, and pings HTTP/2 peers. Nothing else watches a peer that opens a
//! connection and never says which of the two it speaks, or one that asks and never reads the answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};

/// What an HTTP/2 connection starts with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream that fails where its peer keeps it waiting.
pub struct Patient<S> {
    stream: S,
    /// How much of the preface has come, until the protocol is told.
    preface: Option<usize>,
    /// When the protocol must be told.
    greeting: Pin<Box<Sleep>>,
    /// How long a write may wait for the peer to read.
    patience: Duration,
    /// Runs while a write waits.
    stall: Pin<Box<Sleep>>,
    is_stalled: bool,
    /// Its share of the connections that may be open: held as long as the stream, also once it is no HTTP any more.
    _slot: Option<OwnedSemaphorePermit>,
}

impl<S> Patient<S> {
    /// `greeting`: how soon the peer must say which protocol it speaks; `patience`: how long it may leave a write waiting.
    pub fn new(stream: S, greeting: Duration, patience: Duration) -> Self {
        Self {
            stream,
            preface: Some(0),
            greeting: Box::pin(sleep(greeting)),
            patience,
            stall: Box::pin(sleep(patience)),
            is_stalled: false,
            _slot: None,
        }
    }

    /// Holds its share of the connections until it ends.
    pub fn holding(self, slot: OwnedSemaphorePermit) -> Self {
        Self { _slot: Some(slot), ..self }
    }

    /// Follows the preface until it is complete or cannot become one any more.
    fn hear(&mut self, bytes: &[u8]) {
        let Some(heard) = self.preface else { return };
        let expected = &PREFACE[heard..];
        let compared = expected.len().min(bytes.len());
        let goes_on = bytes[..compared] == expected[..compared] && compared < expected.len();
        self.preface = goes_on.then_some(heard + compared);
    }

    /// Lets a write wait for so long.
    fn watch<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.is_stalled = false;
            return outcome;
        }
        if !self.is_stalled {
            self.is_stalled = true;
            self.stall.as_mut().reset(Instant::now() + self.patience);
        }
        ready!(self.stall.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                this.hear(&buffer.filled()[before..]);
                Poll::Ready(outcome)
            }
            Poll::Pending if this.preface.is_some() => {
                ready!(this.greeting.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.watch(context, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.watch(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_flush(context);
        this.watch(context, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_shutdown(context);
        this.watch(context, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const GREETING: Duration = Duration::from_millis(100);
    const PATIENCE: Duration = Duration::from_millis(200);

    /// What a read comes to after the peer has sent `heard` and no more.
    async fn after(heard: &[u8]) -> Result<(), io::ErrorKind> {
        let (mut peer, stream) = duplex(1024);
        let mut patient = Patient::new(stream, GREETING, PATIENCE);
        for byte in heard {
            peer.write_all(&[*byte]).await.expect("sent");
            patient.read_u8().await.expect("heard");
        }
        match tokio::time::timeout(PATIENCE * 5, patient.read_u8()).await {
            Ok(outcome) => outcome.map(drop).map_err(|error| error.kind()),
            Err(_) => Ok(()),
        }
    }

    #[tokio::test]
    async fn a_peer_must_say_in_time_which_protocol_it_speaks() {
        for undecided in [&b""[..], b"P", &PREFACE[..23]] {
            assert_eq!(after(undecided).await, Err(io::ErrorKind::TimedOut), "{undecided:?}");
        }
        for decided in [&b"G"[..], b"PO", b"PRI *x", PREFACE] {
            assert_eq!(after(decided).await, Ok(()), "{decided:?}");
        }
    }

    #[tokio::test]
    async fn a_peer_must_read_what_it_asked_for() {
        let (_peer, stream) = duplex(16);
        let mut patient = Patient::new(stream, GREETING, PATIENCE);
        let outcome = tokio::time::timeout(PATIENCE * 10, patient.write_all(&[0; 64])).await;
        let kind = outcome.expect("gives up by itself").map_err(|error| error.kind());
        assert_eq!(kind, Err(io::ErrorKind::TimedOut));
    }
}
