//! Stand-ins for the geocoding providers on loopback: the real wire formats over the shipped table of postcodes.

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

static TABLE: &[u8] = include_bytes!("../../backend/data/gazetteer.bin");

/// How a provider behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    Well = 0,
    /// Answers 503.
    Away = 1,
    /// Answers later than anybody waits.
    Slow = 2,
    /// Answers 200 with a page of HTML.
    Nonsense = 3,
    /// Answers in its format with places that are on no map.
    Absurd = 4,
}

impl Mode {
    /// By its name in lower case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "well" => Some(Self::Well),
            "away" => Some(Self::Away),
            "slow" => Some(Self::Slow),
            "nonsense" => Some(Self::Nonsense),
            "absurd" => Some(Self::Absurd),
            _ => None,
        }
    }
}

/// Every postcode of these outward codes that has a place on the map.
///
/// # Errors
/// If the shipped table does not read.
pub fn postcodes_of(outward: &[&str]) -> anyhow::Result<Vec<String>> {
    /// Those that an inward code may have.
    const LETTERS: &str = "ABDEFGHJLNPQRSTUWXYZ";
    let table = table()?;
    let mut found = Vec::new();
    for outward in outward {
        for sector in 0..10 {
            for first in LETTERS.chars() {
                for second in LETTERS.chars() {
                    let Ok(postcode) =
                        Postcode::parse(&format!("{outward} {sector}{first}{second}"))
                    else {
                        continue;
                    };
                    if matches!(table.lookup(&postcode), Entry::Unit(_)) {
                        found.push(postcode.as_str().to_owned());
                    }
                }
            }
        }
    }
    Ok(found)
}

fn table() -> anyhow::Result<Gazetteer<'static>> {
    Gazetteer::from_bytes(TABLE).context("the shipped table of postcodes does not read")
}

#[derive(Clone, Copy)]
enum Format {
    PostcodesIo,
    FindThatPostcode,
}

/// One provider; it stops with the runtime that it was started on.
pub struct Provider {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    format: Format,
    mode: AtomicU8,
    asked: AtomicU64,
    table: Gazetteer<'static>,
}

impl Provider {
    /// In the format of postcodes.io.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn postcodes_io() -> anyhow::Result<Self> {
        Self::start(Format::PostcodesIo, "/postcodes/{postcode}").await
    }

    /// In the format of findthatpostcode.uk.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn findthatpostcode() -> anyhow::Result<Self> {
        Self::start(Format::FindThatPostcode, "/postcodes/{postcode}").await
    }

    async fn start(format: Format, route: &str) -> anyhow::Result<Self> {
        let table = table()?;
        let shared = Arc::new(Shared {
            format,
            mode: AtomicU8::new(0),
            asked: AtomicU64::new(0),
            table,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route(route, get(answer))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, shared })
    }

    pub fn set(&self, mode: Mode) {
        self.shared.mode.store(mode as u8, Ordering::SeqCst);
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(shared): State<Arc<Shared>>, Path(asked): Path<String>) -> Response {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    match shared.mode.load(Ordering::SeqCst) {
        1 => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        2 => tokio::time::sleep(Duration::from_secs(60)).await,
        3 => return axum::response::Html("<h1>It works</h1>").into_response(),
        _ => {}
    }
    let Ok(postcode) = Postcode::parse(asked.trim_end_matches(".json")) else {
        return shared.unknown();
    };
    match postcode.as_str() {
        "AB1 0AA" => return shared.terminated(postcode.as_str()),
        offshore
            if ["JE", "GY", "IM"]
                .iter()
                .any(|area| offshore.starts_with(area)) =>
        {
            return shared.found(offshore, None);
        }
        _ => {}
    }
    if shared.mode.load(Ordering::SeqCst) == Mode::Absurd as u8 {
        return shared.found(postcode.as_str(), Some((5_477.66, -1e9)));
    }
    match shared.table.lookup(&postcode) {
        Entry::Unit(position) => shared.found(
            postcode.as_str(),
            Some((position.latitude, position.longitude)),
        ),
        Entry::UnitWithoutPosition => shared.found(postcode.as_str(), None),
        _ => shared.unknown(),
    }
}

impl Shared {
    fn found(&self, postcode: &str, position: Option<(f64, f64)>) -> Response {
        let latitude = position.map(|(latitude, _)| latitude);
        let longitude = position.map(|(_, longitude)| longitude);
        json_answer(
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

    fn terminated(&self, postcode: &str) -> Response {
        let (latitude, longitude) = (57.101_474, -2.242_851);
        match self.format {
            Format::PostcodesIo => json_answer(
                StatusCode::NOT_FOUND,
                json!({"status": 404, "error": "Postcode not found", "terminated": {
                    "postcode": postcode, "year_terminated": 1996, "month_terminated": 6,
                    "longitude": longitude, "latitude": latitude,
                }}),
            ),
            Format::FindThatPostcode => json_answer(
                StatusCode::OK,
                json!({"data": {"type": "postcodes", "id": postcode, "attributes": {
                    "pcds": postcode, "doterm": "1996-06-01", "lat": latitude, "long": longitude,
                    "location": {"lat": latitude, "lon": longitude},
                }}, "included": []}),
            ),
        }
    }

    fn unknown(&self) -> Response {
        json_answer(
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

fn json_answer(status: StatusCode, body: Value) -> Response {
    (status, axum::Json(body)).into_response()
}
