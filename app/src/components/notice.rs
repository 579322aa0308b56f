//! A calm word about something that is not as hoped for: what happened, what is safe, what to do next.

use crate::prelude::*;

use super::icon::{Glyph, Icon};
use crate::api::ApiError;

/// How much it matters.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Calm,
    /// Confirmed.
    Good,
    /// Cannot go on like this.
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

/// A box with a picture, a first sentence in bold and more below.
#[component]
pub fn Notice(
    /// The first sentence.
    #[prop(into)]
    title: String,
    /// A picture that fits.
    #[prop(default = Glyph::Info)]
    glyph: Glyph,
    /// How much it matters.
    #[prop(optional)]
    tone: Tone,
    /// The rest, and what to do.
    #[prop(optional)]
    children: Option<Children>,
) -> View {
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

/// What went wrong with loading something, and a way to try again.
#[component]
pub fn LoadError(
    /// What the request came back with.
    error: ApiError,
    /// Asks again.
    #[prop(into)]
    retry: Callback<()>,
) -> View {
    let glyph = if error == ApiError::Offline {
        Glyph::WifiOff
    } else {
        Glyph::Alert
    };
    view! {
        <div role="alert">
            <Notice title=error.title() glyph>
                <p>{error.detail()}</p>
                <button class="button quiet" type="button" on:click=move |_| retry.run(())>
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </Notice>
        </div>
    }
}
