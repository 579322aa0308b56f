//! What a quote comes to: goods, delivery, total, and the VAT inside it.

use leptos::prelude::*;
use model::basket::Quote;
use model::restaurant::Fulfilment;

/// The sums of a quote, as the backend worked them out.
#[component]
pub fn Sums(
    /// The quote.
    quote: Quote,
) -> impl IntoView {
    let row = |class: &'static str, term: &'static str, amount: String| {
        view! {
            <div class=class>
                <dt>{term}</dt>
                <dd>{amount}</dd>
            </div>
        }
    };
    let fee = (quote.fulfilment == Fulfilment::Delivery && quote.postcode.is_some()).then(|| {
        let fee = quote.delivery_fee_pence;
        row(
            "",
            "Delivery",
            if fee.is_zero() {
                "Free".to_owned()
            } else {
                fee.to_string()
            },
        )
    });
    let vat = (!quote.vat_pence.is_zero()).then(|| {
        row(
            "soft small",
            "VAT, included in the total",
            quote.vat_pence.to_string(),
        )
    });
    view! {
        <dl class="sums">
            {row("", "Food and drink", quote.goods_pence.to_string())} {fee}
            {row("total", "Total", quote.total_pence.to_string())} {vat}
        </dl>
    }
}
