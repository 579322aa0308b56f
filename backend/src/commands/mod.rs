//! The command line: settings, and the subcommands that run instead of a replica.
//!
//! Subcommands work on the store beside running replicas, which see every change at once.

mod orders;
mod staff;

use clap::{Parser, Subcommand};

use self::orders::OrdersCommand;
use self::staff::StaffCommand;
use crate::settings::BackendSettings;

/// A Tiffin replica: takes orders, prices baskets, geocodes postcodes. Start as many as you like
#[derive(Parser, Clone, Debug)]
#[command(name = "backend", version)]
pub struct CommandLine {
    #[command(flatten)]
    pub settings: BackendSettings,

    /// Absent: serves
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A subcommand.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Accounts of restaurants' staff
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Customers' orders
    #[command(subcommand)]
    Orders(OrdersCommand),
}

/// Runs a subcommand.
///
/// # Errors
/// If the store cannot be opened or the command cannot be carried out; the error says what to do.
pub async fn run(settings: &BackendSettings, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Staff(command) => staff::run(settings, command).await,
        Command::Orders(command) => orders::run(settings, command).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_describes_the_replica() {
        let command = CommandLine::command();
        command.clone().debug_assert();
        let about = command.get_about().unwrap().to_string();
        assert!(about.starts_with("A Tiffin replica"), "{about}");
    }
}
