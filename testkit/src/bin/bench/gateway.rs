//! `bench gateway`, second part: the cost of the front-end server before real replicas, as ratios to the same requests sent
//! directly to one of them.

use std::net::SocketAddr;

use anyhow::Context;
use bytes::Bytes;
use hyper::StatusCode;
use process::secret::SigningKey;
use testkit::cluster::ids::replica_id;
use testkit::load::RequestFactory;
use testkit::load::closed_loop::{self, LoadSummary};
use testkit::{Cluster, Options};

use crate::forwarding::{CONNECTIONS, RUN, WARM_UP};
use crate::requests::{get_menu, place_orders};
use crate::server_build::ServerBuild;

struct Case {
    name: &'static str,
    expected: StatusCode,
    requests: RequestFactory,
}

pub async fn run(others: &[ServerBuild]) -> anyhow::Result<()> {
    println!(
        "\nReal replicas; {CONNECTIONS} connections, {} s each; directly to one, and through the front-end server",
        RUN.as_secs()
    );
    for build in ServerBuild::with_present(others) {
        println!("\n{}\n", build.name);
        measure_build(build).await?;
    }
    Ok(())
}

async fn measure_build(build: ServerBuild) -> anyhow::Result<()> {
    let cluster = Cluster::start(Options {
        server_program: build.program,
        ..Options::default()
    });
    let cluster = cluster.await?;
    let proxied: SocketAddr = cluster.url().trim_start_matches("http://").parse()?;
    let primary = cluster.primary().await?;
    let direct: SocketAddr = cluster.replica_address(primary)?.parse()?;
    let order = cluster.customer_client().prepare_order().await?;
    let credential = SigningKey::load(None, cluster.data_folder())?.replica_credential();
    let body = Bytes::from(serde_json::to_vec(&order)?);
    let cases = [
        Case {
            name: "GET menu",
            expected: StatusCode::OK,
            requests: get_menu(&order.basket.restaurant, Some(credential.clone())),
        },
        Case {
            name: "POST order",
            expected: StatusCode::CREATED,
            requests: place_orders(body, Some(credential)),
        },
    ];
    for case in &cases {
        let direct = measure(direct, case).await?;
        let proxied = measure(proxied, case).await?;
        print_row(case.name, "direct", &direct);
        print_row(case.name, "proxied", &proxied);
        println!(
            "{:<12} {:<9} {:>9.2}\n",
            case.name,
            "ratio",
            proxied.per_second / direct.per_second
        );
    }
    println!(
        "resident memory: server {} MB",
        cluster.server_memory_kb()? / 1024
    );
    for number in 1..=3 {
        println!(
            "resident memory: {} {} MB",
            replica_id(number),
            cluster.replica_memory_kb(number)? / 1024
        );
    }
    Ok(())
}

async fn measure(address: SocketAddr, case: &Case) -> anyhow::Result<LoadSummary> {
    let Case {
        name,
        expected,
        requests,
    } = case;
    closed_loop::run(address, CONNECTIONS, WARM_UP, *expected, requests).await?;
    closed_loop::run(address, CONNECTIONS, RUN, *expected, requests)
        .await
        .context(*name)
}

fn print_row(case: &str, route: &str, summary: &LoadSummary) {
    println!(
        "{case:<12} {route:<9} {:>9.0} requests/s   p50 {:>7.2} ms   p99 {:>7.2} ms   p99.9 {:>7.2} ms   {} failed",
        summary.per_second, summary.p50_ms, summary.p99_ms, summary.p999_ms, summary.failed
    );
}
