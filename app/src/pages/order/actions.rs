//! What a customer can do about an order: ring, share its address, cancel it while nobody has accepted it.

use crate::prelude::*;
use js_sys::{Function, Object, Reflect};
use leptos::html;
use model::order::Order;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::follow::Follow;
use crate::api;
use crate::components::{Glyph, Icon, Notice, Tone, use_announce};

/// Whom to ring, and the address of the order for somebody else.
#[component]
pub fn Help(
    /// The order.
    order: Order,
) -> View {
    let phone = order.restaurant.phone.clone();
    let dial: String = phone
        .chars()
        .filter(|letter| letter.is_ascii_digit() || *letter == '+')
        .collect();
    view! {
        <section class="help" aria-labelledby="help">
            <h2 id="help">"Is something wrong?"</h2>
            <p>
                {format!("Ring {} and say number {}.", order.restaurant.name, order.number)}
                {(!order.state.is_final()).then_some(" They can change or cancel it.")}
            </p>
            <div class="actions">
                <a class="button quiet" href=format!("tel:{dial}")>
                    <Icon glyph=Glyph::Phone />
                    {phone}
                </a>
                <Share title=format!("{}, number {}", order.restaurant.name, order.number) />
            </div>
        </section>
    }
}

/// Shares the page's address, or copies it, whichever the phone can.
#[component]
fn Share(
    /// What the address leads to.
    title: String,
) -> View {
    let told = RwSignal::new("");
    let announce = use_announce();
    let share = move |_| {
        let title = title.clone();
        spawn(async move {
            let said = match share_address(&title).await {
                Shared::Copied => "Link copied",
                Shared::Handed => "",
                Shared::Cannot => "Copy the address from the top of your browser",
            };
            told.set(said);
            announce(said);
        });
    };
    view! {
        <button class="button quiet" type="button" on:click=share>
            <Icon glyph=Glyph::Share />
            "Share this order"
        </button>
        {move || {
            let told = told.get();
            (!told.is_empty()).then(|| view! { <p class="small soft told">{told}</p> })
        }}
    }
}

enum Shared {
    Handed,
    Copied,
    Cannot,
}

/// Both ways exist in secure contexts only, hence through `Reflect`: on plain http in the local network they are missing.
async fn share_address(title: &str) -> Shared {
    let navigator = window().navigator();
    let Ok(address) = window().location().href() else {
        return Shared::Cannot;
    };
    let address = JsValue::from_str(&address);
    let bag = Object::new();
    let _ = Reflect::set(&bag, &"title".into(), &JsValue::from_str(title));
    let _ = Reflect::set(&bag, &"url".into(), &address);
    if let Some(promise) = call(&navigator, "share", &bag) {
        // Closing the phone's own dialog is a refusal too, and no reason to do something else.
        let _ = JsFuture::from(promise).await;
        return Shared::Handed;
    }
    let clipboard = Reflect::get(&navigator, &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
    let Some(promise) = call(&clipboard, "writeText", &address) else {
        return Shared::Cannot;
    };
    match JsFuture::from(promise).await {
        Ok(_) => Shared::Copied,
        Err(_) => Shared::Cannot,
    }
}

fn call(on: &JsValue, method: &str, argument: &JsValue) -> Option<js_sys::Promise> {
    let method: Function = Reflect::get(on, &JsValue::from_str(method))
        .ok()?
        .dyn_into()
        .ok()?;
    method.call1(on, argument).ok()?.dyn_into().ok()
}

/// Cancels after asking once; says so when it has become too late.
#[component]
pub fn Cancel(
    /// The order's page.
    follow: Follow,
    /// The order.
    order: Order,
) -> View {
    let dialog = NodeRef::<html::Dialog>::new();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<(String, String)>);
    let open = move |_| {
        failed.set(None);
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let token = order.token.clone();
    let cancel = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let token = token.clone();
        spawn(async move {
            let answer = api::cancel(&token).await;
            busy.set(false);
            match answer {
                Ok(order) => {
                    close();
                    follow.take(Ok(order));
                }
                Err(error) => {
                    failed.set(Some((error.title(), error.detail())));
                    // The page behind the dialog tells how it stands now.
                    follow.now();
                }
            }
        });
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
            <div role="alert">
                {move || {
                    failed
                        .get()
                        .map(|(title, detail)| {
                            view! {
                                <Notice title tone=Tone::Stop glyph=Glyph::Alert>
                                    <p>{detail}</p>
                                </Notice>
                            }
                        })
                }}
            </div>
            <div class="actions">
                <button class="button quiet" type="button" on:click=move |_| close()>
                    "Keep it"
                </button>
                <button class="button stop" type="button" disabled=busy on:click=cancel>
                    {move || if busy.get() { "Cancelling…" } else { "Cancel the order" }}
                </button>
            </div>
        </dialog>
    }
}
