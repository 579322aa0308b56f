//! The operator's part: signing in and out, and switching replicas, each asked for once.

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use leptos::ev::SubmitEvent;
use leptos::html;
use model::problem::Code;
use model::status::AdminState;

use super::feed::Feed;
use super::words;
use crate::api::{self, ApiError};
use crate::components::{Glyph, Notice, Tone, use_announce};

const STATES: [AdminState; 3] = [AdminState::Up, AdminState::Draining, AdminState::Down];

/// `Copy`: what is being asked.
#[derive(Clone, Copy)]
pub struct Switches {
    asked: RwSignal<Option<(String, AdminState)>>,
}

impl Switches {
    pub fn new() -> Self {
        Self {
            asked: RwSignal::new(None),
        }
    }
}

/// Up, draining or down.
#[component]
pub fn Switch(
    /// Asks first.
    switches: Switches,
    /// Which replica.
    id: String,
    /// What it is set to.
    now: Memo<AdminState>,
) -> impl IntoView {
    let label = format!("Switch {id}");
    let button = move |to: AdminState| {
        let id = id.clone();
        view! {
            <button
                type="button"
                aria-pressed=move || if now.get() == to { "true" } else { "false" }
                on:click=move |_| {
                    if now.get_untracked() != to {
                        switches.asked.set(Some((id.clone(), to)));
                    }
                }
            >
                {words::switch(to)}
            </button>
        }
    };
    view! {
        <div class="switch" role="group" aria-label=label>
            {STATES.into_iter().map(button).collect_view()}
        </div>
    }
}

/// What went wrong, where it did.
#[component]
pub fn Failed(
    /// Nothing yet, or what.
    error: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                error
                    .get()
                    .map(|error| {
                        view! {
                            <Notice title=error.title() tone=Tone::Stop glyph=Glyph::Alert>
                                <p>{words_for(&error)}</p>
                            </Notice>
                        }
                    })
            }}
        </div>
    }
}

/// An operator has no basket on this phone to be told about.
fn words_for(error: &ApiError) -> String {
    match error {
        ApiError::Problem(problem) => problem.detail.clone(),
        _ => "Nothing is known to have changed. Try again.".into(),
    }
}

/// Opens when something is asked, says what will happen, does it.
#[component]
pub fn SwitchDialog(
    /// Where the status comes from.
    feed: Feed,
    /// What is asked.
    switches: Switches,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let announce = use_announce();
    Effect::new(move |_| {
        let asked = switches.asked.with(Option::is_some);
        let Some(dialog) = dialog.get() else { return };
        if asked && !dialog.open() {
            error.set(None);
            let _ = dialog.show_modal();
        } else if !asked && dialog.open() {
            dialog.close();
        }
    });
    let texts = Memo::new(move |_| {
        let (id, to) = switches.asked.get()?;
        feed.status
            .with_untracked(|status| Some(words::question(status.as_ref()?, &id, to)))
    });
    let go = move |_| {
        let Some((id, to)) = switches.asked.get_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local_scoped_with_cancellation(async move {
            let answer = api::set_admin_state(&id, to).await;
            busy.set(false);
            match answer {
                Ok(status) => {
                    feed.take(Ok(status));
                    switches.asked.set(None);
                    announce(&format!("{id} is now set to {}.", words::switch(to)));
                }
                Err(failure) => {
                    if failure.code() == Some(Code::Unauthorised) {
                        // The session has ended meanwhile: the page offers to sign in again.
                        feed.reopen();
                    }
                    error.set(Some(failure));
                }
            }
        });
    };
    let action = move || {
        if busy.get() {
            return "Switching…".to_owned();
        }
        let to = switches
            .asked
            .with(|asked| asked.as_ref().map(|(_, to)| *to));
        match to {
            Some(AdminState::Down) => "Switch it down".into(),
            Some(AdminState::Draining) => "Drain it".into(),
            _ => "Switch it up".into(),
        }
    };
    view! {
        <dialog
            class="ask"
            node_ref=dialog
            aria-labelledby="switch-title"
            on:close=move |_| switches.asked.set(None)
        >
            <h2 id="switch-title">{move || texts.get().map(|texts| texts.0)}</h2>
            <p>{move || texts.get().map(|texts| texts.1)}</p>
            <Failed error />
            <div class="actions">
                <button
                    class="button quiet"
                    type="button"
                    on:click=move |_| switches.asked.set(None)
                >
                    "Leave it"
                </button>
                <button class="button" type="button" disabled=busy on:click=go>
                    {action}
                </button>
            </div>
        </dialog>
    }
}

/// Sign in, or sign out.
#[component]
pub fn Operator(
    /// Where the status comes from.
    feed: Feed,
) -> impl IntoView {
    let signed_in = feed.part(|status| status.signed_in);
    let elsewhere = feed.elsewhere();
    let dialog = NodeRef::<html::Dialog>::new();
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let open = move |_| {
        error.set(None);
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
    };
    let sign_in = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        spawn_local_scoped_with_cancellation(async move {
            let answer = api::sign_in(password.get_untracked()).await;
            busy.set(false);
            match answer {
                Ok(()) => {
                    password.set(String::new());
                    close();
                    feed.reopen();
                }
                Err(failure) => error.set(Some(failure)),
            }
        });
    };
    let sign_out = move |_| {
        spawn_local_scoped_with_cancellation(async move {
            // Without an answer the cookie is still there, and so is the button.
            if api::sign_out().await.is_ok() {
                feed.reopen();
            }
        });
    };
    view! {
        <div class="operator">
            {move || {
                if signed_in.get() {
                    view! {
                        <button class="button quiet" type="button" on:click=sign_out>
                            "Sign out"
                        </button>
                    }
                } else if let Some((server, url)) = elsewhere.get() {
                    // A page of one site gets no cookie of another; and a password is for the server's own page.
                    let panel = format!("{url}/status");
                    view! {
                        <p class="small">
                            "This page's own server does not answer. To switch, sign in at the one that does."
                        </p>
                        <a class="button quiet" href=panel>
                            {format!("Open the panel of {server}")}
                        </a>
                    }
                } else {
                    view! {
                        <button class="button quiet" type="button" on:click=open>
                            "Operator: sign in to switch"
                        </button>
                    }
                }
            }}
            <dialog class="ask" node_ref=dialog aria-labelledby="sign-in-title">
                <h2 id="sign-in-title">"Operator's sign-in"</h2>
                <form class="sign-in" novalidate on:submit=sign_in>
                    <div class="field">
                        <label for="password">"Password"</label>
                        <p class="hint" id="password-hint">
                            "It was printed when the server started for the first time."
                        </p>
                        <input
                            id="password"
                            type="password"
                            autocomplete="current-password"
                            aria-describedby="password-hint"
                            aria-invalid=move || error.with(Option::is_some).then_some("true")
                            prop:value=password
                            on:input=move |event| password.set(event_target_value(&event))
                        />
                    </div>
                    <Failed error />
                    <div class="actions">
                        <button class="button quiet" type="button" on:click=move |_| close()>
                            "Not now"
                        </button>
                        <button class="button" type="submit" disabled=busy>
                            {move || if busy.get() { "Signing in…" } else { "Sign in" }}
                        </button>
                    </div>
                </form>
            </dialog>
        </div>
    }
}
