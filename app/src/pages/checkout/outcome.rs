//! What became of the press on the button, in words: on its way, being checked, waiting, refused, not placed, placed.

use crate::prelude::*;
use model::Problem;
use model::problem::Code;

use super::page::Checkout;
use super::submit::Submit;
use crate::components::{Drawing, Glyph, Icon, Notice, Tone, use_announce};
use crate::state::browser::now_ms;
use crate::state::submission::{Checking, Phase};
use crate::state::ticker::ticker;

/// So many questions without an answer, and the person is offered to do something.
const PATIENT_QUESTIONS: u32 = 3;

/// Takes the place of the form while the truth is being found out.
#[component]
pub fn Finding(
    /// The checkout.
    page: Checkout,
    /// Presses and waits.
    submit: Submit,
) -> View {
    let phase = page.phase;
    view! {
        <section class="finding" id="outcome" tabindex="-1" aria-labelledby="finding-title">
            <div class="finding-tin">
                <Drawing href="#i-tin-2" />
            </div>
            {move || match phase.get() {
                Phase::Checking(checking) => checking_view(page, submit, checking).into_view(),
                Phase::Waiting { .. } => waiting_view(page, submit).into_view(),
                Phase::Placed(order) => {
                    view! {
                        <h1 id="finding-title">{format!("Placed, number {}", order.number)}</h1>
                        <p>
                            <a class="link" href=format!("/orders/{}", order.token)>
                                "To your order"
                            </a>
                        </p>
                    }
                }
                _ => View::Nothing,
            }}
        </section>
    }
}

fn checking_view(page: Checkout, submit: Submit, checking: Checking) -> View {
    let late = checking.not_placed == 0 && checking.asked >= PATIENT_QUESTIONS;
    view! {
        <h1 id="finding-title">"We are checking whether it arrived"</h1>
        {if late {
            view! {
                <p>
                    "We cannot reach Tiffin just now. Your order is kept on this phone and cannot be placed twice. You can close this page; we check again when you come back."
                </p>
                <Countdown page before="Asking again" />
                <button class="button quiet" type="button" on:click=move |_| submit.again()>
                    <Icon glyph=Glyph::Refresh />
                    "Send it again"
                </button>
                <p class="soft small">"It is the same order: sent again, it stays one."</p>
            }
        } else {
            view! {
                <p>
                    "The answer got lost on the way. There is no need to order again: we are asking for your order and will tell you in a moment."
                </p>
                <div class="asking" aria-hidden="true"></div>
            }
        }}
    }
}

fn waiting_view(page: Checkout, submit: Submit) -> View {
    view! {
        <h1 id="finding-title">"We cannot take orders just now"</h1>
        <p>"Your basket is safe. We will send your order as soon as we can; keep this page open."</p>
        <Countdown page before="Trying again" />
        <button class="button quiet" type="button" on:click=move |_| submit.give_up()>
            "Stop trying"
        </button>
    }
}

/// `Trying again in 4 s`, counting down.
#[component]
fn Countdown(
    /// The checkout.
    page: Checkout,
    /// What happens then.
    before: &'static str,
) -> View {
    let now = ticker(1_000);
    view! {
        <p class="countdown soft">
            {move || {
                now.track();
                let left = page.next_try_ms.get().map_or(0, |at| (at - now_ms() + 999) / 1_000);
                if left > 0 { format!("{before} in {left} s") } else { format!("{before} now") }
            }}
        </p>
    }
}

/// Stands before the button when the last press came to nothing, or to something else.
#[component]
pub fn Told(
    /// The checkout.
    page: Checkout,
) -> View {
    view! {
        <div id="outcome" tabindex="-1">
            {move || match page.phase.get() {
                Phase::Refused(problem) if problem.code == Code::QuoteChanged => {
                    changed(&problem).into_view()
                }
                // What is wrong with fields is said at the top and beside them.
                Phase::Refused(problem) if problem.errors.is_empty() => {
                    let Problem { title, detail, .. } = *problem;
                    view! {
                        <Notice title tone=Tone::Stop glyph=Glyph::Alert>
                            <p>{detail}</p>
                        </Notice>
                    }
                }
                Phase::NotPlaced => {
                    view! {
                        <Notice title="Not placed" glyph=Glyph::Info>
                            <p>"Nothing was charged; your basket is safe. You can try again now."</p>
                        </Notice>
                    }
                }
                Phase::PlacedEarlier(order) => {
                    view! {
                        <Notice
                            title=format!("Placed, number {}", order.number)
                            tone=Tone::Good
                            glyph=Glyph::Check
                        >
                            <p>
                                "Your earlier press went through after all. What was not part of it is still in your basket, and is a new order when you press again."
                            </p>
                            <a class="button quiet" href=format!("/orders/{}", order.token)>
                                "To that order"
                            </a>
                        </Notice>
                    }
                }
                _ => View::Nothing,
            }}
        </div>
    }
}

fn changed(problem: &Problem) -> View {
    let changes = problem
        .changes
        .iter()
        .map(|change| view! { <li>{change.message.clone()}</li> })
        .collect_view();
    view! {
        <Notice title="This changed while you were ordering" glyph=Glyph::Info>
            <ul class="changes">{changes}</ul>
            <p>"Nothing is ordered yet. The button below accepts it as it is now."</p>
        </Notice>
    }
}

/// Reads out what the page shows, for those who listen.
pub fn announce_phases(page: Checkout) {
    let announce = use_announce();
    let said = memo(move || {
        page.phase.with(|phase| match phase {
            Phase::Sending => Some("Sending your order.".to_owned()),
            Phase::Checking(_) => Some("We are checking whether it arrived.".into()),
            Phase::Waiting { .. } => {
                Some("We cannot take orders just now. We are trying again.".into())
            }
            Phase::NotPlaced => {
                Some("Not placed. Nothing was charged; your basket is safe.".into())
            }
            Phase::Placed(order) | Phase::PlacedEarlier(order) => {
                Some(format!("Placed, number {}.", order.number))
            }
            Phase::Idle | Phase::Refused(_) => None,
        })
    });
    effect(move |_| {
        if let Some(said) = said.get() {
            announce(&said);
        }
    });
}
