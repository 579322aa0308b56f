//! One text field of the form: label, hint, input and error.

use leptos::prelude::*;

use super::checkout_state::Checkout;
use super::form_fields::Field;
use super::form_group::FieldError;

/// The kind of input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// One line, with the `type` of the input.
    Line(&'static str),
    /// A text area that starts with this many rows.
    Area(u32),
}

/// A labelled field whose error is shown beside it and read out with it.
#[component]
pub fn TextField(
    checkout: Checkout,
    field: Field,
    label: &'static str,
    /// Below the label.
    #[prop(optional)]
    hint: &'static str,
    /// The `autocomplete` attribute.
    autocomplete: &'static str,
    kind: TextKind,
    /// The `maxlength` attribute.
    maxlength: u32,
    #[prop(into)] value: Signal<String>,
    /// Called with the new text.
    #[prop(into)]
    on_input: Callback<String>,
) -> impl IntoView {
    let id = field.id();
    let error_id = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    let invalid = Memo::new(move |_| checkout.error_at(field).is_some());
    let aria_invalid = move || invalid.get().then_some("true");
    let described_by = {
        let (error_id, hint_id) = (error_id.clone(), hint_id.clone());
        move || match (invalid.get(), hint.is_empty()) {
            (true, _) => Some(error_id.clone()),
            (false, false) => Some(hint_id.clone()),
            (false, true) => None,
        }
    };
    let typed = move |text: String| {
        checkout.clear_error(field);
        on_input.run(text);
    };
    let input = match kind {
        TextKind::Line(kind) => view! {
            <input
                id=id
                type=kind
                name=id
                autocomplete=autocomplete
                autocapitalize=if field == Field::Postcode { "characters" } else { "words" }
                spellcheck="false"
                maxlength=maxlength
                required
                prop:value=value
                aria-invalid=aria_invalid
                aria-describedby=described_by
                on:input:target=move |event| typed(event.target().value())
            />
        }
        .into_any(),
        TextKind::Area(rows) => view! {
            <textarea
                id=id
                name=id
                rows=rows
                autocomplete=autocomplete
                maxlength=maxlength
                required=field == Field::Address
                prop:value=value
                aria-invalid=aria_invalid
                aria-describedby=described_by
                on:input:target=move |event| typed(event.target().value())
            ></textarea>
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {(!hint.is_empty())
                .then(|| {
                    view! {
                        <p class="hint" id=hint_id>
                            {hint}
                        </p>
                    }
                })}
            {input}
            <FieldError checkout field id=error_id />
        </div>
    }
}
