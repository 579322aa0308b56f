//! The public view of the system's health, and the operator's switches.
//!
//! All data comes from the front-end server, so the page works when every replica is gone.

mod action_error;
mod admin_state;
mod condition;
mod drill;
mod event_list;
mod nodes;
mod operator_session;
mod status_feed;
mod system_diagram;
mod text;

use leptos::prelude::*;

use crate::components::{Banner, Glyph, Icon, Notice, Page, use_announce};
use crate::state::calendar::ago;
use crate::state::ticker::start_ticker;
use admin_state::{AdminStateDialog, SwitchRequest};
use condition::ConditionSign;
use drill::DrillSection;
use event_list::EventList;
use operator_session::OperatorSession;
use status_feed::StatusFeed;
use system_diagram::SystemDiagram;
use text::{Severity, SystemSummary, summarise, unreachable_summary};

/// The status panel. It subscribes to the status for as long as it is mounted.
#[component]
pub fn StatusPage() -> impl IntoView {
    let feed = StatusFeed::new();
    let loaded = move || feed.status.with(Option::is_some);
    let failed = move || feed.error.with(Option::is_some);
    let not_loaded = move || {
        view! {
            <Show when=failed fallback=StatusSkeleton>
                <StatusUnavailable feed />
            </Show>
        }
    };
    view! {
        <Page title="Status" class="status-page" banner=Banner::None>
            <div class="frame status">
                <Show when=loaded fallback=not_loaded>
                    <StatusView feed />
                </Show>
            </div>
        </Page>
    }
}

/// The whole panel, once there is a status.
#[component]
fn StatusView(feed: StatusFeed) -> impl IntoView {
    let switch_request = RwSignal::new(None::<SwitchRequest>);
    let now = start_ticker(1_000);
    let stale = Memo::new(move |_| feed.stale_ms(now.get()).is_some());
    let summary = Memo::new(move |_| {
        if stale.get() {
            return Some(unreachable_summary());
        }
        feed.status.with(|status| status.as_ref().map(summarise))
    });
    announce_changes(summary);
    let headline = move || Some(view! { <SystemHeadline summary=summary.get()? /> });
    view! {
        <div class="status-head">
            {headline} <div class="status-tools">
                <Freshness feed now />
                <OperatorSession feed />
            </div>
        </div>
        <SystemDiagram feed switch_request />
        <DrillSection feed />
        <EventList feed />
        <AdminStateDialog feed switch_request />
    }
}

/// Announces each new summary; the first one is read with the page.
fn announce_changes(summary: Memo<Option<SystemSummary>>) {
    let announce = use_announce();
    Effect::new(move |previous: Option<()>| {
        let summary = summary.get();
        if let (Some(()), Some(summary)) = (previous, summary) {
            announce(&summary.title);
        }
    });
}

/// The page's heading: the state of the whole system in one sentence.
#[component]
fn SystemHeadline(summary: SystemSummary) -> impl IntoView {
    let class = match summary.severity {
        Severity::Normal => "verdict",
        Severity::Warning => "verdict between",
        Severity::Critical => "verdict stopped",
    };
    view! {
        <div class=class>
            <h1>
                <ConditionSign severity=summary.severity />
                {summary.title}
            </h1>
            <p>{summary.detail}</p>
        </div>
    }
}

/// How the status arrives, or how old it is once it is stale.
#[component]
fn Freshness(
    feed: StatusFeed,
    /// The time in milliseconds, ticking.
    now: ReadSignal<i64>,
) -> impl IntoView {
    let other_server = feed.other_server();
    let text = move || match (feed.stale_ms(now.get()), feed.live.get()) {
        (Some(age), _) => format!("Last updated {}", ago(age)),
        (None, true) => match other_server.get() {
            Some(server) => format!("Live from {}", server.id),
            None => "Live".to_owned(),
        },
        (None, false) => "Asked every 2 s".to_owned(),
    };
    view! {
        <p class="freshness" class:live=move || feed.live.get()>
            {text}
        </p>
    }
}

/// No server has answered yet.
#[component]
fn StatusUnavailable(feed: StatusFeed) -> impl IntoView {
    let summary = unreachable_summary();
    view! {
        <div class="stack">
            <h1>"Status"</h1>
            <Notice title=summary.title glyph=Glyph::Alert>
                <p>{summary.detail}</p>
                <button class="button quiet" type="button" on:click=move |_| feed.reconnect()>
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </Notice>
        </div>
    }
}

/// As high as the panel that will be loaded.
#[component]
fn StatusSkeleton() -> impl IntoView {
    view! {
        <div class="status-head">
            <h1>"Status"</h1>
        </div>
        <div class="skeleton drawing-skeleton">
            <span class="visually-hidden">"Loading the status"</span>
        </div>
    }
}
