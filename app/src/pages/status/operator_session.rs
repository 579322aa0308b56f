//! The operator's session: signing in and out.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::action_error::ActionError;
use super::status_feed::{OtherServer, StatusFeed};
use crate::api::{self, ApiError};
use crate::components::{close_dialog, open_dialog};

/// A button to sign in or out. Where the status comes from another server, a link to that server's own panel: a page of one site
/// gets no cookie of another, and a password is for the server's own page.
#[component]
pub fn OperatorSession(feed: StatusFeed) -> impl IntoView {
    let signed_in = feed.select(|status| status.signed_in);
    let other_server = feed.other_server();
    let dialog = NodeRef::<html::Dialog>::new();
    let control = move || match (signed_in.get(), other_server.get()) {
        (true, _) => view! { <SignOutButton feed /> }.into_any(),
        (false, Some(server)) => view! { <OtherPanelLink server /> }.into_any(),
        (false, None) => view! {
            <button class="button quiet" type="button" on:click=move |_| open_dialog(dialog)>
                "Operator: sign in to switch"
            </button>
        }
        .into_any(),
    };
    view! { <div class="operator">{control} <SignInDialog feed dialog /></div> }
}

/// Ends the session. After an error the cookie is still there, and so is the button.
#[component]
fn SignOutButton(feed: StatusFeed) -> impl IntoView {
    let sign_out = Action::new_unsync(move |(): &()| async move {
        if api::sign_out().await.is_ok() {
            feed.reconnect();
        }
    });
    let click = move |_| {
        sign_out.dispatch_local(());
    };
    view! {
        <button class="button quiet" type="button" disabled=sign_out.pending() on:click=click>
            "Sign out"
        </button>
    }
}

/// Says where to sign in while the page's own server does not answer.
#[component]
fn OtherPanelLink(server: OtherServer) -> impl IntoView {
    view! {
        <p class="small">
            "This page's own server does not answer. To switch, sign in at the one that does."
        </p>
        <a class="button quiet" href=format!("{}/status", server.url)>
            {format!("Open the panel of {}", server.id)}
        </a>
    }
}

/// Asks for the operator's password and starts the session.
#[component]
fn SignInDialog(
    feed: StatusFeed,
    /// The dialog's element, for the button that opens it.
    dialog: NodeRef<html::Dialog>,
) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let sign_in = Action::new_unsync(move |entered: &String| {
        let entered = entered.clone();
        async move {
            api::sign_in(entered).await?;
            password.set(String::new());
            close_dialog(dialog);
            feed.reconnect();
            Ok::<_, ApiError>(())
        }
    });
    let (pending, result) = (sign_in.pending(), sign_in.value());
    let error = Signal::derive(move || result.get().and_then(Result::err));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !pending.get_untracked() {
            sign_in.clear();
            sign_in.dispatch_local(password.get_untracked());
        }
    };
    view! {
        <dialog
            class="ask"
            node_ref=dialog
            aria-labelledby="sign-in-title"
            on:close=move |_| sign_in.clear()
        >
            <h2 id="sign-in-title">"Operator's sign-in"</h2>
            <form class="sign-in" novalidate on:submit=submit>
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
                        on:input:target=move |event| password.set(event.target().value())
                    />
                </div>
                <ActionError error />
                <div class="actions">
                    <button
                        class="button quiet"
                        type="button"
                        on:click=move |_| close_dialog(dialog)
                    >
                        "Not now"
                    </button>
                    <button class="button" type="submit" disabled=pending>
                        {move || if pending.get() { "Signing in…" } else { "Sign in" }}
                    </button>
                </div>
            </form>
        </dialog>
    }
}
