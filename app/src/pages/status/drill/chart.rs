//! The slowest order of every quarter of a second, with the fault and what failed.

use leptos::prelude::*;
use model::drill::Drill;

use super::super::words::tenths;
use super::words;

fn percent(part: f32) -> String {
    [&tenths(part), "%"].concat()
}

/// Its bars are drawn in a box that stretches; marks and letters lie above them, so that they keep their shape.
#[component]
pub fn Chart(
    /// What is shown.
    drill: Memo<Option<Drill>>,
) -> impl IntoView {
    let chart = Memo::new(move |_| drill.with(|it| it.as_ref().map(words::chart).unwrap_or_default()));
    let spoken = move || drill.with(|it| it.as_ref().map(words::spoken).unwrap_or_default());
    let fault =
        Memo::new(move |_| drill.with(|it| it.as_ref().map_or("", |it| words::mark(it.plan.fault))));
    let marks = move || {
        chart.with(|chart| {
            let recovery = chart.fault.zip(chart.recovery).map(|(fault, width)| {
                view! { <div class="chart-recovery" style:left=percent(fault) style:width=percent(width)></div> }
            });
            let in_time = chart.in_time.map(|height| {
                view! { <div class="chart-in-time" style:bottom=percent(height)></div> }
            });
            let fault = chart.fault.map(|at| {
                view! { <div class="chart-fault" style:left=percent(at)><span>{fault.get()}</span></div> }
            });
            let failed = chart.failed.iter();
            let failed = failed
                .map(|at| view! { <div class="chart-failed" style:left=percent(*at)>"✕"</div> })
                .collect_view();
            view! {
                {recovery}
                {in_time}
                {fault}
                {failed}
            }
        })
    };
    let keys = move || {
        chart.with(|chart| {
            let in_time = chart
                .in_time
                .map(|_| view! { <span class="chart-key">"in time"</span> });
            let any = !chart.failed.is_empty();
            let failed =
                any.then(|| view! { <span class="chart-key stop">"✕ an order failed"</span> });
            view! {
                {in_time}
                {failed}
            }
        })
    };
    view! {
        <figure class="chart">
            <figcaption class="small">
                "Slowest order of each quarter of a second"
                {keys}
            </figcaption>
            <div class="chart-box" role="img" aria-label=spoken>
                <span class="chart-top">{move || chart.with(|chart| chart.top.clone())}</span>
                <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                    <path d=move || chart.with(|chart| chart.bars.clone()) />
                </svg>
                {marks}
            </div>
            <p class="chart-times small soft" aria-hidden="true">
                <span>"0 s"</span>
                <span>{move || format!("{} s", chart.with(|chart| chart.seconds))}</span>
            </p>
        </figure>
    }
}
