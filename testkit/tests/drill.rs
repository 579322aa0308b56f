//! Drills on a Tiffin of real processes: what is broken is really broken, and customers and kitchens notice nothing.

use std::time::Duration;

use model::Problem;
use model::drill::{Drill, DrillFault, DrillPhase, DrillPlan};
use model::problem::Code;
use model::status::AdminState;
use reqwest::StatusCode;
use testkit::chaos::checker;
use testkit::chaos::finding::Finding;
use testkit::chaos::stored::Stored;
use testkit::customer::{Placed, new_key};
use testkit::staff::As;
use testkit::{Cluster, Customer, Options, wait};

const PATIENCE: Duration = Duration::from_secs(40);

fn plan(fault: DrillFault) -> DrillPlan {
    DrillPlan {
        rate_per_second: 40,
        seconds: 6,
        fault,
        replica: None,
    }
}

async fn cluster_of(replicas: u16) -> Cluster {
    let options = Options {
        replicas,
        ..Options::default()
    };
    Cluster::start(options).await.unwrap()
}

async fn operator(cluster: &Cluster) -> Customer {
    let operator = cluster.customer();
    operator.sign_in(cluster.operator_password()).await.unwrap();
    operator
}

async fn started(operator: &Customer, plan: &DrillPlan) -> Drill {
    let (status, body) = operator.start_drill(plan).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{body}");
    serde_json::from_str(&body).unwrap()
}

async fn refused(operator: &Customer, plan: &DrillPlan) -> Code {
    let (status, body) = operator.start_drill(plan).await.unwrap();
    let problem: Problem = serde_json::from_str(&body).unwrap();
    assert_eq!(status.as_u16(), problem.status, "{body}");
    problem.code
}

async fn ended(operator: &Customer) -> Drill {
    wait::until("the end of the drill", PATIENCE, || async {
        let drill = operator.drill().await.ok()?;
        drill.result.is_some().then_some(drill)
    })
    .await
    .unwrap()
}

#[track_caller]
fn nobody_noticed(drill: &Drill) {
    let result = drill.result.as_ref().unwrap();
    assert_eq!(drill.fault_failed, None);
    assert_eq!((drill.sent, drill.failed), (240, 0), "{drill:?}");
    assert_eq!((result.lost, result.duplicated), (Some(0), Some(0)));
    assert_eq!(drill.series.acknowledged.iter().sum::<u32>(), 240);
    assert_ne!(result.before.replica, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_primary_is_killed_and_nothing_is_lost_duplicated_failed_or_seen_by_a_kitchen() {
    let mut cluster = cluster_of(3).await;
    let operator = operator(&cluster).await;
    let customer = cluster.customer();
    let wanted = customer.prepare().await.unwrap();
    let staff = cluster.staff(&wanted.basket.restaurant, As::Page);
    let staff = staff.await.unwrap();
    let primary = cluster.primary().await.unwrap();

    let first = started(&operator, &plan(DrillFault::Kill)).await;
    assert_eq!(first.phase, DrillPhase::Running);
    let target = format!("replica-{primary}");
    assert_eq!(first.plan.replica.as_ref(), Some(&target));
    let again = refused(&operator, &plan(DrillFault::None)).await;
    assert_eq!(again, Code::DrillRefused);
    // A customer orders in the middle of it.
    let placed = customer.place(&new_key(), &wanted).await.unwrap();
    let Placed::Order(own) = placed else {
        panic!("the order was refused");
    };

    let drill = ended(&operator).await;
    assert_eq!(drill.phase, DrillPhase::Finished);
    nobody_noticed(&drill);
    let result = drill.result.unwrap();
    assert_eq!(result.before.replica, Some(target));
    assert_ne!(result.after.replica, result.before.replica);
    assert!(drill.fault_ms.is_some());
    assert!(cluster.has_ended(primary).unwrap());

    assert_eq!(own.number, 1);
    let open = staff.orders().await.unwrap().orders;
    let tokens: Vec<_> = open.iter().map(|open| open.order.token.clone()).collect();
    assert_eq!(tokens, [own.token]);
    // The store is as it must be: of all that the checker knows, it finds only that no customer sent these orders.
    let stored = Stored::read(&cluster.database().unwrap()).unwrap();
    let findings = checker::check(&[], &stored).findings;
    assert_eq!(findings.len(), 241);
    for finding in findings {
        assert!(matches!(finding, Finding::Unasked { .. }), "{finding:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_hangs_is_left_and_goes_on_by_itself_if_it_stood_in_nobodys_way() {
    let cluster = cluster_of(3).await;
    let operator = operator(&cluster).await;
    let primary = cluster.primary().await.unwrap();
    started(&operator, &plan(DrillFault::Hang)).await;
    // The others end one that was stopped with a lock in its hand that they need.
    wait::until("a stopped process", PATIENCE, || async {
        (cluster.is_stopped(primary) || cluster.is_dead(primary)).then_some(())
    })
    .await
    .unwrap();
    nobody_noticed(&ended(&operator).await);
    assert!(!cluster.is_stopped(primary));
    let events = operator.status().await.unwrap().events;
    let ended_for_its_lock = events.iter().any(|it| it.message.contains("with a lock"));
    assert_eq!(cluster.is_dead(primary), ended_for_its_lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_drill_switched_down_is_up_again_also_when_it_is_stopped() {
    let cluster = cluster_of(2).await;
    let operator = operator(&cluster).await;
    let chosen = DrillPlan {
        replica: Some("replica-2".to_owned()),
        seconds: 60,
        ..plan(DrillFault::Down)
    };
    started(
        &operator,
        &DrillPlan {
            seconds: 6,
            ..chosen.clone()
        },
    )
    .await;
    let state = async || {
        let status = operator.status().await.ok()?;
        let replica = status.replicas.iter().find(|it| it.id == "replica-2")?;
        Some(replica.admin_state)
    };
    wait::until("the switch", PATIENCE, || async {
        (state().await? == AdminState::Down).then_some(())
    })
    .await
    .unwrap();
    operator.cancel_drill().await.unwrap();
    let drill = ended(&operator).await;
    assert_eq!(drill.phase, DrillPhase::Cancelled);
    assert!(drill.sent < 240);
    assert_eq!(state().await, Some(AdminState::Up));
    let result = drill.result.unwrap();
    assert_eq!((result.lost, result.duplicated), (Some(0), Some(0)));
    // Stopping what has ended changes nothing.
    operator.cancel_drill().await.unwrap();
    assert_eq!(operator.drill().await.unwrap().phase, DrillPhase::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_would_harm_customers_is_refused_and_strangers_have_no_say() {
    let cluster = cluster_of(1).await;
    let stranger = cluster.customer();
    let code = refused(&stranger, &plan(DrillFault::Kill)).await;
    assert_eq!(code, Code::Unauthorised);
    assert!(stranger.cancel_drill().await.is_err());

    let operator = operator(&cluster).await;
    for fault in [DrillFault::Kill, DrillFault::Hang, DrillFault::Down] {
        assert_eq!(refused(&operator, &plan(fault)).await, Code::DrillRefused);
    }
    let nobody = DrillPlan {
        replica: Some("replica-9".to_owned()),
        ..plan(DrillFault::None)
    };
    assert_eq!(refused(&operator, &nobody).await, Code::DrillRefused);
    let too_much = DrillPlan {
        rate_per_second: 201,
        seconds: 61,
        ..plan(DrillFault::None)
    };
    assert_eq!(refused(&operator, &too_much).await, Code::Invalid);
    assert!(operator.drill().await.is_err(), "nothing was started");
    assert_eq!(operator.status().await.unwrap().drill, None);

    // Without a fault one replica is enough.
    started(&operator, &plan(DrillFault::None)).await;
    let drill = ended(&operator).await;
    nobody_noticed(&drill);
    assert_eq!(drill.result.unwrap().recovered_ms, None);
    assert_eq!(stranger.status().await.unwrap().drill, None);
    assert!(operator.status().await.unwrap().drill.is_some());
}
