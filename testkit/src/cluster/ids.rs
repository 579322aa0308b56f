//! The ids that the processes of a cluster have in the registry, by number from 1.

use anyhow::Context;

#[must_use]
pub fn replica_id(number: u16) -> String {
    format!("replica-{number}")
}

#[must_use]
pub fn server_id(number: u16) -> String {
    format!("server-{number}")
}

/// Returns the number of a replica from its id.
///
/// # Errors
/// If it is not the id of a replica of a cluster.
pub fn replica_number(id: &str) -> anyhow::Result<u16> {
    let number = id.strip_prefix("replica-");
    Ok(number
        .with_context(|| format!("`{id}` is not a replica of this cluster"))?
        .parse()?)
}
