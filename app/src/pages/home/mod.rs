//! The way in: a postcode. Its upper part is drawn in `index.html` too, word for word, so that it is there before the app is.

mod returning;

use crate::prelude::*;
use model::Postcode;

use crate::components::{Drawing, Glyph, Icon, Page, PostcodeField};
use crate::paths;
use crate::router;
use crate::state::use_state;
use returning::Returning;

/// What was typed into the static shell before the app arrived, and whether the cursor was there.
#[derive(Clone, Default)]
pub struct Typed {
    pub text: String,
    pub focused: bool,
}

/// The way in: a postcode.
#[component]
pub fn HomePage() -> View {
    let state = use_state();
    let navigate = router::go();
    let typed = use_context::<Typed>().unwrap_or_default();
    let go = move |postcode: Postcode| {
        state.postcode.set(postcode.as_str().to_owned());
        navigate(&paths::restaurants(&postcode));
    };
    let last = move || {
        let postcode = Postcode::parse(&state.postcode.get()).ok()?;
        Some(view! {
            <a class="again" href=paths::restaurants(&postcode)>
                <Icon glyph=Glyph::Clock />
                {postcode.to_string()}
                <span class="visually-hidden">": see restaurants for this postcode again"</span>
                <Icon glyph=Glyph::Chevron />
            </a>
        })
    };
    view! {
        <Page title="" class="home">
            <section class="welcome">
                <div class="frame">
                    <div class="welcome-text">
                        <h1>"Good food from around the corner"</h1>
                        <p class="lead">
                            "Order straight from the restaurants near you. No account, no app to install."
                        </p>
                        <PostcodeField
                            initial=typed.text
                            focused=typed.focused
                            label="Your postcode"
                            action="Find food"
                            on_postcode=go
                        >
                            {last}
                        </PostcodeField>
                    </div>
                    <div class="welcome-art">
                        <Drawing href="#i-tin-3" />
                    </div>
                </div>
            </section>
            <Returning />
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

/// One step, with one more tier on the tin.
#[component]
fn Step(tin: &'static str, title: &'static str, text: &'static str) -> View {
    view! {
        <li>
            <Drawing href=tin />
            <h3>{title}</h3>
            <p>{text}</p>
        </li>
    }
}
