//! One field of the form: label, input, what is wrong with it.

use crate::prelude::*;

use super::fields::Field;
use super::page::Checkout;
use crate::components::{Glyph, Icon};

/// How a field is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line; `type` of the input.
    Line(&'static str),
    /// So many lines to begin with.
    Lines(u32),
}

/// A labelled field. What is wrong with it stands beside it and is read out with it.
#[component]
pub fn Input(
    /// Whose mistakes are shown.
    page: Checkout,
    /// Which field.
    field: Field,
    /// Above it.
    label: &'static str,
    /// Below the label.
    #[prop(optional)]
    hint: &'static str,
    /// As HTML's `autocomplete`.
    autocomplete: &'static str,
    /// How it is typed.
    kind: Kind,
    /// Longest text that is taken.
    maxlength: u32,
    /// What is in it.
    #[prop(into)]
    value: Signal<String>,
    /// Gets what is typed.
    #[prop(into)]
    on_input: Callback<String>,
) -> View {
    let id = field.id();
    let error_id = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    let invalid = move || page.mistake_at(field).is_some();
    let described = {
        let (error_id, hint_id) = (error_id.clone(), hint_id.clone());
        move || match (invalid(), hint.is_empty()) {
            (true, _) => Some(error_id.clone()),
            (false, false) => Some(hint_id.clone()),
            (false, true) => None,
        }
    };
    let typed = move |text: String| {
        page.mended(field);
        on_input.run(text);
    };
    let input = match kind {
        Kind::Line(kind) => view! {
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
                aria-invalid=move || invalid().then_some("true")
                aria-describedby=described
                on:input=move |event| typed(event_target_value(&event))
            />
        },
        Kind::Lines(rows) => view! {
            <textarea
                id=id
                name=id
                rows=rows
                autocomplete=autocomplete
                maxlength=maxlength
                required=field == Field::Address
                prop:value=value
                aria-invalid=move || invalid().then_some("true")
                aria-describedby=described
                on:input=move |event| typed(event_target_value(&event))
            ></textarea>
        },
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {input}
            <Said page field id=error_id />
        </div>
    }
}

/// What is wrong with a field, under the id that the field is described by.
#[component]
pub fn Said(
    /// Whose mistakes are shown.
    page: Checkout,
    /// Which field.
    field: Field,
    /// For `aria-describedby`.
    id: String,
) -> View {
    (move || {
        let id = id.clone();
        page.mistake_at(field).map(|message| {
            view! {
                <p class="error" id=id>
                    <Icon glyph=Glyph::Alert />
                    {message}
                </p>
            }
        })
    })
    .into_view()
}
