//! What happened when, to the millisecond.

use leptos::prelude::*;

use super::feed::Feed;
use super::nodes::Sign;
use super::words;
use crate::state::time::own_clock_with_millis;

/// Newest first, as the server keeps them.
#[component]
pub fn Events(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let events = feed.part(|status| status.events.clone());
    view! {
        <section class="events" aria-labelledby="events">
            <h2 id="events">"What happened"</h2>
            <ol>
                {move || {
                    events.get().into_iter().map(|event| {
                        let (shape, word) = words::event(event.kind);
                        view! {
                            <li>
                                <span class="event-time">{own_clock_with_millis(event.at_ms)}</span>
                                <span class="event-kind">
                                    <Sign shape />
                                    {word}
                                </span>
                                <span class="event-text">{event.message}</span>
                            </li>
                        }
                    }).collect_view()
                }}
            </ol>
            {move || {
                events
                    .with(Vec::is_empty)
                    .then(|| view! { <p class="soft">"Nothing yet since this server started."</p> })
            }}
        </section>
    }
}
