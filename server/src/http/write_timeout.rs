//! Ends a connection whose client stops reading.
//!
//! hyper bounds how long a client may take to send headers; this bounds how long it may take to read a part of a response, so that a
//! client that stops reading does not hold memory and a connection for ever.

use std::pin::Pin;
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio_io_timeout::TimeoutWriter;

/// A stream whose writes fail with `TimedOut` when the client reads nothing for so long.
pub type WriteTimeout<S> = Pin<Box<TimeoutWriter<S>>>;

pub fn with_write_timeout<S: AsyncWrite>(stream: S, timeout: Duration) -> WriteTimeout<S> {
    let mut writer = TimeoutWriter::new(stream);
    writer.set_timeout(Some(timeout));
    Box::pin(writer)
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(20);

    #[tokio::test(start_paused = true)]
    async fn a_write_fails_when_the_client_reads_nothing() {
        let (_client, server) = tokio::io::duplex(8);
        let mut server = with_write_timeout(server, TIMEOUT);
        let began = Instant::now();
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), TIMEOUT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_slowly_gets_everything() {
        let (mut client, server) = tokio::io::duplex(8);
        let mut server = with_write_timeout(server, TIMEOUT);
        let reading = tokio::spawn(async move {
            let mut read = 0;
            while read < 64 {
                tokio::time::sleep(TIMEOUT / 2).await;
                read += client.read(&mut [0; 8]).await.unwrap();
            }
        });
        server.write_all(&[0; 64]).await.unwrap();
        reading.await.unwrap();
    }
}
