//! The digest of a quote: SHA-256 over what the customer agrees to, identical on every replica.
//!
//! The digest leaves out what follows from the rest (line totals, the amount missing to the minimum), what changes by itself while
//! the deal stays the same (`expected`, obstacles), and how the place was found (`distance_m`, `approximate`), in which two replicas
//! may differ by metres without any difference in price.

use model::Pence;
use model::basket::{Quote, QuoteLine};
use model::restaurant::Fulfilment;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The part of a quote that the digest covers. Its JSON form is the digest's input, so changing a field changes every digest.
#[derive(Serialize)]
struct Deal<'a> {
    restaurant: &'a str,
    fulfilment: Fulfilment,
    postcode: Option<&'a str>,
    slot_ms: Option<(i64, i64)>,
    lines: Vec<Line<'a>>,
    delivery_fee: Pence,
    total: Pence,
    vat: Pence,
}

/// Dish, name, quantity, unit price, choices.
type Line<'a> = (&'a str, &'a str, u32, Pence, Vec<Choice<'a>>);

/// Group, choice, name, price.
type Choice<'a> = (&'a str, &'a str, &'a str, Pence);

/// Computes a quote's digest, as 64 hexadecimal digits, from its content; ignores the digest that the quote carries.
pub fn digest_quote(quote: &Quote) -> String {
    let deal = Deal {
        restaurant: &quote.restaurant,
        fulfilment: quote.fulfilment,
        postcode: quote.postcode.as_deref(),
        slot_ms: quote.slot.map(|slot| (slot.start_ms, slot.end_ms)),
        lines: quote.lines.iter().map(line).collect(),
        delivery_fee: quote.delivery_fee_pence,
        total: quote.total_pence,
        vat: quote.vat_pence,
    };
    let canonical = serde_json::to_vec(&deal).expect("plain data without maps serialises");
    hex::encode(Sha256::digest(&canonical))
}

fn line(line: &QuoteLine) -> Line<'_> {
    let choices = line
        .choices
        .iter()
        .map(|choice| {
            (
                choice.group.as_str(),
                choice.choice.as_str(),
                choice.name.as_str(),
                choice.price_pence,
            )
        })
        .collect();
    (
        &line.dish,
        &line.name,
        line.quantity,
        line.unit_pence,
        choices,
    )
}
