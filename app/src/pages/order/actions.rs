//! What a customer can do about an order: ring the restaurant, share the address, cancel while the order is not accepted yet.

use js_sys::{Function, Object, Reflect};
use leptos::html;
use leptos::prelude::*;
use model::order::Order;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::follower::OrderFollower;
use crate::api;
use crate::components::{
    Glyph, Icon, Notice, Tone, close_dialog, error_detail, error_title, open_dialog, use_announce,
};

/// The restaurant's telephone number, and the order's address to share.
#[component]
pub fn Help(order: Order) -> impl IntoView {
    let restaurant = order.restaurant;
    let dialled: String = restaurant
        .phone
        .chars()
        .filter(|letter| letter.is_ascii_digit() || *letter == '+')
        .collect();
    view! {
        <section class="help" aria-labelledby="help">
            <h2 id="help">"Is something wrong?"</h2>
            <p>
                {format!("Ring {} and say number {}.", restaurant.name, order.number)}
                {(!order.state.is_final()).then_some(" They can change or cancel it.")}
            </p>
            <div class="actions">
                <a class="button quiet" href=format!("tel:{dialled}")>
                    <Icon glyph=Glyph::Phone />
                    {restaurant.phone}
                </a>
                <ShareButton title=format!("{}, number {}", restaurant.name, order.number) />
            </div>
        </section>
    }
}

/// Shares the page's address, or copies it, depending on what the browser can do.
#[component]
fn ShareButton(
    /// The name of the link.
    title: String,
) -> impl IntoView {
    let announce = use_announce();
    let share = Action::new_unsync(move |title: &String| {
        let title = title.clone();
        async move {
            let result = match share_address(&title).await {
                Shared::Copied => "Link copied",
                Shared::HandedOver => "",
                Shared::Unsupported => "Copy the address from the top of your browser",
            };
            announce(result);
            result
        }
    });
    let result = move || {
        share
            .value()
            .get()
            .filter(|result| !result.is_empty())
            .map(|result| view! { <p class="small soft told">{result}</p> })
    };
    view! {
        <button
            class="button quiet"
            type="button"
            on:click=move |_| {
                share.dispatch_local(title.clone());
            }
        >
            <Icon glyph=Glyph::Share />
            "Share this order"
        </button>
        {result}
    }
}

enum Shared {
    /// The browser's own dialog took over.
    HandedOver,
    Copied,
    Unsupported,
}

/// Calls `navigator.share` or `navigator.clipboard` through `Reflect`: they exist in secure contexts only, and are missing on plain
/// HTTP in the local network.
async fn share_address(title: &str) -> Shared {
    let navigator = window().navigator();
    let Ok(address) = window().location().href() else {
        return Shared::Unsupported;
    };
    let address = JsValue::from_str(&address);
    let data = Object::new();
    let _ = Reflect::set(&data, &"title".into(), &JsValue::from_str(title));
    let _ = Reflect::set(&data, &"url".into(), &address);
    if let Some(promise) = call(&navigator, "share", &data) {
        // A customer who closes the dialog rejects the promise, which needs no reaction.
        let _ = JsFuture::from(promise).await;
        return Shared::HandedOver;
    }
    let clipboard = Reflect::get(&navigator, &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
    let Some(promise) = call(&clipboard, "writeText", &address) else {
        return Shared::Unsupported;
    };
    match JsFuture::from(promise).await {
        Ok(_) => Shared::Copied,
        Err(_) => Shared::Unsupported,
    }
}

fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<js_sys::Promise> {
    let method: Function = Reflect::get(object, &JsValue::from_str(method))
        .ok()?
        .dyn_into()
        .ok()?;
    method.call1(object, argument).ok()?.dyn_into().ok()
}

/// Cancels the order after a confirmation; explains when it has become too late.
#[component]
pub fn CancelOrder(follower: OrderFollower, order: Order) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let token = StoredValue::new(order.token);
    let cancel = Action::new_unsync(move |(): &()| async move {
        let answer = api::cancel_order(&token.get_value()).await?;
        close_dialog(dialog);
        follower.apply(Ok(answer));
        Ok(())
    });
    let error = move || cancel.value().get().and_then(Result::err);
    Effect::new(move |_| {
        if error().is_some() {
            // The page behind the dialog shows the order as it is now.
            follower.refresh();
        }
    });
    let open = move |_| {
        cancel.clear();
        open_dialog(dialog);
    };
    let pending = cancel.pending();
    let confirm = move |_| {
        if !pending.get_untracked() {
            cancel.dispatch_local(());
        }
    };
    let error_notice = move || {
        error().map(|error| {
            view! {
                <Notice title=error_title(&error) tone=Tone::Stop glyph=Glyph::Alert>
                    <p>{error_detail(&error)}</p>
                </Notice>
            }
        })
    };
    view! {
        <button class="link cancel" type="button" on:click=open>
            "Cancel the order"
        </button>
        <dialog class="ask" node_ref=dialog aria-labelledby="cancel-title">
            <h2 id="cancel-title">{format!("Cancel number {}?", order.number)}</h2>
            <p>
                {format!(
                    "{} has not accepted it yet, so you can still cancel, and you pay nothing. It cannot be taken back.",
                    order.restaurant.name,
                )}
            </p>
            <div role="alert">{error_notice}</div>
            <div class="actions">
                <button class="button quiet" type="button" on:click=move |_| close_dialog(dialog)>
                    "Keep it"
                </button>
                <button class="button stop" type="button" disabled=pending on:click=confirm>
                    {move || if pending.get() { "Cancelling…" } else { "Cancel the order" }}
                </button>
            </div>
        </dialog>
    }
}
