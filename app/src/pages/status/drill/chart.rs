//! The chart of a drill: the slowest order of every quarter of a second, with the fault and the failures.

use leptos::prelude::*;
use model::drill::Drill;

use super::super::text::format_decimal;
use super::text::{self, ChartData};

fn percent(number: f32) -> String {
    format!("{}%", format_decimal(number))
}

/// The chart. Its bars are drawn in a box that stretches; marks and labels lie above the bars, so that they keep their shape.
#[component]
pub fn DrillChart(drill: Memo<Option<Drill>>) -> impl IntoView {
    let chart = Memo::new(move |_| {
        drill.with(|drill| drill.as_ref().map(text::chart_data).unwrap_or_default())
    });
    let description = move || {
        drill.with(|drill| {
            drill
                .as_ref()
                .map(text::chart_description)
                .unwrap_or_default()
        })
    };
    view! {
        <figure class="chart">
            <figcaption class="small">
                "Slowest order of each quarter of a second" <ChartKey chart />
            </figcaption>
            <div class="chart-box" role="img" aria-label=description>
                <span class="chart-top">{move || chart.with(|chart| chart.top.clone())}</span>
                <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                    <path d=move || chart.with(|chart| chart.bars.clone()) />
                </svg>
                {move || view! { <ChartMarks chart=chart.get() /> }}
            </div>
            <p class="chart-times small soft" aria-hidden="true">
                <span>"0 s"</span>
                <span>{move || format!("{} s", chart.with(|chart| chart.seconds))}</span>
            </p>
        </figure>
    }
}

/// Explains the marks that the chart has.
#[component]
fn ChartKey(chart: Memo<ChartData>) -> impl IntoView {
    view! {
        <Show when=move || chart.with(|chart| chart.in_time.is_some())>
            <span class="chart-key">"in time"</span>
        </Show>
        <Show when=move || chart.with(|chart| !chart.failed.is_empty())>
            <span class="chart-key stop">"✕ an order failed"</span>
        </Show>
    }
}

/// The recovery as a band, the limit of being in time as a line, the fault, and a cross for each moment with a failed order.
#[component]
fn ChartMarks(chart: ChartData) -> impl IntoView {
    let recovery = chart.fault.zip(chart.recovery).map(|(fault, width)| {
        view! { <div class="chart-recovery" style:left=percent(fault) style:width=percent(width)></div> }
    });
    let in_time = chart.in_time.map(|height| {
        view! { <div class="chart-in-time" style:bottom=percent(height)></div> }
    });
    let fault = chart.fault.map(|fault| {
        view! {
            <div class="chart-fault" style:left=percent(fault)>
                <span>{chart.fault_label}</span>
            </div>
        }
    });
    let failed = chart
        .failed
        .into_iter()
        .map(|moment| {
            view! {
                <div class="chart-failed" style:left=percent(moment)>
                    "✕"
                </div>
            }
        })
        .collect_view();
    view! {
        {recovery}
        {in_time}
        {fault}
        {failed}
    }
}
