//! The progress of a drill, and its outcome.

use leptos::prelude::*;
use model::drill::Drill;

use super::super::condition::ConditionSign;
use super::super::status_feed::StatusFeed;
use super::super::text::Severity;
use super::chart::DrillChart;
use super::text::{self, DrillFigure, DrillHeadline};
use crate::api;
use crate::components::use_announce;

/// The drill in progress or the last one; nothing where there was none.
#[component]
pub fn DrillOutcome(feed: StatusFeed) -> impl IntoView {
    let drill = feed.select(|status| status.drill.as_deref().cloned());
    let in_progress =
        Memo::new(move |_| drill.with(|drill| drill.as_ref().is_some_and(text::is_in_progress)));
    let headline = Memo::new(move |_| drill.with(|drill| drill.as_ref().map(text::headline)));
    announce_end(in_progress, headline);
    let heading = move || {
        let DrillHeadline { severity, text } = headline.get()?;
        Some(view! {
            <ConditionSign severity />
            {text}
        })
    };
    let figures = move || Some(view! { <Figures drill=drill.get()? /> });
    let details = move || Some(view! { <Details drill=drill.get()? /> });
    view! {
        <Show when=move || drill.with(Option::is_some)>
            <div class="drill-outcome">
                <div class="drill-verdict">
                    <h3>{heading}</h3>
                    <Show when=move || in_progress.get()>
                        <StopDrillButton />
                    </Show>
                </div>
                {figures}
                <DrillChart drill />
                {details}
            </div>
        </Show>
    }
}

/// Announces the headline when the drill ends.
fn announce_end(in_progress: Memo<bool>, headline: Memo<Option<DrillHeadline>>) {
    let announce = use_announce();
    Effect::new(move |was_in_progress: Option<bool>| {
        let in_progress = in_progress.get();
        if was_in_progress == Some(true)
            && !in_progress
            && let Some(headline) = headline.get_untracked()
        {
            announce(&headline.text);
        }
        in_progress
    });
}

/// Stops the drill. Disabled once that has succeeded, until the status shows the end and removes the button.
#[component]
fn StopDrillButton() -> impl IntoView {
    let stop = Action::new_unsync(|(): &()| api::stop_drill());
    let (pending, result) = (stop.pending(), stop.value());
    let stopped = move || result.with(|result| matches!(result, Some(Ok(()))));
    let click = move |_| {
        stop.dispatch_local(());
    };
    view! {
        <button
            class="button quiet"
            type="button"
            disabled=move || pending.get() || stopped()
            on:click=click
        >
            "Stop the drill"
        </button>
    }
}

/// The figures, with a sign at those that should be 0 and are not.
#[component]
fn Figures(drill: Drill) -> impl IntoView {
    let figures = text::figures(&drill)
        .into_iter()
        .map(|figure| {
            let DrillFigure {
                label,
                value,
                marked,
            } = figure;
            let sign = marked.then(|| view! { <ConditionSign severity=Severity::Critical /> });
            view! {
                <div class:marked=marked>
                    <dt>{label}</dt>
                    <dd>{sign} {value}</dd>
                </div>
            }
            .into_any()
        })
        .collect_view();
    view! { <dl class="drill-figures">{figures}</dl> }
}

/// What is worth knowing beside the figures.
#[component]
fn Details(drill: Drill) -> impl IntoView {
    let lines = text::details(&drill)
        .into_iter()
        .map(|line| view! { <li>{line}</li> }.into_any())
        .collect_view();
    view! { <ul class="drill-details small soft">{lines}</ul> }
}
