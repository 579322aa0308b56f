use super::*;
use model::order::{OrderRestaurant, PaymentState};
use model::restaurant::Fulfilment;
use model::{OrderState, Pence};

fn order() -> Order {
    Order {
        token: "token".into(),
        number: 123,
        restaurant: OrderRestaurant {
            slug: "copper-pan".into(),
            name: "The Copper Pan".into(),
            phone: "0191 498 0123".into(),
            address: "14 Silver Street".into(),
            zone: "Europe/London".into(),
        },
        state: OrderState::Placed,
        payment: PaymentState::Unpaid,
        version: 1,
        placed_at_ms: 0,
        fulfilment: Fulfilment::Collection,
        slot: None,
        expected: None,
        lines: vec![],
        goods_pence: Pence(0),
        delivery_fee_pence: Pence(0),
        total_pence: Pence(0),
        vat_pence: Pence(0),
        customer_name: String::new(),
        delivery_address: None,
        notes: String::new(),
        history: vec![],
    }
}

fn error(code: Code) -> ApiError {
    ApiError::Problem(Box::new(Problem::new(code, "", "")))
}

fn answered(code: Code) -> Event {
    Event::Answered {
        answer: Err(error(code)),
        again: false,
    }
}

fn not_placed() -> Event {
    Event::LookedUp(Err(error(Code::NotPlaced)))
}

/// Applies the events and returns the last phase and the next step.
fn run(start: Phase, events: impl IntoIterator<Item = Event>) -> (Phase, NextStep) {
    events
        .into_iter()
        .fold((start, NextStep::Nothing), |(phase, _), event| {
            phase.step(event)
        })
}

#[test]
fn pressed_and_answered_is_placed() {
    let (phase, next) = run(Phase::Idle, [Event::Submitted]);
    assert_eq!(
        (phase, next),
        (Phase::Sending, NextStep::Send { after_ms: 0 })
    );
    let answer = Event::Answered {
        answer: Ok(order()),
        again: false,
    };
    assert_eq!(
        run(Phase::Sending, [answer]),
        (Phase::Placed(Box::new(order())), NextStep::Nothing)
    );
}

#[test]
fn a_double_tap_sends_once() {
    let (phase, next) = run(Phase::Idle, [Event::Submitted, Event::Submitted]);
    assert_eq!((phase, next), (Phase::Sending, NextStep::Nothing));
}

#[test]
fn without_an_answer_it_is_asked_and_found() {
    for lost in [ApiError::Network, ApiError::TimedOut, ApiError::Malformed] {
        let event = Event::Answered {
            answer: Err(lost),
            again: false,
        };
        let (phase, next) = run(Phase::Sending, [event]);
        assert!(matches!(phase, Phase::Checking(_)));
        assert!(matches!(next, NextStep::LookUp { .. }));
        let (phase, _) = phase.step(Event::LookedUp(Ok(order())));
        assert_eq!(phase, Phase::Placed(Box::new(order())));
    }
}

#[test]
fn a_broken_replica_and_a_fault_of_ours_leave_it_open() {
    for code in [Code::ReplicaFailed, Code::TimedOut, Code::Internal] {
        let (phase, _) = run(Phase::Sending, [answered(code)]);
        assert!(matches!(phase, Phase::Checking(_)), "{code:?}");
    }
}

#[test]
fn not_placed_is_said_only_after_several_answers_in_a_row() {
    let start = Phase::Checking(Checking::default());
    let (phase, _) = run(start.clone(), [not_placed(), not_placed()]);
    assert!(matches!(phase, Phase::Checking(_)));
    let (phase, _) = run(start.clone(), [not_placed(), not_placed(), not_placed()]);
    assert_eq!(phase, Phase::NotPlaced);
    let (phase, _) = run(
        start,
        [
            not_placed(),
            not_placed(),
            Event::LookedUp(Err(ApiError::Network)),
            not_placed(),
        ],
    );
    assert!(matches!(
        phase,
        Phase::Checking(Checking { not_placed: 1, .. })
    ));
}

#[test]
fn questions_back_off_while_nobody_answers() {
    let mut phase = Phase::Checking(Checking::default());
    let mut waits = Vec::new();
    for _ in 0..6 {
        let (then, next) = phase.step(Event::LookedUp(Err(ApiError::Offline)));
        phase = then;
        if let NextStep::LookUp { after_ms } = next {
            waits.push(after_ms);
        }
    }
    assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
}

#[test]
fn with_no_replica_it_goes_again_by_itself() {
    let (phase, next) = run(Phase::Sending, [answered(Code::Unavailable)]);
    assert_eq!(phase, Phase::Waiting { tries: 1 });
    assert_eq!(next, NextStep::Send { after_ms: 1_000 });
    let (phase, next) = phase.step(answered(Code::Unavailable));
    assert_eq!(phase, Phase::Waiting { tries: 2 });
    assert_eq!(next, NextStep::Send { after_ms: 2_000 });
    let (phase, _) = phase.step(Event::Answered {
        answer: Ok(order()),
        again: true,
    });
    assert_eq!(phase, Phase::Placed(Box::new(order())));
}

#[test]
fn giving_up_the_wait_asks_before_it_says_anything() {
    let (phase, next) = run(Phase::Waiting { tries: 3 }, [Event::StoppedWaiting]);
    assert_eq!(phase, Phase::Checking(Checking::default()));
    assert_eq!(next, NextStep::LookUp { after_ms: 0 });
}

#[test]
fn a_refusal_is_shown_and_the_button_works_again() {
    for code in [Code::Invalid, Code::QuoteChanged, Code::NotOrderable] {
        let (phase, next) = run(Phase::Sending, [answered(code)]);
        assert!(matches!(&phase, Phase::Rejected(problem) if problem.code == code));
        assert_eq!(next, NextStep::Nothing);
        assert!(!phase.is_busy());
        assert_eq!(phase.step(Event::Submitted).0, Phase::Sending);
    }
}

#[test]
fn a_limiter_tells_nothing_of_an_earlier_request() {
    let limited = |again| Event::Answered {
        answer: Err(error(Code::TooManyRequests)),
        again,
    };
    let (phase, _) = run(Phase::Sending, [limited(false)]);
    assert!(matches!(phase, Phase::Rejected(_)));
    let (phase, _) = run(Phase::Sending, [limited(true)]);
    assert!(matches!(phase, Phase::Checking(_)));
}

#[test]
fn an_order_of_an_earlier_press_is_told_apart() {
    let (phase, _) = run(
        Phase::Sending,
        [
            answered(Code::IdempotencyKeyReused),
            Event::LookedUp(Err(ApiError::Network)),
            Event::LookedUp(Ok(order())),
        ],
    );
    assert_eq!(phase, Phase::PlacedEarlier(Box::new(order())));
}

#[test]
fn a_reload_in_the_middle_asks_first() {
    let (phase, next) = run(Phase::Idle, [Event::Resumed]);
    assert!(matches!(phase, Phase::Checking(_)));
    assert_eq!(next, NextStep::LookUp { after_ms: 0 });
}

#[test]
fn while_checking_it_may_be_sent_again() {
    let (phase, next) = run(Phase::Checking(Checking::default()), [Event::Submitted]);
    assert_eq!(
        (phase, next),
        (Phase::Sending, NextStep::Send { after_ms: 0 })
    );
}

#[test]
fn what_is_late_changes_nothing() {
    let late = || Event::LookedUp(Err(ApiError::Network));
    assert_eq!(run(Phase::NotPlaced, [late()]).0, Phase::NotPlaced);
    let placed = Phase::Placed(Box::new(order()));
    assert_eq!(
        run(
            placed.clone(),
            [Event::Submitted, late(), Event::StoppedWaiting]
        ),
        (placed, NextStep::Nothing)
    );
}

#[test]
fn an_order_that_arrived_late_is_told_wherever_nothing_is_under_way() {
    for phase in [Phase::Idle, Phase::NotPlaced] {
        let (phase, next) = run(phase, [Event::FoundEarlier(order())]);
        assert_eq!(phase, Phase::PlacedEarlier(Box::new(order())));
        assert_eq!(next, NextStep::Nothing);
    }
    assert_eq!(
        run(Phase::Sending, [Event::FoundEarlier(order())]).0,
        Phase::Sending
    );
}

#[test]
fn another_basket_takes_back_the_refusal_but_stops_nothing_under_way() {
    assert_eq!(run(Phase::NotPlaced, [Event::BasketChanged]).0, Phase::Idle);
    assert_eq!(
        run(Phase::Sending, [Event::BasketChanged]).0,
        Phase::Sending
    );
    assert_eq!(run(Phase::Sending, [Event::NotSent]).0, Phase::Idle);
}
