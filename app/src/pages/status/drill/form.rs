//! The form that starts a drill.

use std::ops::RangeInclusive;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use model::drill::{DrillFault, DrillPlan, RATES, SECONDS};

use super::super::action_error::ActionError;
use super::super::status_feed::StatusFeed;
use super::text;
use crate::api::{self, ApiError};
use crate::components::use_announce;

/// Enough orders a second to show every interruption, and no strain for a small machine.
const DEFAULT_RATE: u32 = 50;
const DEFAULT_SECONDS: u32 = 15;

/// What is typed and chosen. Copies share the state.
#[derive(Clone, Copy)]
struct DrillInput {
    /// Orders a second, as typed.
    rate: RwSignal<String>,
    /// As typed.
    seconds: RwSignal<String>,
    /// The replica's id; empty for the primary.
    replica: RwSignal<String>,
    fault: RwSignal<DrillFault>,
}

impl DrillInput {
    fn new() -> Self {
        Self {
            rate: RwSignal::new(DEFAULT_RATE.to_string()),
            seconds: RwSignal::new(DEFAULT_SECONDS.to_string()),
            replica: RwSignal::new(String::new()),
            fault: RwSignal::new(DrillFault::default()),
        }
    }

    /// The plan to send. The browser has checked the numbers; 0, which the server rejects, stands for one that cannot be read.
    fn plan(self) -> DrillPlan {
        let number = |typed: RwSignal<String>| typed.get_untracked().parse().unwrap_or_default();
        DrillPlan {
            rate_per_second: number(self.rate),
            seconds: number(self.seconds),
            fault: self.fault.get_untracked(),
            replica: Some(self.replica.get_untracked()).filter(|replica| !replica.is_empty()),
        }
    }
}

/// Collects a drill's plan and starts it, unless one is in progress.
#[component]
pub fn DrillForm(feed: StatusFeed) -> impl IntoView {
    let announce = use_announce();
    let input = DrillInput::new();
    let primary = feed.select(|status| {
        let primary = status.primary.as_ref();
        primary.map(|primary| primary.replica.clone())
    });
    let in_progress =
        feed.select(|status| status.drill.as_deref().is_some_and(text::is_in_progress));
    let start = Action::new_unsync(move |plan: &DrillPlan| {
        let plan = plan.clone();
        async move {
            api::start_drill(&plan)
                .await
                .inspect_err(|error| feed.reconnect_if_unauthorised(error))?;
            announce("The drill has begun.");
            Ok::<_, ApiError>(())
        }
    });
    let (pending, result) = (start.pending(), start.value());
    let disabled = Memo::new(move |_| pending.get() || in_progress.get());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !disabled.get_untracked() {
            start.clear();
            start.dispatch_local(input.plan());
        }
    };
    let warning = move || {
        let replica = Some(input.replica.get()).filter(|replica| !replica.is_empty());
        let replica = replica.or_else(|| primary.get());
        text::fault_warning(
            input.fault.get(),
            replica.as_deref().unwrap_or("The primary"),
        )
    };
    view! {
        <form class="drill-form" on:submit=submit>
            <NumberField id="drill-rate" label="Orders a second" value=input.rate range=RATES />
            <NumberField id="drill-seconds" label="Seconds" value=input.seconds range=SECONDS />
            <ReplicaSelect feed primary replica=input.replica />
            <FaultSelect fault=input.fault />
            <p class="drill-warning soft small">{warning}</p>
            <ActionError error=Signal::derive(move || result.get().and_then(Result::err)) />
            <button class="button" type="submit" disabled=disabled>
                {move || if in_progress.get() { "A drill runs" } else { "Start the drill" }}
            </button>
        </form>
    }
}

/// A labelled field for a whole number.
#[component]
fn NumberField(
    id: &'static str,
    label: &'static str,
    /// The text as typed.
    value: RwSignal<String>,
    /// The numbers that the browser lets through.
    range: RangeInclusive<u32>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type="number"
                inputmode="numeric"
                required
                min=range.start().to_string()
                max=range.end().to_string()
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            />
        </div>
    }
}

/// Chooses the replica that the fault is injected into.
#[component]
fn ReplicaSelect(
    feed: StatusFeed,
    /// The primary's id.
    primary: Memo<Option<String>>,
    /// The chosen replica's id; empty for the primary.
    replica: RwSignal<String>,
) -> impl IntoView {
    let ids = feed.select(|status| -> Vec<String> {
        let replicas = status.replicas.iter();
        replicas.map(|replica| replica.id.clone()).collect()
    });
    let primary_label = move || match primary.get() {
        Some(id) => format!("Primary, now {id}"),
        None => "Primary".to_owned(),
    };
    // An option that returns with its replica is selected again if it was before.
    let option = move |id: String| {
        let selected = replica.with_untracked(|replica| *replica == id);
        let label = id.clone();
        view! {
            <option value=id selected=selected>
                {label}
            </option>
        }
    };
    view! {
        <div class="field">
            <label for="drill-replica">"Replica"</label>
            <select
                id="drill-replica"
                on:change:target=move |event| replica.set(event.target().value())
            >
                <option value="">{primary_label}</option>
                <For each=move || ids.get() key=String::clone children=option />
            </select>
        </div>
    }
}

/// Chooses the fault.
#[component]
fn FaultSelect(fault: RwSignal<DrillFault>) -> impl IntoView {
    // The value of an option is the index of its fault.
    let options = text::FAULTS
        .into_iter()
        .enumerate()
        .map(|(index, fault)| {
            view! { <option value=index.to_string()>{text::fault_label(fault)}</option> }.into_any()
        })
        .collect_view();
    let choose = move |value: String| {
        let index: usize = value.parse().unwrap_or_default();
        if let Some(chosen) = text::FAULTS.get(index) {
            fault.set(*chosen);
        }
    };
    view! {
        <div class="field">
            <label for="drill-fault">"After a third of the time"</label>
            <select id="drill-fault" on:change:target=move |event| choose(event.target().value())>
                {options}
            </select>
        </div>
    }
}
