//! The system's health, for everybody, and its switches, for the operator.
//!
//! Everything here comes from the front-end server itself, so that the page works when every replica is gone.

mod drawing;
mod drill;
mod events;
mod feed;
mod nodes;
mod switches;
mod words;

use leptos::prelude::*;

use crate::components::{
    Glyph, Icon, Notice, Page, use_announce,
};
use crate::state::calendar::ago;
use crate::state::ticker::ticker;
use drawing::Drawing;
use drill::DrillSection;
use events::Events;
use feed::Feed;
use nodes::Sign;
use switches::{Operator, SwitchDialog, Switches};
use words::{Shape, unreachable, verdict};

/// The whole panel.
#[component]
pub fn StatusPage() -> impl IntoView {
    let feed = Feed::new();
    let there = Memo::new(move |_| feed.status.with(Option::is_some));
    view! {
        <Page title="Status" class="status-page">
            <div class="frame status">
                {move || {
                    if there.get() {
                        view! { <Panel feed /> }
                    } else {
                        view! { <Waiting feed /> }
                    }
                }}
            </div>
        </Page>
    }
}

#[component]
fn Panel(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let switches = Switches::new();
    let now = ticker(1_000);
    let stale = Memo::new(move |_| feed.stale_ms(now.get()).is_some());
    let said = Memo::new(move |_| {
        if stale.get() {
            return Some(unreachable());
        }
        feed.status.with(|status| status.as_ref().map(verdict))
    });
    let announce = use_announce();
    Effect::new(move |before: Option<()>| {
        let said = said.get();
        if let (Some(()), Some(said)) = (before, said) {
            announce(&said.title);
        }
    });
    let head = move || {
        said.get().map(|said| {
            let class = match said.shape {
                Shape::Good => "verdict",
                Shape::Between => "verdict between",
                Shape::Stopped => "verdict stopped",
            };
            view! {
                <div class=class>
                    <h1>
                        <Sign shape=said.shape />
                        {said.title}
                    </h1>
                    <p>{said.detail}</p>
                </div>
            }
        })
    };
    view! {
        <div class="status-head">
            {head}
            <div class="status-tools">
                <Freshness feed now />
                <Operator feed />
            </div>
        </div>
        <Drawing feed switches />
        <DrillSection feed />
        <Events feed />
        <SwitchDialog feed switches />
    }
}

/// Live, or how old.
#[component]
fn Freshness(
    /// Where the status comes from.
    feed: Feed,
    /// The time, ticking.
    now: ReadSignal<i64>,
) -> impl IntoView {
    let elsewhere = feed.elsewhere();
    let text = move || match (feed.stale_ms(now.get()), feed.live.get()) {
        (Some(age), _) => format!("Last updated {}", ago(age)),
        (None, true) => match elsewhere.get() {
            Some((server, _)) => format!("Live from {server}"),
            None => "Live".into(),
        },
        (None, false) => "Asked every 2 s".into(),
    };
    let class = move || {
        if feed.live.get() {
            "freshness live"
        } else {
            "freshness"
        }
    };
    view! { <p class=class>{text}</p> }
}

/// Before the first answer: the page's shape, or why there is none.
#[component]
fn Waiting(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    (move || match feed.error.get() {
        Some(_) => view! {
            <div class="stack">
                <h1>"Status"</h1>
                <Notice title=unreachable().title glyph=Glyph::Alert>
                    <p>{unreachable().detail}</p>
                    <button class="button quiet" type="button" on:click=move |_| feed.reopen()>
                        <Icon glyph=Glyph::Refresh />
                        "Try again"
                    </button>
                </Notice>
            </div>
        },
        None => view! {
            <div class="status-head">
                <h1>"Status"</h1>
            </div>
            <div class="skeleton drawing-skeleton">
                <span class="visually-hidden">"Loading the status"</span>
            </div>
        },
    })
    .into_view()
}
