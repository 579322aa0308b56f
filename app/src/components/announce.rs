//! Tells people who listen rather than look what has just happened, "Lamb karahi added", without moving their focus.

use crate::prelude::*;

#[derive(Clone, Copy)]
struct Announcer(RwSignal<String>);

/// Makes [`announce`] work below the caller.
pub fn provide_announcer() {
    provide_context(Announcer(RwSignal::new(String::new())));
}

/// A function that has a sentence read out. Get it while a component is set up; call it from events.
pub fn use_announce() -> impl Fn(&str) + Copy + Send + Sync + 'static {
    let announcer = use_context::<Announcer>();
    move |sentence: &str| {
        if let Some(Announcer(said)) = announcer {
            // The same sentence twice is no change and would not be read again.
            let again = said.with_untracked(|said| said == sentence);
            said.set([sentence, if again { "\u{a0}" } else { "" }].concat());
        }
    }
}

/// Where the sentences appear for screen readers. Once in the app.
#[component]
pub fn Announcements() -> View {
    let said = use_context::<Announcer>().map(|announcer| announcer.0);
    view! {
        <p class="visually-hidden" aria-live="polite">
            {move || said.map(|said| said.get())}
        </p>
    }
}
