//! A short run of the fault tests; `cargo xtask chaos` does longer ones.

use std::time::Duration;

use testkit::chaos;
use testkit::chaos::checker::End;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_no_order_is_lost_doubled_or_denied() {
    let report = chaos::run(20_260_720, Duration::from_secs(60), false)
        .await
        .unwrap();
    println!("{report}");
    assert!(report.findings.is_empty(), "{report}");
    assert!(report.faults_without_effect().is_empty(), "{report}");
    assert!(report.ended(End::Done) > 0, "{report}");
}
