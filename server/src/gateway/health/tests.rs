//! What makes a replica fall, and what brings it back.

use super::*;

fn judge_after(observations: &[Observation]) -> Judge {
    let mut judge = Judge::default();
    for observation in observations {
        judge.observe(observation.clone(), Instant::now());
    }
    judge
}

fn available() -> Judge {
    judge_after(&[Observation::CheckPassed])
}

#[tokio::test(start_paused = true)]
async fn starts_out_and_the_first_check_brings_it_in() {
    assert_eq!(Judge::default().standing(), Standing::Out);
    assert_eq!(available().standing(), Standing::First);
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_takes_it_out_at_once_and_one_check_brings_it_back() {
    let mut judge = available();
    assert!(judge.observe(Observation::Refused, Instant::now()));
    assert_eq!(judge.health(), Health::Unavailable);
    assert_eq!(judge.reason(), Some("it refuses connections"));
    assert!(judge.observe(Observation::CheckPassed, Instant::now()));
    assert_eq!(judge.health(), Health::Available);
    assert_eq!(judge.reason(), None);
}

#[tokio::test(start_paused = true)]
async fn one_broken_request_is_forgiven_and_two_in_a_row_are_not() {
    let mut judge = available();
    let now = Instant::now();
    assert!(!judge.observe(Observation::RequestBroken, now));
    judge.observe(Observation::Answered, now);
    assert!(!judge.observe(Observation::RequestBroken, now));
    assert_eq!(judge.standing(), Standing::First);
    assert!(judge.observe(Observation::RequestBroken, now));
    assert_eq!(judge.standing(), Standing::Out);
}

#[tokio::test(start_paused = true)]
async fn connections_that_break_again_and_again_earn_a_growing_bar() {
    let mut judge = available();
    for bar in [0, 2, 4, 8] {
        let fell = Instant::now();
        judge.observe(Observation::RequestBroken, fell);
        judge.observe(Observation::RequestBroken, fell);
        assert_eq!(judge.health(), Health::Unavailable);
        if bar > 0 {
            judge.observe(Observation::CheckPassed, fell);
            assert_eq!(judge.standing(), Standing::LastResort);
            tokio::time::advance(Duration::from_secs(bar)).await;
        }
        judge.observe(Observation::CheckPassed, Instant::now());
        assert_eq!(judge.standing(), Standing::First, "after {bar} s");
    }
}

#[tokio::test(start_paused = true)]
async fn two_late_checks_are_a_hang_and_one_is_not() {
    let mut judge = available();
    let now = Instant::now();
    assert!(!judge.observe(Observation::CheckTimedOut, now));
    assert!(judge.observe(Observation::CheckTimedOut, now));
    assert!(judge.silent());
    assert_eq!(judge.standing(), Standing::Out);
    judge.observe(Observation::CheckPassed, now);
    assert!(!judge.silent());
}

#[tokio::test(start_paused = true)]
async fn a_suspect_is_available_and_second_choice_until_it_is_heard_of() {
    let mut judge = available();
    let now = Instant::now();
    assert!(judge.observe(Observation::Suspected(Sign::Heartbeat), now));
    assert_eq!(
        (judge.health(), judge.standing()),
        (Health::Available, Standing::Suspect)
    );
    assert!(judge.observe(Observation::Cleared(Sign::Heartbeat), now));
    assert_eq!(judge.standing(), Standing::First);
    judge.observe(Observation::Suspected(Sign::Heartbeat), now);
    judge.observe(Observation::Silent, now);
    assert_eq!(judge.standing(), Standing::Out);
    judge.observe(Observation::CheckPassed, now);
    assert_eq!(judge.standing(), Standing::First);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_does_not_speak_for_requests_without_answer_and_an_answer_does() {
    let mut judge = available();
    let now = Instant::now();
    judge.observe(Observation::Suspected(Sign::Progress), now);
    judge.observe(Observation::Cleared(Sign::Heartbeat), now);
    judge.observe(Observation::CheckPassed, now);
    assert_eq!(judge.standing(), Standing::Suspect);
    judge.observe(Observation::Suspected(Sign::Heartbeat), now);
    judge.observe(Observation::Cleared(Sign::Progress), now);
    assert_eq!(judge.standing(), Standing::First);
}

#[tokio::test(start_paused = true)]
async fn falling_silent_again_and_again_is_a_fall_and_now_and_then_is_none() {
    for (apart_ms, standing) in [(500, Standing::Out), (1_500, Standing::First)] {
        let mut judge = available();
        for _ in 0..3 {
            let now = Instant::now();
            judge.observe(Observation::Suspected(Sign::Heartbeat), now);
            judge.observe(Observation::Cleared(Sign::Heartbeat), now);
            tokio::time::advance(Duration::from_millis(apart_ms)).await;
        }
        assert_eq!(judge.standing(), standing, "{apart_ms} ms apart");
    }
}

#[tokio::test(start_paused = true)]
async fn late_checks_with_a_pass_between_do_not_add_up() {
    let mut judge = available();
    let now = Instant::now();
    for _ in 0..5 {
        judge.observe(Observation::CheckTimedOut, now);
        judge.observe(Observation::CheckPassed, now);
    }
    assert_eq!(judge.standing(), Standing::First);
}

#[tokio::test(start_paused = true)]
async fn passing_checks_do_not_overrule_requests_without_answer() {
    let mut judge = available();
    let now = Instant::now();
    for _ in 0..3 {
        judge.observe(Observation::RequestTimedOut, now);
        judge.observe(Observation::CheckPassed, now);
    }
    assert_eq!(judge.standing(), Standing::LastResort);
    assert!(judge.silent());
    tokio::time::advance(FIRST_BAR).await;
    judge.observe(Observation::CheckPassed, Instant::now());
    assert_eq!(judge.standing(), Standing::First);
}

#[tokio::test(start_paused = true)]
async fn an_answer_brings_a_last_resort_back_and_the_next_bar_is_longer() {
    let mut judge = available();
    let now = Instant::now();
    judge.observe(Observation::Stuck, now);
    assert_eq!(judge.standing(), Standing::LastResort);
    assert!(judge.wary());
    assert!(judge.observe(Observation::Answered, now));
    assert_eq!(judge.standing(), Standing::First);
    assert!(!judge.silent());
    judge.observe(Observation::Stuck, now);
    tokio::time::advance(FIRST_BAR).await;
    judge.observe(Observation::CheckPassed, Instant::now());
    assert_eq!(judge.standing(), Standing::LastResort);
}

#[tokio::test(start_paused = true)]
async fn slow_requests_among_answered_ones_do_not_add_up() {
    let mut judge = available();
    let now = Instant::now();
    for _ in 0..10 {
        judge.observe(Observation::RequestTimedOut, now);
        judge.observe(Observation::Answered, now);
    }
    assert_eq!(judge.standing(), Standing::First);
    assert!(!judge.wary());
}

#[tokio::test(start_paused = true)]
async fn a_barred_replica_that_dies_is_no_last_resort() {
    let mut judge = available();
    let now = Instant::now();
    for _ in 0..3 {
        judge.observe(Observation::RequestTimedOut, now);
    }
    assert_eq!(judge.standing(), Standing::LastResort);
    judge.observe(Observation::Refused, now);
    assert_eq!(judge.standing(), Standing::Out);
}

#[tokio::test(start_paused = true)]
async fn what_a_replica_says_of_itself_is_the_reason() {
    let judge = judge_after(&[Observation::NotReady("its store is away".to_owned())]);
    assert_eq!(judge.health(), Health::Unavailable);
    assert_eq!(judge.reason(), Some("its store is away"));
    assert!(!judge.silent());
    assert!(judge_after(&[Observation::Refused]).silent());
}
