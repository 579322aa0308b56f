//! A log that cannot be written is no reason to stop work.

use std::fs::File;
use std::process::Command;

#[test]
#[ignore = "run by the other test, in a process whose standard error is a full disk"]
fn says_something() {
    process::logs::init("info").unwrap();
    tracing::info!("something");
}

#[test]
fn a_full_disk_ends_nobody_who_logs() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let said = Command::new(std::env::current_exe().unwrap())
        .args(["says_something", "--exact", "--ignored", "--nocapture"])
        .stderr(full)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{told}");
    assert!(told.contains("1 passed"), "{told}");
}
