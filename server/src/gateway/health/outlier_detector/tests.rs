//! What makes a replica unavailable, and what reinstates it.

use super::*;

fn detector_after(observations: &[Observation]) -> OutlierDetector {
    let mut detector = OutlierDetector::default();
    for observation in observations {
        detector.observe(observation.clone(), Instant::now());
    }
    detector
}

fn available() -> OutlierDetector {
    detector_after(&[Observation::CheckPassed])
}

#[tokio::test(start_paused = true)]
async fn starts_unavailable_until_the_first_check_passes() {
    assert_eq!(OutlierDetector::default().tier(), HealthTier::Unavailable);
    assert_eq!(available().tier(), HealthTier::Healthy);
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_makes_it_unavailable_at_once_and_one_check_reinstates_it() {
    let mut detector = available();
    assert!(detector.observe(Observation::ConnectionRefused, Instant::now()));
    assert_eq!(detector.health(), Health::Unavailable);
    assert_eq!(detector.reason(), Some("it refuses connections"));
    assert!(detector.observe(Observation::CheckPassed, Instant::now()));
    assert_eq!(detector.health(), Health::Available);
    assert_eq!(detector.reason(), None);
}

#[tokio::test(start_paused = true)]
async fn one_broken_request_is_tolerated_and_two_in_a_row_eject() {
    let mut detector = available();
    let now = Instant::now();
    assert!(!detector.observe(Observation::RequestBroken, now));
    detector.observe(Observation::RequestAnswered, now);
    assert!(!detector.observe(Observation::RequestBroken, now));
    assert_eq!(detector.tier(), HealthTier::Healthy);
    assert!(detector.observe(Observation::RequestBroken, now));
    assert_eq!(detector.tier(), HealthTier::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn repeated_broken_connections_lengthen_the_ejection() {
    let mut detector = available();
    for ejection_s in [0, 2, 4, 8] {
        let failed_at = Instant::now();
        detector.observe(Observation::RequestBroken, failed_at);
        detector.observe(Observation::RequestBroken, failed_at);
        assert_eq!(detector.health(), Health::Unavailable);
        if ejection_s > 0 {
            detector.observe(Observation::CheckPassed, failed_at);
            assert_eq!(detector.tier(), HealthTier::Probation);
            tokio::time::advance(Duration::from_secs(ejection_s)).await;
        }
        detector.observe(Observation::CheckPassed, Instant::now());
        assert_eq!(detector.tier(), HealthTier::Healthy, "after {ejection_s} s");
    }
}

#[tokio::test(start_paused = true)]
async fn two_late_checks_make_it_unavailable_and_one_does_not() {
    let mut detector = available();
    let now = Instant::now();
    assert!(!detector.observe(Observation::CheckTimedOut, now));
    assert!(detector.observe(Observation::CheckTimedOut, now));
    assert!(detector.is_unresponsive());
    assert_eq!(detector.tier(), HealthTier::Unavailable);
    detector.observe(Observation::CheckPassed, now);
    assert!(!detector.is_unresponsive());
}

#[tokio::test(start_paused = true)]
async fn a_suspect_is_available_and_second_choice_until_its_heartbeat_returns() {
    let mut detector = available();
    let now = Instant::now();
    assert!(detector.observe(Observation::Suspected(Suspicion::NoHeartbeat), now));
    assert_eq!(
        (detector.health(), detector.tier()),
        (Health::Available, HealthTier::Suspect)
    );
    assert!(detector.observe(Observation::Cleared(Suspicion::NoHeartbeat), now));
    assert_eq!(detector.tier(), HealthTier::Healthy);
    detector.observe(Observation::Suspected(Suspicion::NoHeartbeat), now);
    detector.observe(Observation::HeartbeatLost, now);
    assert_eq!(detector.tier(), HealthTier::Unavailable);
    detector.observe(Observation::CheckPassed, now);
    assert_eq!(detector.tier(), HealthTier::Healthy);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_does_not_clear_missing_progress_and_an_answer_clears_both() {
    let mut detector = available();
    let now = Instant::now();
    detector.observe(Observation::Suspected(Suspicion::NoProgress), now);
    detector.observe(Observation::Cleared(Suspicion::NoHeartbeat), now);
    detector.observe(Observation::CheckPassed, now);
    assert_eq!(detector.tier(), HealthTier::Suspect);
    detector.observe(Observation::Suspected(Suspicion::NoHeartbeat), now);
    detector.observe(Observation::Cleared(Suspicion::NoProgress), now);
    assert_eq!(detector.tier(), HealthTier::Healthy);
}

#[tokio::test(start_paused = true)]
async fn late_checks_with_a_pass_between_do_not_add_up() {
    let mut detector = available();
    let now = Instant::now();
    for _ in 0..5 {
        detector.observe(Observation::CheckTimedOut, now);
        detector.observe(Observation::CheckPassed, now);
    }
    assert_eq!(detector.tier(), HealthTier::Healthy);
}

#[tokio::test(start_paused = true)]
async fn passing_checks_do_not_overrule_request_timeouts() {
    let mut detector = available();
    let now = Instant::now();
    for _ in 0..3 {
        detector.observe(Observation::RequestTimedOut, now);
        detector.observe(Observation::CheckPassed, now);
    }
    assert_eq!(detector.tier(), HealthTier::Probation);
    assert!(detector.is_unresponsive());
    tokio::time::advance(INITIAL_EJECTION).await;
    detector.observe(Observation::CheckPassed, Instant::now());
    assert_eq!(detector.tier(), HealthTier::Healthy);
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_probation_and_the_next_ejection_is_longer() {
    let mut detector = available();
    let now = Instant::now();
    detector.observe(Observation::ProgressLost, now);
    assert_eq!(detector.tier(), HealthTier::Probation);
    assert!(detector.is_failing());
    assert!(detector.observe(Observation::RequestAnswered, now));
    assert_eq!(detector.tier(), HealthTier::Healthy);
    assert!(!detector.is_unresponsive());
    detector.observe(Observation::ProgressLost, now);
    tokio::time::advance(INITIAL_EJECTION).await;
    detector.observe(Observation::CheckPassed, Instant::now());
    assert_eq!(detector.tier(), HealthTier::Probation);
}

#[tokio::test(start_paused = true)]
async fn timeouts_between_answered_requests_do_not_add_up() {
    let mut detector = available();
    let now = Instant::now();
    for _ in 0..10 {
        detector.observe(Observation::RequestTimedOut, now);
        detector.observe(Observation::RequestAnswered, now);
    }
    assert_eq!(detector.tier(), HealthTier::Healthy);
    assert!(!detector.is_failing());
}

#[tokio::test(start_paused = true)]
async fn an_ejected_replica_that_dies_is_not_on_probation() {
    let mut detector = available();
    let now = Instant::now();
    for _ in 0..3 {
        detector.observe(Observation::RequestTimedOut, now);
    }
    assert_eq!(detector.tier(), HealthTier::Probation);
    detector.observe(Observation::ConnectionRefused, now);
    assert_eq!(detector.tier(), HealthTier::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn the_reason_is_what_the_replica_reports() {
    let detector = detector_after(&[Observation::NotReady("its store is away".to_owned())]);
    assert_eq!(detector.health(), Health::Unavailable);
    assert_eq!(detector.reason(), Some("its store is away"));
    assert!(!detector.is_unresponsive());
    assert!(detector_after(&[Observation::ConnectionRefused]).is_unresponsive());
}
