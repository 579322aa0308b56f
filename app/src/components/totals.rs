//! The amounts of a quote or an order: goods, delivery, total, and the VAT inside it.

use leptos::prelude::*;
use model::Pence;
use model::basket::Quote;
use model::order::Order;
use model::restaurant::Fulfilment;

/// The amounts, as the backend computed them.
pub struct Charges {
    goods: Pence,
    /// Absent: collection, or not known yet.
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

/// The amounts of a quote or an order, one row each.
#[component]
pub fn Totals(
    /// The amounts.
    #[prop(into)]
    charges: Charges,
) -> impl IntoView {
    let delivery = charges.delivery.map(|fee| match fee {
        Pence::ZERO => "Free".to_owned(),
        fee => fee.to_string(),
    });
    let vat = (charges.vat != Pence::ZERO).then_some(charges.vat);
    view! {
        <dl class="sums">
            <div>
                <dt>"Food and drink"</dt>
                <dd>{charges.goods.to_string()}</dd>
            </div>
            {delivery
                .map(|fee| {
                    view! {
                        <div>
                            <dt>"Delivery"</dt>
                            <dd>{fee}</dd>
                        </div>
                    }
                })}
            <div class="total">
                <dt>"Total"</dt>
                <dd>{charges.total.to_string()}</dd>
            </div>
            {vat
                .map(|vat| {
                    view! {
                        <div class="soft small">
                            <dt>"VAT, included in the total"</dt>
                            <dd>{vat.to_string()}</dd>
                        </div>
                    }
                })}
        </dl>
    }
}
