//! Drills on a cluster of real processes: the faults are real, and neither customers nor kitchens notice them.

use std::time::Duration;

use model::Problem;
use model::drill::{Drill, DrillFault, DrillPhase, DrillPlan};
use model::problem::Code;
use model::status::AdminState;
use reqwest::StatusCode;
use testkit::chaos::checker;
use testkit::chaos::store_snapshot::StoreSnapshot;
use testkit::chaos::violation::Violation;
use testkit::customer_client::{PlaceResult, new_idempotency_key};
use testkit::staff_client::SessionKind;
use testkit::{Cluster, CustomerClient, Options, wait};

const TIMEOUT: Duration = Duration::from_secs(40);

fn plan(fault: DrillFault) -> DrillPlan {
    DrillPlan {
        rate_per_second: 40,
        seconds: 6,
        fault,
        replica: None,
    }
}

async fn start_cluster(replicas: u16) -> Cluster {
    Cluster::start(Options::with_replicas(replicas))
        .await
        .unwrap()
}

async fn sign_in_operator(cluster: &Cluster) -> CustomerClient {
    let operator = cluster.customer_client();
    operator.sign_in(cluster.operator_password()).await.unwrap();
    operator
}

async fn start_drill(operator: &CustomerClient, plan: &DrillPlan) -> Drill {
    let (status, body) = operator.start_drill(plan).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{body}");
    serde_json::from_str(&body).unwrap()
}

async fn refusal_code(operator: &CustomerClient, plan: &DrillPlan) -> Code {
    let (status, body) = operator.start_drill(plan).await.unwrap();
    let problem: Problem = serde_json::from_str(&body).unwrap();
    assert_eq!(status.as_u16(), problem.status, "{body}");
    problem.code
}

async fn wait_for_end(operator: &CustomerClient) -> Drill {
    wait::until("the end of the drill", TIMEOUT, || async {
        let drill = operator.drill().await.ok()?;
        drill.result.is_some().then_some(drill)
    })
    .await
    .unwrap()
}

#[track_caller]
fn assert_no_effect_on_orders(drill: &Drill) {
    let result = drill.result.as_ref().unwrap();
    assert_eq!(drill.fault_failed, None);
    assert_eq!((drill.sent, drill.failed), (240, 0), "{drill:?}");
    assert_eq!((result.lost, result.duplicated), (Some(0), Some(0)));
    assert_eq!(drill.series.acknowledged.iter().sum::<u32>(), 240);
    assert_ne!(result.before.replica, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_primary_loses_duplicates_and_fails_no_order_and_kitchens_see_none() {
    let mut cluster = start_cluster(3).await;
    let operator = sign_in_operator(&cluster).await;
    let customer = cluster.customer_client();
    let order_request = customer.prepare_order().await.unwrap();
    let staff = cluster.staff_client(&order_request.basket.restaurant, SessionKind::Cookie);
    let staff = staff.await.unwrap();
    let primary = cluster.primary().await.unwrap();

    let first = start_drill(&operator, &plan(DrillFault::Kill)).await;
    assert_eq!(first.phase, DrillPhase::Running);
    let target = format!("replica-{primary}");
    assert_eq!(first.plan.replica.as_ref(), Some(&target));
    let again = refusal_code(&operator, &plan(DrillFault::None)).await;
    assert_eq!(again, Code::DrillRefused);
    // A customer places an order during the drill.
    let placed = customer
        .place(&new_idempotency_key(), &order_request)
        .await
        .unwrap();
    let PlaceResult::Order(own) = placed else {
        panic!("the order was refused");
    };

    let drill = wait_for_end(&operator).await;
    assert_eq!(drill.phase, DrillPhase::Finished);
    assert_no_effect_on_orders(&drill);
    let result = drill.result.unwrap();
    assert_eq!(result.before.replica, Some(target));
    assert_ne!(result.after.replica, result.before.replica);
    assert!(drill.fault_ms.is_some());
    assert!(cluster.has_ended(primary).unwrap());

    assert_eq!(own.number, 1);
    let open = staff.orders().await.unwrap().orders;
    let tokens: Vec<_> = open.iter().map(|open| open.order.token.clone()).collect();
    assert_eq!(tokens, [own.token]);
    // The checker has no history, so that every order is unrequested; it must report nothing else.
    let store = StoreSnapshot::read(&cluster.database().unwrap()).unwrap();
    let violations = checker::check(&[], &store).violations;
    assert_eq!(violations.len(), 241);
    for violation in violations {
        assert!(
            matches!(violation, Violation::UnrequestedOrder { .. }),
            "{violation:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_replica_is_avoided_and_resumes_unless_it_held_a_lock() {
    let cluster = start_cluster(3).await;
    let operator = sign_in_operator(&cluster).await;
    let primary = cluster.primary().await.unwrap();
    start_drill(&operator, &plan(DrillFault::Hang)).await;
    // Other processes end one that was stopped while it held a lock that they need.
    wait::until("a stopped process", TIMEOUT, || async {
        (cluster.is_stopped(primary) || cluster.is_dead(primary)).then_some(())
    })
    .await
    .unwrap();
    assert_no_effect_on_orders(&wait_for_end(&operator).await);
    assert!(!cluster.is_stopped(primary));
    let events = operator.status().await.unwrap().events;
    let ended_for_its_lock = events
        .iter()
        .any(|event| event.message.contains("with a lock"));
    assert_eq!(cluster.is_dead(primary), ended_for_its_lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_a_drill_switched_down_is_up_again_after_its_cancellation() {
    let cluster = start_cluster(2).await;
    let operator = sign_in_operator(&cluster).await;
    let chosen = DrillPlan {
        replica: Some("replica-2".to_owned()),
        seconds: 60,
        ..plan(DrillFault::Down)
    };
    start_drill(
        &operator,
        &DrillPlan {
            seconds: 6,
            ..chosen.clone()
        },
    )
    .await;
    let state = async || {
        let status = operator.status().await.ok()?;
        let replica = status
            .replicas
            .iter()
            .find(|replica| replica.id == "replica-2")?;
        Some(replica.admin_state)
    };
    wait::until("the switch", TIMEOUT, || async {
        (state().await? == AdminState::Down).then_some(())
    })
    .await
    .unwrap();
    operator.cancel_drill().await.unwrap();
    let drill = wait_for_end(&operator).await;
    assert_eq!(drill.phase, DrillPhase::Cancelled);
    assert!(drill.sent < 240);
    assert_eq!(state().await, Some(AdminState::Up));
    let result = drill.result.unwrap();
    assert_eq!((result.lost, result.duplicated), (Some(0), Some(0)));
    // Cancelling a drill that has ended changes nothing.
    operator.cancel_drill().await.unwrap();
    assert_eq!(operator.drill().await.unwrap().phase, DrillPhase::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_would_harm_customers_or_is_not_the_operators_is_refused() {
    let cluster = start_cluster(1).await;
    let visitor = cluster.customer_client();
    let code = refusal_code(&visitor, &plan(DrillFault::Kill)).await;
    assert_eq!(code, Code::Unauthorised);
    assert!(visitor.cancel_drill().await.is_err());

    let operator = sign_in_operator(&cluster).await;
    for fault in [DrillFault::Kill, DrillFault::Hang, DrillFault::Down] {
        assert_eq!(
            refusal_code(&operator, &plan(fault)).await,
            Code::DrillRefused
        );
    }
    let unknown_replica = DrillPlan {
        replica: Some("replica-9".to_owned()),
        ..plan(DrillFault::None)
    };
    assert_eq!(
        refusal_code(&operator, &unknown_replica).await,
        Code::DrillRefused
    );
    let too_much = DrillPlan {
        rate_per_second: 201,
        seconds: 61,
        ..plan(DrillFault::None)
    };
    assert_eq!(refusal_code(&operator, &too_much).await, Code::Invalid);
    assert!(operator.drill().await.is_err(), "no drill was started");
    assert_eq!(operator.status().await.unwrap().drill, None);

    // Without a fault one replica is enough.
    start_drill(&operator, &plan(DrillFault::None)).await;
    let drill = wait_for_end(&operator).await;
    assert_no_effect_on_orders(&drill);
    assert_eq!(drill.result.unwrap().recovered_ms, None);
    assert_eq!(visitor.status().await.unwrap().drill, None);
    assert!(operator.status().await.unwrap().drill.is_some());
}
