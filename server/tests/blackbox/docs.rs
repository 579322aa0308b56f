//! The section "Status" of `docs/API.md` says what is true.

use model::drill::{Drill, DrillPlan};
use model::status::{AdminStateChange, Servers, SignIn, Status};
use serde::de::DeserializeOwned;

const TEXT: &str = include_str!("../../../docs/API.md");

fn example<T: DeserializeOwned>(kind: &str) -> T {
    let (_, rest) = TEXT.split_once(&format!("```json {kind}\n")).unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    serde_json::from_str(example).unwrap()
}

#[test]
fn every_example_has_the_shape_that_it_is_said_to_have() {
    let status: Status = example("Status");
    assert!(
        status
            .replicas
            .iter()
            .all(|replica| replica.address.is_none())
    );
    let servers: Servers = example("Servers");
    assert!(servers.servers.iter().any(|server| server.own));
    example::<SignIn>("SignIn");
    example::<AdminStateChange>("AdminStateChange");
    example::<DrillPlan>("DrillPlan");
    example::<Drill>("Drill");
}
