//! `cargo xtask test --only api`: what the servers say of their API is held against what they answer.
//!
//! Starts a cluster with a few orders in it, and lets schemathesis draw requests from both descriptions, right and wrong ones, through
//! the front-end server. Any 5xx, any answer that is not described, and any that is late is a finding.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use model::api;
use model::order::PlaceOrder;
use serde_json::json;
use testkit::customer::{POSTCODE, Placed, new_key};
use testkit::staff::As;
use testkit::{Cluster, Options};
use tokio::process::Command;

const SETTINGS: &str = include_str!("settings.toml");
const HOOKS: &str = include_str!("hooks.py");
const ORDERS: usize = 25;
/// Taken with the orders in turn, so that there are some in every state.
const STEPS: [&str; 4] = ["acceptance", "preparation", "readiness", "departure"];
const REPLICAS: u16 = 3;

#[derive(Parser)]
#[command(name = "api")]
struct Arguments {
    /// The program `schemathesis`
    #[arg(long, value_name = "FILE")]
    schemathesis: PathBuf,

    /// For how long both descriptions are tried together
    #[arg(long, default_value = "60", value_name = "N")]
    seconds: u64,

    /// Draws the requests; otherwise at random
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
        // Nothing is to fail here but by what is asked: a busy machine gets more time than customers would.
        settings: [
            ("TIFFIN_ATTEMPT_TIMEOUT_MS", "5000"),
            ("TIFFIN_WAIT_TIMEOUT_MS", "8000"),
            ("TIFFIN_HEALTH_TIMEOUT_MS", "3000"),
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
    // A replica's part of the API is the larger one.
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
            bail!("replica-{number} ended by itself");
        }
    }
    let placed = cluster.stored_orders()?.len();
    println!("{placed} orders in the store");
    if !passed {
        println!("The same requests again: --seed {seed}");
        return Ok(ExitCode::FAILURE);
    }
    for who in ["staff", "operator"] {
        ensure!(
            folder.path().join(format!("answered-{who}")).exists(),
            "the session of the {who} was not used: nothing of theirs was tested"
        );
    }
    if placed <= ORDERS {
        bail!("no order could be placed: what is drawn does not reach far enough");
    }
    Ok(ExitCode::SUCCESS)
}

struct Sessions {
    staff: String,
    operator: String,
}

/// Puts orders into the cluster, and into the folder what a drawn request can name.
async fn prepare(cluster: &Cluster, folder: &Path) -> anyhow::Result<Sessions> {
    let customer = cluster.customer();
    let wanted = customer.prepare().await?;
    let staff = cluster
        .staff(&wanted.basket.restaurant, As::Program)
        .await?;
    let (mut tokens, mut keys) = (Vec::new(), Vec::new());
    for number in 0..ORDERS {
        let key = new_key();
        let order = match customer.place(&key, &wanted).await? {
            Placed::Order(order) => order,
            Placed::Refused(problem) => bail!("an order was refused: {problem:?}"),
        };
        for (version, step) in (1..).zip(&STEPS[..number % (STEPS.len() + 1)]) {
            let wish = json!({"version": version, "minutes": 30});
            let (status, body) = staff.step(&new_key(), &order.token, step, &wish).await?;
            ensure!(status.is_success(), "{step}: {body}");
        }
        tokens.push(order.token);
        keys.push(key);
    }
    let slugs = customer.search(POSTCODE).await?.restaurants;
    let slugs: Vec<String> = slugs.into_iter().map(|card| card.restaurant.slug).collect();
    let menu = customer.menu(&wanted.basket.restaurant).await?;
    let dishes = menu.categories.into_iter().flat_map(|it| it.dishes);
    let dishes: Vec<String> = dishes.map(|dish| dish.id).collect();
    let postcodes = [
        POSTCODE, "dh1-3el", "DH1 3AG", "SW1A 1AA", "AB1 0AA", "JE2 3AB", "BFPO 12", "SW1A 1A",
    ];
    // One a line, in quotes: a dictionary as fuzzers read it.
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
    let orders: Vec<PlaceOrder> = [&wanted.notes, "Ring twice", "🍕"]
        .map(|notes| PlaceOrder {
            notes: notes.to_owned(),
            ..wanted.clone()
        })
        .into();
    std::fs::write(folder.join("orders.json"), serde_json::to_string(&orders)?)?;
    Ok(Sessions {
        staff: staff.token().context("a program has a token")?.to_owned(),
        operator: customer
            .operator_session(cluster.operator_password())
            .await?,
    })
}
