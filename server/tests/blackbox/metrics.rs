//! What is counted and measured, as those who collect it read it.

use crate::client::Answer;
use crate::replica::{Behaviour, Replica};
use crate::server::Site;

/// The value of a line such as `tiffin_events_total{kind="joined"} 2`.
fn value(answer: &Answer, name: &str) -> f64 {
    let mut lines = answer.text().lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {}", answer.text()))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn requests_repeats_failures_and_replicas_are_told() {
    let site = Site::new();
    let server = site.serve().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Breaks);
    assert_eq!(server.keyed_order().send().await.status, 200);
    assert_eq!(server.unkeyed_order().send().await.status, 502);
    let answer = server.get("/metrics").await;
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert!(answer.text().ends_with("# EOF\n"));
    for (name, wanted) in [
        ("tiffin_requests_total", 2.0),
        ("tiffin_requests_failed_total", 1.0),
        ("tiffin_requests_retried_total", 1.0),
        ("tiffin_requests_hedged_total", 0.0),
        ("tiffin_request_duration_seconds_count", 1.0),
        ("tiffin_events_total{kind=\"joined\"}", 2.0),
        ("tiffin_replica_available{replica=\"replica-2\"}", 1.0),
        ("tiffin_replica_in_flight{replica=\"replica-2\"}", 0.0),
    ] {
        assert_eq!(value(&answer, name), wanted, "{name}");
    }
    let primaries = ["replica-1", "replica-2"].map(|id| {
        value(
            &answer,
            &format!("tiffin_replica_primary{{replica=\"{id}\"}}"),
        )
    });
    assert_eq!(primaries.iter().sum::<f64>(), 1.0);
    assert!(!answer.text().contains("127.0.0.1"));
}
