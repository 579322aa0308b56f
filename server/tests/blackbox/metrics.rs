//! `GET /metrics`, read as a collector does.

use crate::client::TestResponse;
use crate::replica::{Behaviour, Replica};
use crate::site::Site;

/// The value of a line such as `tiffin_events_total{kind="joined"} 2`.
fn value(response: &TestResponse, name: &str) -> f64 {
    let mut lines = response.text().lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {}", response.text()))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn requests_retries_failures_and_replicas_are_counted() {
    let site = Site::new();
    let server = site.start_server().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Breaks);
    assert_eq!(server.keyed_order().send().await.status, 200);
    assert_eq!(server.unkeyed_order().send().await.status, 502);
    let response = server.get("/metrics").await;
    assert!(
        response
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert!(response.text().ends_with("# EOF\n"));
    for (name, expected) in [
        ("tiffin_requests_total", 2.0),
        ("tiffin_requests_failed_total", 1.0),
        ("tiffin_requests_retried_total", 1.0),
        ("tiffin_requests_hedged_total", 0.0),
        ("tiffin_request_duration_seconds_count", 1.0),
        ("tiffin_events_total{kind=\"joined\"}", 2.0),
        ("tiffin_replica_available{replica=\"replica-2\"}", 1.0),
        ("tiffin_replica_in_flight{replica=\"replica-2\"}", 0.0),
    ] {
        assert_eq!(value(&response, name), expected, "{name}");
    }
    let primaries = ["replica-1", "replica-2"].map(|id| {
        value(
            &response,
            &format!("tiffin_replica_primary{{replica=\"{id}\"}}"),
        )
    });
    assert_eq!(primaries.iter().sum::<f64>(), 1.0);
    assert!(!response.text().contains("127.0.0.1"));
}
