//! The form for a postcode: accepts any way of writing it, checks its shape, and offers a likely correction as one tap.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use model::Postcode;
use model::postcode::PostcodeError;

use super::icon::{Glyph, Icon};

const FIELD_ID: &str = "postcode";
const ERROR_ID: &str = "postcode-error";

/// A form for a postcode. One a page: its field has a fixed id, as in the static shell.
#[component]
pub fn PostcodeField(
    /// The text to begin with.
    #[prop(into, optional)]
    initial: String,
    /// Why that text is not a postcode, to be shown from the start.
    #[prop(optional_no_strip)]
    initial_error: Option<PostcodeError>,
    /// Above the field.
    label: &'static str,
    /// On the button.
    action: &'static str,
    /// Focuses the field at once.
    #[prop(optional)]
    focused: bool,
    /// Called with a postcode of the right shape.
    #[prop(into)]
    on_postcode: Callback<Postcode>,
    /// Shown below the field while there is no error.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let text = RwSignal::new(initial);
    let error = RwSignal::new(initial_error.filter(|error| *error != PostcodeError::Empty));
    let field = NodeRef::<html::Input>::new();
    let focus = move || {
        if let Some(input) = field.get_untracked() {
            let _ = input.focus();
        }
    };
    if focused {
        field.on_load(move |_| focus());
    }
    let check = move || {
        let parsed = text.with_untracked(|text| Postcode::parse(text));
        error.set(parsed.as_ref().err().cloned());
        parsed.ok()
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match check() {
            Some(postcode) => on_postcode.run(postcode),
            None => focus(),
        }
    };
    let check_unless_empty = move |_| {
        if text.with_untracked(|text| !text.trim().is_empty()) {
            check();
        }
    };
    let use_suggestion = Callback::new(move |postcode: Postcode| {
        text.set(postcode.as_str().to_owned());
        error.set(None);
        on_postcode.run(postcode);
    });
    let invalid = move || error.with(Option::is_some);
    view! {
        <form class="postcode" novalidate on:submit=submit>
            <label for=FIELD_ID>{label}</label>
            <div class="postcode-row">
                <Icon glyph=Glyph::Location />
                <input
                    id=FIELD_ID
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
                    aria-invalid=move || invalid().then_some("true")
                    aria-describedby=move || invalid().then_some(ERROR_ID)
                    on:input:target=move |event| {
                        text.set(event.target().value());
                        error.set(None);
                    }
                    on:change=check_unless_empty
                />
                <button class="button">{action}</button>
            </div>
            <div class="postcode-help">
                {move || match error.get() {
                    Some(error) => view! { <PostcodeMistake error use_suggestion /> }.into_any(),
                    None => children.as_ref().map(|children| children()).into_any(),
                }}
            </div>
        </form>
    }
}

/// What is wrong with the text, and a likely correction.
#[component]
fn PostcodeMistake(error: PostcodeError, use_suggestion: Callback<Postcode>) -> impl IntoView {
    let suggestion = error.suggestion().cloned();
    view! {
        <div class="answer" role="alert">
            <p class="error-text" id=ERROR_ID>
                <Icon glyph=Glyph::Alert />
                {error.to_string()}
            </p>
            {suggestion
                .map(|postcode| {
                    let question = format!("Did you mean {postcode}?");
                    view! {
                        <button
                            class="button"
                            type="button"
                            on:click=move |_| use_suggestion.run(postcode.clone())
                        >
                            {question}
                        </button>
                    }
                })}
        </div>
    }
}
