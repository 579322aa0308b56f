//! A process killed while placing orders: acknowledged orders exist once, others exist whole or not at all.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::*;

/// Environment variable of the process that will be killed: the folder of the store.
const DATA: &str = "TIFFIN_TEST_KILLED_DATA";
const ROUND: &str = "TIFFIN_TEST_KILLED_ROUND";
const ACKNOWLEDGED: &str = "acknowledged ";

/// Runs in the process that will be killed: places orders without end and prints each that was acknowledged.
async fn place_until_killed(data: &Path, round: &str) {
    let store = Arc::new(SqliteStore::open(data).unwrap());
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let store = Arc::clone(&store);
            let round = round.to_owned();
            tokio::spawn(async move {
                for index in 0.. {
                    let key = format!("{round}-{task}-{index}");
                    let placement = store.place_order(&key, body(&key), new_order(SHOP)).await;
                    let token = placed(placement.unwrap()).token;
                    let line = format!("{ACKNOWLEDGED}{key} {token}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_acknowledged_order_survives_a_kill_exactly_once() {
    // The test starts its own binary again as the process that is killed.
    if let (Some(data), Ok(round)) = (std::env::var_os(DATA), std::env::var(ROUND)) {
        return place_until_killed(Path::new(&data), &round).await;
    }
    let data = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "every_acknowledged_order_survives_a_kill_exactly_once",
                "--nocapture",
            ])
            .env(DATA, data.path())
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut seen = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            // The kill may cut the last line.
            let line = line.unwrap_or_default();
            let Some((_, printed)) = line.split_once(ACKNOWLEDGED) else {
                continue;
            };
            if let Some((key, token)) = printed.split_once(' ')
                && token.len() == 32
            {
                acknowledged.insert(key.to_owned(), token.to_owned());
                seen += 1;
            }
            if seen == 60 * round {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(seen >= 60 * round, "only {seen} orders were acknowledged");
    }

    let store = SqliteStore::open(data.path()).unwrap();
    for (key, token) in &acknowledged {
        let order = store.order_by_key(key).await.unwrap();
        assert_eq!(
            order.map(|order| order.token).as_ref(),
            Some(token),
            "{key}"
        );
    }
    let orders = count(data.path(), "SELECT count(*) FROM orders");
    assert!(orders >= i64::try_from(acknowledged.len()).unwrap());
    for whole in [
        "SELECT count(*) FROM placements",
        "SELECT count(*) FROM events",
        "SELECT max(sequence) FROM events",
        "SELECT last FROM order_numbers",
        "SELECT max(number) FROM orders",
        "SELECT count(DISTINCT number) FROM orders",
    ] {
        assert_eq!(count(data.path(), whole), orders, "{whole}");
    }
    assert_eq!(
        count(
            data.path(),
            "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"
        ),
        1
    );
}
