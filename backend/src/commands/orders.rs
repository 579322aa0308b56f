//! `backend orders …`: cancels an order where its restaurant cannot.

use std::io::Write;

use anyhow::bail;
use clap::{Args, Subcommand};
use process::clock::{Clock, SystemClock};

use crate::domain::transition::CustomerMessage;
use crate::settings::BackendSettings;
use crate::store::{Cancellation, SqliteStore};

/// Customers' orders
#[derive(Subcommand, Clone, Debug)]
pub enum OrdersCommand {
    /// Cancel an order that has not left yet; its customer sees the reason
    Cancel(CancelArguments),
}

/// Arguments of `backend orders cancel`.
#[derive(Args, Clone, Debug)]
pub struct CancelArguments {
    /// The restaurant's slug: the name of its file in the menus' folder
    #[arg(long, value_name = "SLUG")]
    pub restaurant: String,

    /// The order's number, as its customer and the restaurant see it
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub number: u32,

    /// Why, for its customer; one line
    #[arg(long, value_name = "TEXT", value_parser = CustomerMessage::parse)]
    pub reason: CustomerMessage,
}

/// Runs the command.
///
/// # Errors
/// If the store cannot be opened, the order does not exist, or its state does not allow a cancellation; the error says what to do.
pub async fn run(settings: &BackendSettings, command: OrdersCommand) -> anyhow::Result<()> {
    let store = SqliteStore::open(&settings.common.data)?;
    let OrdersCommand::Cancel(CancelArguments {
        restaurant,
        number,
        reason,
    }) = command;
    let clock = SystemClock {
        offset_ms: settings.common.clock_offset_ms,
    };
    let cancellation = store.cancel_by_operator(&restaurant, number, reason, clock.now_ms());
    let outcome = match cancellation.await? {
        Cancellation::Cancelled(_) => "is cancelled",
        Cancellation::AlreadyCancelled(_) => "was cancelled before; nothing was changed",
        Cancellation::Conflict(order) => bail!(
            "order {number} of {restaurant} is {} and can no longer be cancelled; call the restaurant, {}",
            order.state.as_str(),
            order.restaurant.phone
        ),
        Cancellation::NotFound => bail!(
            "{restaurant} has no order {number}; the number is on the customer's page and on the restaurant's list"
        ),
    };
    writeln!(
        std::io::stdout(),
        "order {number} of {restaurant} {outcome}"
    )?;
    Ok(())
}
