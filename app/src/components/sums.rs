//! What a quote or an order comes to: goods, delivery, total, and the VAT inside it.

use crate::prelude::*;
use model::Pence;
use model::basket::Quote;
use model::order::Order;
use model::restaurant::Fulfilment;

/// The amounts, as the backend worked them out.
pub struct Charges {
    goods: Pence,
    /// Absent: collected, or not known yet.
    delivery: Option<Pence>,
    total: Pence,
    vat: Pence,
}

impl From<&Quote> for Charges {
    fn from(quote: &Quote) -> Self {
        let known = quote.fulfilment == Fulfilment::Delivery && quote.postcode.is_some();
        Self {
            goods: quote.goods_pence,
            delivery: known.then_some(quote.delivery_fee_pence),
            total: quote.total_pence,
            vat: quote.vat_pence,
        }
    }
}

impl From<&Order> for Charges {
    fn from(order: &Order) -> Self {
        let delivered = order.fulfilment == Fulfilment::Delivery;
        Self {
            goods: order.goods_pence,
            delivery: delivered.then_some(order.delivery_fee_pence),
            total: order.total_pence,
            vat: order.vat_pence,
        }
    }
}

/// The sums of a quote or an order.
#[component]
pub fn Sums(
    /// What it comes to.
    #[prop(into)]
    charges: Charges,
) -> View {
    let row = |class: &'static str, term: &'static str, amount: String| {
        view! {
            <div class=class>
                <dt>{term}</dt>
                <dd>{amount}</dd>
            </div>
        }
    };
    let fee = charges.delivery.map(|fee| {
        let fee = if fee.is_zero() {
            "Free".to_owned()
        } else {
            fee.to_string()
        };
        row("", "Delivery", fee)
    });
    let vat = (!charges.vat.is_zero()).then(|| {
        row(
            "soft small",
            "VAT, included in the total",
            charges.vat.to_string(),
        )
    });
    view! {
        <dl class="sums">
            {row("", "Food and drink", charges.goods.to_string())} {fee}
            {row("total", "Total", charges.total.to_string())} {vat}
        </dl>
    }
}
