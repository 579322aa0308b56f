//! Stand-ins for the geocoding providers on loopback: the real wire formats over the shipped gazetteer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gazetteer::{Entry, Gazetteer};
use model::Postcode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

static GAZETTEER: &[u8] = include_bytes!("../../backend/data/gazetteer.bin");

/// How a provider behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ProviderMode {
    Healthy = 0,
    /// Responds 503.
    Unavailable = 1,
    /// Responds later than any timeout.
    Slow = 2,
    /// Responds 200 with a page of HTML.
    Malformed = 3,
    /// Responds in its format with coordinates that are not on Earth.
    InvalidPosition = 4,
}

impl ProviderMode {
    /// Parses the mode's name in the control interface.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "healthy" => Some(Self::Healthy),
            "unavailable" => Some(Self::Unavailable),
            "slow" => Some(Self::Slow),
            "malformed" => Some(Self::Malformed),
            "invalid-position" => Some(Self::InvalidPosition),
            _ => None,
        }
    }
}

/// Lists every postcode of these outward codes that has a position in the shipped gazetteer.
///
/// # Errors
/// If the gazetteer cannot be read.
pub fn postcodes_of(outward_codes: &[&str]) -> anyhow::Result<Vec<String>> {
    /// The letters that an inward code may contain.
    const LETTERS: &str = "ABDEFGHJLNPQRSTUWXYZ";
    let gazetteer = shipped_gazetteer()?;
    let mut postcodes = Vec::new();
    for outward in outward_codes {
        for sector in 0..10 {
            for first in LETTERS.chars() {
                for second in LETTERS.chars() {
                    let Ok(postcode) =
                        Postcode::parse(&format!("{outward} {sector}{first}{second}"))
                    else {
                        continue;
                    };
                    if matches!(gazetteer.lookup(&postcode), Entry::Unit(_)) {
                        postcodes.push(postcode.as_str().to_owned());
                    }
                }
            }
        }
    }
    Ok(postcodes)
}

fn shipped_gazetteer() -> anyhow::Result<Gazetteer<'static>> {
    Gazetteer::from_bytes(GAZETTEER).context("cannot read the shipped gazetteer")
}

#[derive(Clone, Copy)]
enum Format {
    PostcodesIo,
    FindThatPostcode,
}

/// One provider; it stops with the runtime that it was started on.
pub struct ProviderStandIn {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    format: Format,
    mode: AtomicU8,
    requests: AtomicU64,
    gazetteer: Gazetteer<'static>,
}

impl ProviderStandIn {
    /// Starts a stand-in with the wire format of postcodes.io.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn postcodes_io() -> anyhow::Result<Self> {
        Self::start(Format::PostcodesIo, "/postcodes/{postcode}").await
    }

    /// Starts a stand-in with the wire format of findthatpostcode.uk.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn findthatpostcode() -> anyhow::Result<Self> {
        Self::start(Format::FindThatPostcode, "/postcodes/{postcode}").await
    }

    async fn start(format: Format, route: &str) -> anyhow::Result<Self> {
        let gazetteer = shipped_gazetteer()?;
        let shared = Arc::new(Shared {
            format,
            mode: AtomicU8::new(0),
            requests: AtomicU64::new(0),
            gazetteer,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route(route, get(look_up))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, shared })
    }

    pub fn set_mode(&self, mode: ProviderMode) {
        self.shared.mode.store(mode as u8, Ordering::SeqCst);
    }

    /// Returns how many requests have arrived.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

async fn look_up(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Response {
    const UNAVAILABLE: u8 = ProviderMode::Unavailable as u8;
    const SLOW: u8 = ProviderMode::Slow as u8;
    const MALFORMED: u8 = ProviderMode::Malformed as u8;
    shared.requests.fetch_add(1, Ordering::SeqCst);
    match shared.mode.load(Ordering::SeqCst) {
        UNAVAILABLE => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        SLOW => tokio::time::sleep(Duration::from_secs(60)).await,
        MALFORMED => return axum::response::Html("<h1>It works</h1>").into_response(),
        _ => {}
    }
    let Ok(postcode) = Postcode::parse(name.trim_end_matches(".json")) else {
        return shared.unknown_response();
    };
    match postcode.as_str() {
        "AB1 0AA" => return shared.terminated_response(postcode.as_str()),
        offshore
            if ["JE", "GY", "IM"]
                .iter()
                .any(|area| offshore.starts_with(area)) =>
        {
            return shared.position_response(offshore, None);
        }
        _ => {}
    }
    if shared.mode.load(Ordering::SeqCst) == ProviderMode::InvalidPosition as u8 {
        return shared.position_response(postcode.as_str(), Some((5_477.66, -1e9)));
    }
    match shared.gazetteer.lookup(&postcode) {
        Entry::Unit(position) => shared.position_response(
            postcode.as_str(),
            Some((position.latitude, position.longitude)),
        ),
        Entry::UnitWithoutPosition => shared.position_response(postcode.as_str(), None),
        _ => shared.unknown_response(),
    }
}

impl Shared {
    fn position_response(&self, postcode: &str, position: Option<(f64, f64)>) -> Response {
        let latitude = position.map(|(latitude, _)| latitude);
        let longitude = position.map(|(_, longitude)| longitude);
        json_response(
            StatusCode::OK,
            match self.format {
                Format::PostcodesIo => json!({"status": 200, "result": {
                    "postcode": postcode, "quality": 1, "latitude": latitude, "longitude": longitude,
                }}),
                Format::FindThatPostcode => {
                    let mut attributes = json!({
                        "pcds": postcode, "lat": latitude, "long": longitude.unwrap_or(0.0), "doterm": null,
                    });
                    if let Some((lat, lon)) = position {
                        attributes["location"] = json!({"lat": lat, "lon": lon});
                    }
                    json!({"data": {"type": "postcodes", "id": postcode, "attributes": attributes}, "included": []})
                }
            },
        )
    }

    fn terminated_response(&self, postcode: &str) -> Response {
        let (latitude, longitude) = (57.101_474, -2.242_851);
        match self.format {
            Format::PostcodesIo => json_response(
                StatusCode::NOT_FOUND,
                json!({"status": 404, "error": "Postcode not found", "terminated": {
                    "postcode": postcode, "year_terminated": 1996, "month_terminated": 6,
                    "longitude": longitude, "latitude": latitude,
                }}),
            ),
            Format::FindThatPostcode => json_response(
                StatusCode::OK,
                json!({"data": {"type": "postcodes", "id": postcode, "attributes": {
                    "pcds": postcode, "doterm": "1996-06-01", "lat": latitude, "long": longitude,
                    "location": {"lat": latitude, "lon": longitude},
                }}, "included": []}),
            ),
        }
    }

    fn unknown_response(&self) -> Response {
        json_response(
            StatusCode::NOT_FOUND,
            match self.format {
                Format::PostcodesIo => json!({"status": 404, "error": "Postcode not found"}),
                Format::FindThatPostcode => {
                    json!({"message": {"errors": [{"code": "not_found", "status": "404", "title": "Code not found"}]}})
                }
            },
        )
    }
}

fn json_response(status: StatusCode, body: Value) -> Response {
    (status, axum::Json(body)).into_response()
}
