//! Switching a replica up, to draining or down, after a confirmation.

use leptos::html;
use leptos::prelude::*;
use model::status::AdminState;

use super::action_error::ActionError;
use super::status_feed::StatusFeed;
use super::text;
use crate::api::{self, ApiError};
use crate::components::{close_dialog, open_dialog, use_announce};

const ADMIN_STATES: [AdminState; 3] = [AdminState::Up, AdminState::Draining, AdminState::Down];

/// A change of a replica's admin state that the operator has yet to confirm.
#[derive(Clone, PartialEq, Eq)]
pub struct SwitchRequest {
    /// The replica's id.
    replica: String,
    admin_state: AdminState,
}

/// A replica's admin state as three buttons.
#[component]
pub fn AdminStateSwitch(
    /// The replica's id.
    replica: String,
    admin_state: Memo<AdminState>,
    /// Set when a button is pressed; [`AdminStateDialog`] asks for confirmation.
    switch_request: RwSignal<Option<SwitchRequest>>,
) -> impl IntoView {
    let group_label = format!("Switch {replica}");
    let replica = StoredValue::new(replica);
    let button = move |target: AdminState| {
        let request = move |_| {
            if admin_state.get_untracked() != target {
                switch_request.set(Some(SwitchRequest {
                    replica: replica.get_value(),
                    admin_state: target,
                }));
            }
        };
        view! {
            <button
                type="button"
                aria-pressed=move || (admin_state.get() == target).to_string()
                on:click=request
            >
                {text::admin_state_label(target)}
            </button>
        }
    };
    view! {
        <div class="switch" role="group" aria-label=group_label>
            {ADMIN_STATES.map(button).collect_view()}
        </div>
    }
}

/// Asks for confirmation of a [`SwitchRequest`], says what will happen, and carries it out.
#[component]
pub fn AdminStateDialog(
    feed: StatusFeed,
    /// The dialog is open while there is a request.
    switch_request: RwSignal<Option<SwitchRequest>>,
) -> impl IntoView {
    let announce = use_announce();
    let dialog = NodeRef::<html::Dialog>::new();
    let switch = Action::new_unsync(move |request: &SwitchRequest| {
        let SwitchRequest {
            replica,
            admin_state,
        } = request.clone();
        async move {
            let status = api::set_admin_state(&replica, admin_state)
                .await
                .inspect_err(|error| feed.reconnect_if_unauthorised(error))?;
            feed.apply(Ok(status));
            switch_request.set(None);
            let label = text::admin_state_label(admin_state);
            announce(&format!("{replica} is now set to {label}."));
            Ok::<_, ApiError>(())
        }
    });
    let (pending, result) = (switch.pending(), switch.value());
    Effect::new(move |_| {
        if switch_request.with(Option::is_some) {
            switch.clear();
            open_dialog(dialog);
        } else {
            close_dialog(dialog);
        }
    });
    let question = Memo::new(move |_| {
        let SwitchRequest {
            replica,
            admin_state,
        } = switch_request.get()?;
        feed.status.with_untracked(|status| {
            Some(text::switch_question(
                status.as_ref()?,
                &replica,
                admin_state,
            ))
        })
    });
    let cancel = move |_| switch_request.set(None);
    let confirm = move |_| {
        if let Some(request) = switch_request.get_untracked()
            && !pending.get_untracked()
        {
            switch.dispatch_local(request);
        }
    };
    let confirm_label = move || {
        if pending.get() {
            return "Switching…";
        }
        let admin_state =
            switch_request.with(|request| request.as_ref().map(|request| request.admin_state));
        match admin_state {
            Some(AdminState::Down) => "Switch it down",
            Some(AdminState::Draining) => "Drain it",
            Some(AdminState::Up) | None => "Switch it up",
        }
    };
    view! {
        <dialog
            class="ask"
            node_ref=dialog
            aria-labelledby="switch-title"
            on:close=move |_| switch_request.set(None)
        >
            <h2 id="switch-title">{move || question.get().map(|question| question.title)}</h2>
            <p>{move || question.get().map(|question| question.consequence)}</p>
            <ActionError error=Signal::derive(move || result.get().and_then(Result::err)) />
            <div class="actions">
                <button class="button quiet" type="button" on:click=cancel>
                    "Leave it"
                </button>
                <button class="button" type="button" disabled=pending on:click=confirm>
                    {confirm_label}
                </button>
            </div>
        </dialog>
    }
}
