//! A short run of the chaos tests; `cargo xtask chaos` does longer ones.

use std::time::Duration;

use testkit::chaos;
use testkit::chaos::checker::Completion;

#[tokio::test(flavor = "multi_thread")]
async fn no_invariant_is_violated_under_faults() {
    let report = chaos::run(20_260_720, Duration::from_secs(60), false)
        .await
        .unwrap();
    println!("{report}");
    assert!(report.violations.is_empty(), "{report}");
    assert!(report.faults_without_effect().is_empty(), "{report}");
    assert!(report.key_count(Completion::Ok) > 0, "{report}");
}
