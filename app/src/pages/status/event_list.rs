//! The events that the server has recorded, to the millisecond.

use leptos::prelude::*;
use model::status::Event;

use super::condition::ConditionSign;
use super::status_feed::StatusFeed;
use super::text::{Condition, event_condition};
use crate::state::time::own_clock_with_millis;

/// The events, newest first.
#[component]
pub fn EventList(feed: StatusFeed) -> impl IntoView {
    let events = feed.select(|status| status.events.clone());
    view! {
        <section class="events" aria-labelledby="events">
            <h2 id="events">"What happened"</h2>
            <ol>
                // Each server counts its own events, and starts anew when it restarts: the number alone is no key.
                <For each=move || events.get() key=|event| (event.sequence, event.at_ms) let:event>
                    <EventItem event />
                </For>
            </ol>
            <Show when=move || events.with(Vec::is_empty)>
                <p class="soft">"Nothing yet since this server started."</p>
            </Show>
        </section>
    }
}

#[component]
fn EventItem(event: Event) -> impl IntoView {
    let Condition { severity, label } = event_condition(event.kind);
    view! {
        <li>
            <span class="event-time">{own_clock_with_millis(event.at_ms)}</span>
            <span class="event-kind">
                <ConditionSign severity />
                {label}
            </span>
            <span class="event-text">{event.message}</span>
        </li>
    }
}
