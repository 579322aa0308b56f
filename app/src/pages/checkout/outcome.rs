//! The outcome of a submitted order, in words: being sent, being checked, waiting, rejected, not placed, placed.

use leptos::prelude::*;
use model::Problem;
use model::problem::Code;

use super::checkout_state::Checkout;
use super::submitter::Submitter;
use crate::components::{Drawing, Glyph, Icon, Notice, Tone, use_announce};
use crate::paths;
use crate::state::browser::now_ms;
use crate::state::submission::{Checking, Phase};
use crate::state::ticker::start_ticker;

/// The number of unanswered look-ups after which the customer is offered to send the order again.
const PATIENT_LOOKUPS: u32 = 3;

/// Replaces the form while the outcome is being found out.
#[component]
pub fn PendingOutcome(checkout: Checkout, submitter: Submitter) -> impl IntoView {
    let content = move || match checkout.phase.get() {
        Phase::Checking(checking) => {
            view! { <CheckingOutcome checkout submitter checking /> }.into_any()
        }
        Phase::Waiting { .. } => view! { <WaitingForReplicas checkout submitter /> }.into_any(),
        Phase::Placed(order) => view! {
            <h1 id="finding-title">{format!("Placed, number {}", order.number)}</h1>
            <p>
                <a class="link" href=paths::order(&order.token)>
                    "To your order"
                </a>
            </p>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <section class="finding" id="outcome" tabindex="-1" aria-labelledby="finding-title">
            <div class="finding-tin">
                <Drawing href="#i-tin-2" />
            </div>
            {content}
        </section>
    }
}

/// The answer was lost, and the order is being looked up by its key.
#[component]
fn CheckingOutcome(checkout: Checkout, submitter: Submitter, checking: Checking) -> impl IntoView {
    let unreachable = checking.not_placed == 0 && checking.lookups >= PATIENT_LOOKUPS;
    let explanation = if unreachable {
        view! {
            <p>
                "We cannot reach Tiffin just now. Your order is kept on this phone and cannot be placed twice. You can close this page; we check again when you come back."
            </p>
            <Countdown checkout label="Asking again" />
            <button class="button quiet" type="button" on:click=move |_| submitter.send_again()>
                <Icon glyph=Glyph::Refresh />
                "Send it again"
            </button>
            <p class="soft small">"It is the same order: sent again, it stays one."</p>
        }
        .into_any()
    } else {
        view! {
            <p>
                "The answer got lost on the way. There is no need to order again: we are asking for your order and will tell you in a moment."
            </p>
            <div class="asking" aria-hidden="true"></div>
        }
        .into_any()
    };
    view! {
        <h1 id="finding-title">"We are checking whether it arrived"</h1>
        {explanation}
    }
}

/// No replica can take the order just now, and it is sent again by itself.
#[component]
fn WaitingForReplicas(checkout: Checkout, submitter: Submitter) -> impl IntoView {
    view! {
        <h1 id="finding-title">"We cannot take orders just now"</h1>
        <p>
            "Your basket is safe. We will send your order as soon as we can; keep this page open."
        </p>
        <Countdown checkout label="Trying again" />
        <button class="button quiet" type="button" on:click=move |_| submitter.stop_waiting()>
            "Stop trying"
        </button>
    }
}

/// `Trying again in 4 s`, counting down.
#[component]
fn Countdown(
    checkout: Checkout,
    /// What happens at the end.
    label: &'static str,
) -> impl IntoView {
    let now = start_ticker(1_000);
    let text = move || {
        now.track();
        let at_ms = checkout.next_attempt_ms.get();
        match at_ms.map_or(0, |at_ms| (at_ms - now_ms() + 999) / 1_000) {
            seconds @ 1.. => format!("{label} in {seconds} s"),
            _ => format!("{label} now"),
        }
    };
    view! { <p class="countdown soft">{text}</p> }
}

/// Why the last attempt placed no order, or another one; shown above the button.
#[component]
pub fn LastOutcome(checkout: Checkout) -> impl IntoView {
    let content = move || {
        match checkout.phase.get() {
        Phase::Rejected(problem) if problem.code == Code::QuoteChanged => {
            view! { <QuoteChanges problem=*problem /> }.into_any()
        }
        // Errors of fields are shown at the top and beside the fields.
        Phase::Rejected(problem) if problem.errors.is_empty() => {
            let Problem { title, detail, .. } = *problem;
            view! {
                <Notice title tone=Tone::Stop glyph=Glyph::Alert>
                    <p>{detail}</p>
                </Notice>
            }
            .into_any()
        }
        Phase::NotPlaced => view! {
            <Notice title="Not placed" glyph=Glyph::Info>
                <p>"Nothing was charged; your basket is safe. You can try again now."</p>
            </Notice>
        }
        .into_any(),
        Phase::PlacedEarlier(order) => view! {
            <Notice
                title=format!("Placed, number {}", order.number)
                tone=Tone::Good
                glyph=Glyph::Check
            >
                <p>
                    "Your earlier press went through after all. What was not part of it is still in your basket, and is a new order when you press again."
                </p>
                <a class="button quiet" href=paths::order(&order.token)>
                    "To that order"
                </a>
            </Notice>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    view! {
        <div id="outcome" tabindex="-1">
            {content}
        </div>
    }
}

/// What has changed since the quote.
#[component]
fn QuoteChanges(problem: Problem) -> impl IntoView {
    let changes = problem
        .changes
        .into_iter()
        .map(|change| view! { <li>{change.message}</li> }.into_any())
        .collect_view();
    view! {
        <Notice title="This changed while you were ordering" glyph=Glyph::Info>
            <ul class="changes">{changes}</ul>
            <p>"Nothing is ordered yet. The button below accepts it as it is now."</p>
        </Notice>
    }
}

/// Announces each new phase to screen readers.
pub fn announce_phases(checkout: Checkout) {
    let announce = use_announce();
    let sentence = Memo::new(move |_| {
        checkout.phase.with(|phase| match phase {
            Phase::Sending => Some("Sending your order.".to_owned()),
            Phase::Checking(_) => Some("We are checking whether it arrived.".to_owned()),
            Phase::Waiting { .. } => {
                Some("We cannot take orders just now. We are trying again.".to_owned())
            }
            Phase::NotPlaced => {
                Some("Not placed. Nothing was charged; your basket is safe.".to_owned())
            }
            Phase::Placed(order) | Phase::PlacedEarlier(order) => {
                Some(format!("Placed, number {}.", order.number))
            }
            Phase::Idle | Phase::Rejected(_) => None,
        })
    });
    Effect::new(move |_| {
        if let Some(sentence) = sentence.get() {
            announce(&sentence);
        }
    });
}
