//! The message of `cargo xtask up` after the start: addresses, the operator's password, the logs.

use std::net::{IpAddr, UdpSocket};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::supervisor::Plan;

/// Prints the addresses and, at the first start, the operator's password.
pub fn print_addresses(plan: &Plan, password: Option<&str>) {
    println!("\nTiffin is open.\n");
    for (number, server) in plan.addresses.iter().enumerate() {
        let label = if number == 0 {
            "On this machine"
        } else {
            "Also"
        };
        println!("  {label:<18} http://localhost:{}", server.port());
    }
    let first = plan.addresses[0];
    let port = first.port();
    println!("  Status panel       http://localhost:{port}/status");
    if first.ip().is_unspecified() {
        match network_address() {
            Some(ip) => {
                let address = format!("http://{ip}:{port}");
                println!("  On a phone         {address}  (on the same network)\n");
                if let Ok(code) = QrCode::new(&address) {
                    println!("{}", code.render::<Dense1x2>().quiet_zone(true).build());
                }
            }
            None => println!("  On a phone         this machine is on no network"),
        }
    } else {
        println!("  On a phone         run with --network to listen on this machine's network");
    }
    match password {
        Some(password) => println!(
            "  Operator password  {password}  (shown this once; for the switches on the status panel)"
        ),
        None => println!(
            "  Operator password  as shown at the first start; `--operator-password` of the server sets another"
        ),
    }
    println!("  Logs               {}", plan.logs.display());
    println!("\nCtrl-C stops all of it.");
}

/// Finds this machine's address on its network. No packet is sent: connecting a datagram socket only selects a route.
fn network_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}
