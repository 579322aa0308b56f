//! The start page with the postcode field. Its upper part is repeated in `index.html`, word for word, so that it is shown before the app
//! has loaded.

mod returning;

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::Postcode;

use crate::components::{Banner, Drawing, Glyph, Icon, Page, PostcodeField};
use crate::paths;
use crate::shell::ShellInput;
use crate::state::use_state;
use returning::ReturningCustomer;

/// The start page.
#[component]
pub fn HomePage() -> impl IntoView {
    let state = use_state();
    let navigate = use_navigate();
    let typed = use_context::<ShellInput>().unwrap_or_default();
    let search = UnsyncCallback::new(move |postcode: Postcode| {
        state.postcode.set(postcode.as_str().to_owned());
        navigate(&paths::restaurants(&postcode), Default::default());
    });
    view! {
        <Page title="" class="home" banner=Banner::UnknownOutcome>
            <section class="welcome">
                <div class="frame">
                    <div class="welcome-text">
                        <h1>"Good food from around the corner"</h1>
                        <p class="lead">
                            "Order straight from the restaurants near you. No account, no app to install."
                        </p>
                        <PostcodeField
                            initial=typed.postcode
                            focused=typed.focused
                            label="Your postcode"
                            action="Find food"
                            on_postcode=move |postcode| search.run(postcode)
                        >
                            <LastPostcode />
                        </PostcodeField>
                    </div>
                    <div class="welcome-art">
                        <Drawing href="#i-tin-3" />
                    </div>
                </div>
            </section>
            <ReturningCustomer />
            <section class="frame how">
                <h2>"How it works"</h2>
                <ol>
                    <Step
                        tin="#i-tin-1"
                        title="Your postcode"
                        text="See who delivers to your door, what it costs and how long it takes, before you choose."
                    />
                    <Step
                        tin="#i-tin-2"
                        title="Fill the tin"
                        text="Prices include VAT, and every dish shows its allergens with one tap."
                    />
                    <Step
                        tin="#i-tin-3"
                        title="Follow it home"
                        text="One page says what the kitchen is doing until it is at your door. You pay the restaurant."
                    />
                </ol>
            </section>
        </Page>
    }
}

/// The postcode of the last visit, as one tap.
#[component]
fn LastPostcode() -> impl IntoView {
    let state = use_state();
    move || {
        let postcode = Postcode::parse(&state.postcode.get()).ok()?;
        Some(view! {
            <a class="again" href=paths::restaurants(&postcode)>
                <Icon glyph=Glyph::Clock />
                {postcode.to_string()}
                <span class="visually-hidden">": see restaurants for this postcode again"</span>
                <Icon glyph=Glyph::Chevron />
            </a>
        })
    }
}

/// One step of the explanation.
#[component]
fn Step(
    /// The drawing: a tin with one more tier for each step.
    tin: &'static str,
    title: &'static str,
    text: &'static str,
) -> impl IntoView {
    view! {
        <li>
            <Drawing href=tin />
            <h3>{title}</h3>
            <p>{text}</p>
        </li>
    }
}
