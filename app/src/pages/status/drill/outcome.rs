//! How a drill goes, and what it came to.

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use model::drill::Drill;

use super::super::feed::Feed;
use super::super::nodes::Sign;
use super::super::words::Shape;
use super::chart::Chart;
use super::words;
use crate::api;
use crate::components::use_announce;

/// The one that runs, or the last one.
#[component]
pub fn Outcome(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let drill = feed.part(|status| status.drill.as_deref().cloned());
    let part = move |read: fn(&Drill) -> bool| {
        Memo::new(move |_| drill.with(|it| it.as_ref().is_some_and(read)))
    };
    let there = part(|_| true);
    let goes_on = part(words::is_going_on);
    let headline = Memo::new(move |_| drill.with(|it| it.as_ref().map(words::headline)));
    let announce = use_announce();
    Effect::new(move |before: Option<bool>| {
        let goes_on = goes_on.get();
        if before == Some(true)
            && !goes_on
            && let Some((_, said)) = headline.get_untracked()
        {
            announce(&said);
        }
        goes_on
    });
    let of = move |read: fn(&Drill) -> View| move || drill.with(|it| it.as_ref().map(read));
    (move || {
        there.get().then(|| {
            view! {
                <div class="drill-outcome">
                    <div class="drill-verdict">
                        <h3>
                            {move || headline.get().map(|(shape, said)| view! {
                                <Sign shape />
                                {said}
                            })}
                        </h3>
                        {move || goes_on.get().then(stop)}
                    </div>
                    <dl class="drill-figures">{of(figures)}</dl>
                    <Chart drill />
                    <ul class="drill-details small soft">{of(details)}</ul>
                </div>
            }
        })
    })
    .into_view()
}

fn stop() -> impl IntoView {
    let asked = RwSignal::new(false);
    let cancel = move |_| {
        asked.set(true);
        // Where that fails the drill goes on, as can be seen, and it can be asked again.
        spawn_local_scoped_with_cancellation(async move {
            if api::stop_drill().await.is_err() {
                asked.set(false);
            }
        });
    };
    view! {
        <button class="button quiet" type="button" disabled=asked on:click=cancel>
            "Stop the drill"
        </button>
    }
}

fn figures(drill: &Drill) -> impl IntoView {
    let figure = |(name, text, marked): (&'static str, String, bool)| {
        let class = if marked { "marked" } else { "" };
        view! {
            <div class=class>
                <dt>{name}</dt>
                <dd>
                    {marked.then(|| view! { <Sign shape=Shape::Stopped /> })}
                    {text}
                </dd>
            </div>
        }
    };
    words::figures(drill).into_iter().map(figure).collect_view()
}

fn details(drill: &Drill) -> impl IntoView {
    let line = |line: String| view! { <li>{line}</li> };
    words::details(drill).into_iter().map(line).collect_view()
}
