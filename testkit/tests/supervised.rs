//! The notifications of real processes to a supervisor (sd_notify).

use std::time::Duration;

use testkit::{Cluster, Options};
use tokio::net::UnixDatagram;
use tokio::time::timeout;

const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(20);

async fn next_notification(supervisor: &UnixDatagram) -> String {
    let mut message = [0; 256];
    let length = timeout(NOTIFICATION_TIMEOUT, supervisor.recv(&mut message))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8(message[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn processes_report_that_they_are_ready_and_then_alive() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("supervisor");
    let supervisor = UnixDatagram::bind(&address).unwrap();
    let listening = tokio::spawn(async move {
        let (mut ready, mut alive) = (0, 0);
        while ready < 2 || alive < 6 {
            match next_notification(&supervisor).await.as_str() {
                "READY=1\n" => ready += 1,
                "WATCHDOG=1\n" => alive += 1,
                other => panic!("{other}"),
            }
        }
        ready
    });
    let _cluster = Cluster::start(Options {
        replicas: 1,
        settings: vec![
            ("NOTIFY_SOCKET", address.display().to_string()),
            ("WATCHDOG_USEC", "400000".to_owned()),
        ],
        ..Options::default()
    })
    .await
    .unwrap();
    assert_eq!(listening.await.unwrap(), 2, "the replica and the server");
}
