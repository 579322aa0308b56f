//! The drill, for the signed-in operator: what to do to which replica, how it goes, what it came to.

mod chart;
mod outcome;
mod words;

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use leptos::ev::SubmitEvent;
use model::drill::{DrillFault, DrillPlan, RATES, SECONDS};
use model::problem::Code;

use super::feed::Feed;
use super::switches::Failed;
use crate::api::{self, ApiError};
use crate::components::use_announce;
use outcome::Outcome;

/// Enough to see every stumble, and no trouble for a small machine.
const RATE: &str = "50";
const LENGTH: &str = "15";

/// Nothing for the public.
#[component]
pub fn DrillSection(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let signed_in = feed.part(|status| status.signed_in);
    (move || {
        signed_in.get().then(|| {
            view! {
                <section class="drill" aria-labelledby="drill">
                    <div class="drill-head">
                        <h2 id="drill">"Drill"</h2>
                        <p class="soft">
                            "Test orders go through this server while a replica is broken on purpose. They reach no kitchen and no report."
                        </p>
                    </div>
                    <div class="drill-parts">
                        <Choice feed />
                        <Outcome feed />
                    </div>
                </section>
            }
        })
    })
    .into_view()
}

/// What is to be done.
#[component]
fn Choice(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let rate = RwSignal::new(RATE.to_owned());
    let seconds = RwSignal::new(LENGTH.to_owned());
    let fault = RwSignal::new(DrillFault::default());
    // Empty: whichever is primary.
    let replica = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let announce = use_announce();
    let ids = feed
        .part(|status| -> Vec<String> { status.replicas.iter().map(|it| it.id.clone()).collect() });
    let primary = feed.part(|status| status.primary.as_ref().map(|it| it.replica.clone()));
    let runs = feed.part(|status| status.drill.as_deref().is_some_and(words::is_going_on));
    let start = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || runs.get_untracked() {
            return;
        }
        let chosen = replica.get_untracked();
        let number = |text: RwSignal<String>| text.get_untracked().parse().unwrap_or_default();
        let plan = DrillPlan {
            rate_per_second: number(rate),
            seconds: number(seconds),
            fault: fault.get_untracked(),
            replica: (!chosen.is_empty()).then_some(chosen),
        };
        busy.set(true);
        error.set(None);
        spawn_local_scoped_with_cancellation(async move {
            let answer = api::start_drill(&plan).await;
            busy.set(false);
            match answer {
                Ok(()) => announce("The drill has begun."),
                Err(failure) => {
                    if failure.code() == Some(Code::Unauthorised) {
                        feed.reopen();
                    }
                    error.set(Some(failure));
                }
            }
        });
    };
    let number =
        |id: &'static str, label: &'static str, text: RwSignal<String>, bounds: (u32, u32)| {
            view! {
                <div class="field">
                    <label for=id>{label}</label>
                    <input
                        id=id
                        type="number"
                        inputmode="numeric"
                        required
                        min=bounds.0.to_string()
                        max=bounds.1.to_string()
                        prop:value=text
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                </div>
            }
        };
    let option = move |(index, it): (usize, DrillFault)| {
        view! { <option value=index.to_string()>{words::fault(it)}</option> }
    };
    let named = move |id: String| {
        let selected = replica.get_untracked() == id;
        view! { <option value=id.clone() selected=selected>{id}</option> }
    };
    view! {
        <form class="drill-form" on:submit=start>
            {number("drill-rate", "Orders a second", rate, (*RATES.start(), *RATES.end()))}
            {number("drill-seconds", "Seconds", seconds, (*SECONDS.start(), *SECONDS.end()))}
            <div class="field">
                <label for="drill-replica">"Replica"</label>
                <select id="drill-replica" on:change=move |event| replica.set(event_target_value(&event))>
                    <option value="">
                        {move || match primary.get() {
                            Some(id) => format!("Primary, now {id}"),
                            None => "Primary".into(),
                        }}
                    </option>
                    {move || ids.get().into_iter().map(named).collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="drill-fault">"After a third of the time"</label>
                <select
                    id="drill-fault"
                    on:change=move |event| {
                        let index: usize = event_target_value(&event).parse().unwrap_or_default();
                        fault.set(words::FAULTS[index % words::FAULTS.len()]);
                    }
                >
                    {words::FAULTS.into_iter().enumerate().map(option).collect_view()}
                </select>
            </div>
            <p class="drill-warning soft small">
                {move || {
                    let chosen = replica.get();
                    let primary = if chosen.is_empty() { primary.get() } else { Some(chosen) };
                    words::warning(fault.get(), &primary.unwrap_or_else(|| "The primary".into()))
                }}
            </p>
            <Failed error />
            <button class="button" type="submit" disabled=move || busy.get() || runs.get()>
                {move || if runs.get() { "A drill runs" } else { "Start the drill" }}
            </button>
        </form>
    }
}
