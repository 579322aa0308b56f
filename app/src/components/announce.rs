//! Announcements for screen readers, such as "Lamb karahi added", that do not move the focus.

use leptos::prelude::*;

/// The sentence that is announced; a context of the app.
#[derive(Clone, Copy)]
struct Announcer(RwSignal<String>);

/// Provides the context that [`use_announce`] and [`Announcements`] need.
pub fn provide_announcer() {
    provide_context(Announcer(RwSignal::new(String::new())));
}

/// Gives a function that announces a sentence. Call it while a component is set up.
pub fn use_announce() -> impl Fn(&str) + Copy + Send + Sync + 'static {
    let Announcer(announced) = expect_context();
    move |sentence: &str| {
        // A repeated sentence is no change to the page and would not be read again, so it gets a no-break space at its end.
        let repeated = announced.with_untracked(|announced| announced == sentence);
        announced.set(format!(
            "{sentence}{}",
            if repeated { "\u{a0}" } else { "" }
        ));
    }
}

/// The live region that screen readers follow. Once in the app.
#[component]
pub fn Announcements() -> impl IntoView {
    let Announcer(announced) = expect_context();
    view! {
        <p class="visually-hidden" aria-live="polite">
            {announced}
        </p>
    }
}
