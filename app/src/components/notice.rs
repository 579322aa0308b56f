//! A box that says what happened, what is safe, and what to do next.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How serious a notice is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Calm,
    /// A confirmation.
    Good,
    /// An error that has to be resolved before going on.
    Stop,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Calm => "notice",
            Self::Good => "notice good",
            Self::Stop => "notice stop",
        }
    }
}

/// A box with an icon, a first sentence in bold and more below.
#[component]
pub fn Notice(
    /// The first sentence.
    #[prop(into)]
    title: String,
    /// The icon.
    #[prop(default = Glyph::Info)]
    glyph: Glyph,
    /// How serious it is.
    #[prop(optional)]
    tone: Tone,
    /// The rest, and what to do.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=tone.class()>
            <Icon glyph />
            <div>
                <strong>{title}</strong>
                {children.map(|children| children())}
            </div>
        </div>
    }
}
