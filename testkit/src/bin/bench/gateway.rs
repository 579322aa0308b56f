//! `bench gateway`, its second part: what the front-end server costs before real replicas, as ratios to the same requests sent straight
//! to one of them.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use model::api;
use process::secret::SigningKey;
use testkit::customer::new_key;
use testkit::load::{self, Figures, Source};
use testkit::{Cluster, Options};

use crate::forwarding::{CONNECTIONS, RUN, WARM_UP};

struct Case {
    name: &'static str,
    wanted: StatusCode,
    source: Source,
}

pub async fn run() -> anyhow::Result<()> {
    let cluster = Cluster::start(Options::default()).await?;
    let through: SocketAddr = cluster.url().trim_start_matches("http://").parse()?;
    let primary = cluster.primary().await?;
    let straight: SocketAddr = cluster.replica_address(primary)?.parse()?;
    let order = cluster.customer().prepare().await?;
    let credential = SigningKey::load(None, cluster.data())?.replica_credential();

    let menu = format!("{}/{}/menu", api::RESTAURANTS, order.basket.restaurant);
    let body = Bytes::from(serde_json::to_vec(&order)?);
    let get_credential = credential.clone();
    let cases = [
        Case {
            name: "GET menu",
            wanted: StatusCode::OK,
            source: Arc::new(move || {
                let request = Request::get(&menu)
                    .header("host", "tiffin")
                    .header(api::CREDENTIAL, &get_credential);
                request
                    .body(Full::default())
                    .expect("a request of fixed parts")
            }),
        },
        Case {
            name: "POST order",
            wanted: StatusCode::CREATED,
            source: Arc::new(move || {
                let request = Request::post(api::ORDERS)
                    .header("host", "tiffin")
                    .header("content-type", "application/json")
                    .header(api::IDEMPOTENCY_KEY, new_key())
                    .header(api::CREDENTIAL, &credential);
                request
                    .body(Full::new(body.clone()))
                    .expect("a request of fixed parts")
            }),
        },
    ];
    println!(
        "\nReal replicas; {CONNECTIONS} connections, {} s each; straight to one, and through the front-end server\n",
        RUN.as_secs()
    );
    for case in &cases {
        let before = measure(straight, case).await?;
        let after = measure(through, case).await?;
        row(case.name, "straight", &before);
        row(case.name, "through", &after);
        println!(
            "{:<12} {:<9} {:>9.2}\n",
            case.name,
            "ratio",
            after.per_second / before.per_second
        );
    }
    println!(
        "resident memory: server {} MB",
        cluster.server_memory_kb()? / 1024
    );
    for number in 1..=3 {
        println!(
            "resident memory: replica-{number} {} MB",
            cluster.replica_memory_kb(number)? / 1024
        );
    }
    Ok(())
}

async fn measure(address: SocketAddr, case: &Case) -> anyhow::Result<Figures> {
    let Case {
        name,
        wanted,
        source,
    } = case;
    load::run(address, CONNECTIONS, WARM_UP, *wanted, source).await?;
    load::run(address, CONNECTIONS, RUN, *wanted, source)
        .await
        .context(*name)
}

fn row(case: &str, way: &str, figures: &Figures) {
    println!(
        "{case:<12} {way:<9} {:>9.0} requests/s   p50 {:>7.2} ms   p99 {:>7.2} ms   p99.9 {:>7.2} ms   {} failed",
        figures.per_second, figures.p50_ms, figures.p99_ms, figures.p999_ms, figures.failed
    );
}
