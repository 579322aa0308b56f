//! The one large field: a postcode in any writing, checked as far as its shape goes, with a likely mend as one tap.

use crate::prelude::*;
use leptos::ev::SubmitEvent;
use model::Postcode;
use model::postcode::PostcodeError;

use super::icon::{Glyph, Icon};

const ID: &str = "postcode";
const ERROR_ID: &str = "postcode-error";

/// A form for a postcode. One a page: its field has a fixed id, as in the static shell.
#[component]
pub fn PostcodeField(
    /// Text to begin with.
    #[prop(into, optional)]
    initial: String,
    /// Why that text could not be used, to say so from the start.
    #[prop(optional_no_strip)]
    refused: Option<PostcodeError>,
    /// Above the field.
    label: &'static str,
    /// On the button.
    action: &'static str,
    /// Puts the cursor into the field at once.
    #[prop(optional)]
    focused: bool,
    /// Gets a postcode of the right shape.
    #[prop(into)]
    on_postcode: Callback<Postcode>,
    /// Stands below the field while there is nothing to mend.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> View {
    let text = RwSignal::new(initial);
    let refused = RwSignal::new(refused.filter(|why| *why != PostcodeError::Empty));
    let field = NodeRef::new();
    if focused {
        effect(move |_| {
            if let Some(input) = field.get() {
                let input: web_sys::HtmlInputElement = input;
                let _ = input.focus();
            }
        });
    }
    let check = move || {
        let parsed = text.with_untracked(|text| Postcode::parse(text));
        match parsed {
            Ok(postcode) => {
                refused.set(None);
                Some(postcode)
            }
            Err(why) => {
                refused.set(Some(why));
                None
            }
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match check() {
            Some(postcode) => on_postcode.run(postcode),
            None => {
                if let Some(input) = field.get_untracked() {
                    let _ = input.focus();
                }
            }
        }
    };
    let use_instead = move |postcode: Postcode| {
        text.set(postcode.as_str().to_owned());
        refused.set(None);
        on_postcode.run(postcode);
    };
    view! {
        <form class="postcode" novalidate on:submit=submit>
            <label for=ID>{label}</label>
            <div class="postcode-row">
                <Icon glyph=Glyph::Location />
                <input
                    id=ID
                    node_ref=field
                    type="text"
                    inputmode="text"
                    autocomplete="postal-code"
                    autocapitalize="characters"
                    spellcheck="false"
                    enterkeyhint="go"
                    placeholder="DH1 3EL"
                    maxlength="20"
                    prop:value=text
                    aria-invalid=move || refused.with(Option::is_some).then_some("true")
                    aria-describedby=move || refused.with(Option::is_some).then_some(ERROR_ID)
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        refused.set(None);
                    }
                    on:change=move |_| {
                        if text.with_untracked(|text| !text.trim().is_empty()) {
                            check();
                        }
                    }
                />
                <button class="button">{action}</button>
            </div>
            <div class="postcode-help">
                {move || match refused.get() {
                    Some(why) => {
                        let suggestion = why.suggestion().cloned();
                        view! {
                            <div class="answer" role="alert">
                                <p class="error-text" id=ERROR_ID>
                                    <Icon glyph=Glyph::Alert />
                                    {why.to_string()}
                                </p>
                                {suggestion
                                    .map(|postcode| {
                                        let question = format!("Did you mean {postcode}?");
                                        let postcode = StoredValue::new(postcode);
                                        view! {
                                            <button
                                                class="button"
                                                type="button"
                                                on:click=move |_| use_instead(postcode.get_value())
                                            >
                                                {question}
                                            </button>
                                        }
                                    })}
                            </div>
                        }
                    }
                    None => children.as_ref().map(|children| children()).into_view(),
                }}
            </div>
        </form>
    }
}
