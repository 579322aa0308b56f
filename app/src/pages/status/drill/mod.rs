//! The drill, for the signed-in operator: its form, its progress and its outcome.

mod chart;
mod form;
mod outcome;
mod text;

use leptos::prelude::*;

use super::status_feed::StatusFeed;
use form::DrillForm;
use outcome::DrillOutcome;

/// The drill's section of the page; nothing for the public.
#[component]
pub fn DrillSection(feed: StatusFeed) -> impl IntoView {
    let signed_in = feed.select(|status| status.signed_in);
    view! {
        <Show when=move || signed_in.get()>
            <section class="drill" aria-labelledby="drill">
                <div class="drill-head">
                    <h2 id="drill">"Drill"</h2>
                    <p class="soft">
                        "Test orders go through this server while a replica is broken on purpose. They reach no kitchen and no report."
                    </p>
                </div>
                <div class="drill-parts">
                    <DrillForm feed />
                    <DrillOutcome feed />
                </div>
            </section>
        </Show>
    }
}
