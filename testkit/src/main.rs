//! `testkit`: starts a cluster for the browser tests, prints its addresses as one line of JSON and runs until its standard input
//! closes.

use testkit::{Cluster, Options, control};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cluster = Cluster::start(Options::default()).await?;
    let announcement = control::serve(cluster).await?;
    println!("{}", serde_json::to_string(&announcement)?);
    process::shutdown::wait_for_request().await?;
    Ok(())
}
