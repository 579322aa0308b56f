//! `cargo xtask test --only api`: checks the responses of the servers against their OpenAPI descriptions.
//!
//! Starts a cluster with a few orders, and lets schemathesis generate valid and invalid requests from both descriptions and send
//! them through the front-end server. Any 5xx, any undocumented response and any late one is a failure.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use model::api;
use model::order::PlaceOrder;
use serde_json::json;
use testkit::cluster::ids::replica_id;
use testkit::customer_client::{POSTCODE, PlaceResult, new_idempotency_key};
use testkit::staff_client::SessionKind;
use testkit::{Cluster, Options};
use tokio::process::Command;

const SETTINGS: &str = include_str!("settings.toml");
const HOOKS: &str = include_str!("hooks.py");
const ORDERS: usize = 25;
/// Transitions of the prepared orders: each order makes one more than the one before, so that there are orders in every state.
const TRANSITIONS: [&str; 4] = ["acceptance", "preparation", "readiness", "departure"];
const REPLICAS: u16 = 3;

#[derive(Parser)]
#[command(name = "api")]
struct Arguments {
    /// The program `schemathesis`
    #[arg(long, value_name = "FILE")]
    schemathesis: PathBuf,

    /// How long both descriptions are tested together
    #[arg(long, default_value = "60", value_name = "N")]
    seconds: u64,

    /// Seed of the requests; drawn at random if absent
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let seed = arguments
        .seed
        .unwrap_or_else(|| rand::random_range(0..1_000_000));
    println!("seed {seed}, {} seconds", arguments.seconds);
    let mut cluster = Cluster::start(Options {
        replicas: REPLICAS,
        // Longer timeouts than in production, so that a busy machine causes no failures.
        settings: [
            ("TIFFIN_ATTEMPT_TIMEOUT_MS", "5000"),
            ("TIFFIN_WAIT_TIMEOUT_MS", "8000"),
            ("TIFFIN_LEASE_MS", "10000"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into(),
        ..Options::default()
    })
    .await?;
    let folder = tempfile::tempdir()?;
    let schemathesis = std::path::absolute(&arguments.schemathesis)?;
    let sessions = prepare(&cluster, folder.path()).await?;
    // The replicas' API is larger, so it gets more of the time.
    let mut passed = true;
    for (description, seconds) in [
        (api::OPENAPI, arguments.seconds * 3 / 4),
        (api::STATUS_OPENAPI, arguments.seconds / 4),
    ] {
        let status = Command::new(&schemathesis)
            .current_dir(folder.path())
            .args(["--config-file", "settings.toml", "run"])
            .arg(format!("{}{description}", cluster.url()))
            .args(["--url", cluster.url()])
            .args(["--seed", &seed.to_string()])
            .args(["--max-time", &seconds.max(1).to_string()])
            .env("STAFF_TOKEN", &sessions.staff)
            .env("OPERATOR_COOKIE", &sessions.operator)
            .env("PYTHONPATH", folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await
            .with_context(|| format!("cannot start {}", schemathesis.display()))?;
        passed &= status.success();
    }
    for number in 1..=REPLICAS {
        if cluster.has_ended(number)? {
            bail!("{} ended by itself", replica_id(number));
        }
    }
    let placed = cluster.stored_orders()?.len();
    println!("{placed} orders in the store");
    if !passed {
        println!("To repeat the same requests: --seed {seed}");
        return Ok(ExitCode::FAILURE);
    }
    for role in ["staff", "operator"] {
        ensure!(
            folder.path().join(format!("answered-{role}")).exists(),
            "the session of the {role} was not used, so that its operations were not tested"
        );
    }
    if placed <= ORDERS {
        bail!("no generated request has placed an order");
    }
    Ok(ExitCode::SUCCESS)
}

struct Sessions {
    staff: String,
    operator: String,
}

/// Places orders, and writes into the folder the names that generated requests can use.
async fn prepare(cluster: &Cluster, folder: &Path) -> anyhow::Result<Sessions> {
    let customer = cluster.customer_client();
    let order_request = customer.prepare_order().await?;
    let staff = cluster
        .staff_client(&order_request.basket.restaurant, SessionKind::Bearer)
        .await?;
    let (mut tokens, mut keys) = (Vec::new(), Vec::new());
    for number in 0..ORDERS {
        let key = new_idempotency_key();
        let order = match customer.place(&key, &order_request).await? {
            PlaceResult::Order(order) => order,
            PlaceResult::Problem(problem) => bail!("an order was refused: {problem:?}"),
        };
        for (version, transition) in (1..).zip(&TRANSITIONS[..number % (TRANSITIONS.len() + 1)]) {
            let body = json!({"version": version, "minutes": 30});
            let (status, response) = staff
                .request_transition(&new_idempotency_key(), &order.token, transition, &body)
                .await?;
            ensure!(status.is_success(), "{transition}: {response}");
        }
        tokens.push(order.token);
        keys.push(key);
    }
    let slugs = customer.search(POSTCODE).await?.restaurants;
    let slugs: Vec<String> = slugs.into_iter().map(|card| card.restaurant.slug).collect();
    let menu = customer.menu(&order_request.basket.restaurant).await?;
    let dishes = menu
        .categories
        .into_iter()
        .flat_map(|category| category.dishes);
    let dishes: Vec<String> = dishes.map(|dish| dish.id).collect();
    let postcodes = [
        POSTCODE, "dh1-3el", "DH1 3AG", "SW1A 1AA", "AB1 0AA", "JE2 3AB", "BFPO 12", "SW1A 1A",
    ];
    // One quoted value a line: the dictionary format of fuzzers.
    let write = |name: &str, words: &[String]| {
        let lines: String = words.iter().map(|word| format!("\"{word}\"\n")).collect();
        std::fs::write(folder.join(name), lines)
    };
    write("tokens", &tokens)?;
    write("keys", &keys)?;
    write("slugs", &slugs)?;
    write("dishes", &dishes)?;
    write("postcodes", &postcodes.map(str::to_owned))?;
    std::fs::write(folder.join("settings.toml"), SETTINGS)?;
    std::fs::write(folder.join("hooks.py"), HOOKS)?;
    let orders: Vec<PlaceOrder> = [&order_request.notes, "Ring twice", "🍕"]
        .map(|notes| PlaceOrder {
            notes: notes.to_owned(),
            ..order_request.clone()
        })
        .into();
    std::fs::write(folder.join("orders.json"), serde_json::to_string(&orders)?)?;
    Ok(Sessions {
        staff: staff
            .token()
            .context("a session without a token")?
            .to_owned(),
        operator: customer
            .operator_session(cluster.operator_password())
            .await?,
    })
}
