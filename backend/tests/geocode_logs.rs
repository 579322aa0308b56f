//! The logs of the geocoder and of the libraries below it contain no postcode at any level. The test is a process of its own, because
//! the tracing subscriber is set once per process.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use backend::geocode::cache::NoPlaceCache;
use backend::geocode::{GeocodeConfig, Geocoder, ProviderKind};
use model::Postcode;
use process::clock::ManualClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A subscriber that records all fields of all spans and events.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Starts a provider that answers every request with 503.
async fn unavailable_provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let response = b"HTTP/1.1 503 Away\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(response).await;
        }
    });
    url
}

/// An address that refuses connections.
async fn refusing_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn no_postcode_is_logged() {
    let recorder = Recorder::default();
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    for url in [unavailable_provider().await, refusing_address().await] {
        let config = GeocodeConfig {
            providers: ProviderKind::ALL.to_vec(),
            postcodes_io_url: url.clone(),
            findthatpostcode_url: url.clone(),
            getthedata_url: url.clone(),
            nominatim_url: url,
            ..GeocodeConfig::default()
        };
        let geocoder = Geocoder::new(config, Arc::new(NoPlaceCache), ManualClock::at(0)).unwrap();
        for inward in ["3EL", "3ER", "3ES", "3ET", "3EU", "3EX"] {
            let postcode = Postcode::parse(&format!("DH1 {inward}")).unwrap();
            geocoder.locate(&postcode).await;
        }
    }
    let lines = recorder.0.lock().unwrap().clone();
    assert!(
        lines.contains("keeps failing"),
        "nothing was recorded: {lines}"
    );
    assert!(!lines.contains("DH1") && !lines.contains("3EL"), "{lines}");
}
