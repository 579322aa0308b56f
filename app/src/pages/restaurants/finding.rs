//! What was found out about a postcode, in calm words, and what can be done in each case. Collection is always possible.

use crate::prelude::*;
use model::Postcode;
use model::place::{Finding, Place};

use crate::components::{Glyph, Icon, Notice};

/// Says nothing where the postcode was found and somebody delivers there.
#[component]
pub fn FindingNotice(
    /// The postcode and what is known of it.
    place: Place,
    /// Whether anybody delivers there.
    delivered: bool,
    /// Searches for another postcode instead.
    on_postcode: Callback<Postcode>,
    /// Asks the same again.
    #[prop(into)]
    retry: Callback<()>,
) -> View {
    let Some((title, text)) = words(&place, delivered) else {
        return View::Nothing;
    };
    let suggestion = place
        .suggestion
        .as_deref()
        .and_then(|text| Postcode::parse(text).ok());
    let glyph = if place.finding == Finding::Approximate {
        Glyph::Location
    } else {
        Glyph::Info
    };
    view! {
        <div class="place-note" role="status">
            <Notice title glyph>
                <p>{text}</p>
                {suggestion
                    .map(|postcode| {
                        let question = ["Did you mean ", postcode.as_str(), "?"].concat();
                        view! {
                            <button
                                class="button"
                                type="button"
                                on:click=move |_| on_postcode.run(postcode.clone())
                            >
                                {question}
                            </button>
                        }
                    })}
                {(place.finding == Finding::CouldNotCheck)
                    .then(|| {
                        view! {
                            <button class="button quiet" type="button" on:click=move |_| retry.run(())>
                                <Icon glyph=Glyph::Refresh />
                                "Check again"
                            </button>
                        }
                    })}
            </Notice>
        </div>
    }
}

/// What happened, and what to do.
fn words(place: &Place, delivered: bool) -> Option<(String, String)> {
    let postcode = place.postcode.as_str();
    let (title, text) = match place.finding {
        Finding::Found if delivered => return None,
        Finding::Found => (
            ["Nobody here delivers to ", postcode, " yet"].concat(),
            "You can still order for collection.".to_owned(),
        ),
        Finding::Approximate => (
            ["We know only roughly where ", postcode, " is"].concat(),
            match place.radius_m {
                Some(radius_m) => [
                    "To about ",
                    &radius_m.to_string(),
                    " metres. Distances and what delivery costs are worked out from there.",
                ]
                .concat(),
                None => "Distances and what delivery costs are worked out from its neighbours.".to_owned(),
            },
        ),
        Finding::NotLocatable => (
            ["We cannot place ", postcode, " on the map"].concat(),
            "It is a real postcode, but without a position to measure from, as on the Isle of Man, Jersey and Guernsey. You can \
             still order for collection."
                .to_owned(),
        ),
        Finding::Terminated => (
            [postcode, " is no longer in use"].concat(),
            match place.terminated.as_deref().and_then(|month| month.get(..4)) {
                Some(year) => [
                    "It was withdrawn in ",
                    year,
                    ". If there is a newer one, enter it above. You can still order for collection.",
                ]
                .concat(),
                None => "If there is a newer one, enter it above. You can still order for collection.".to_owned(),
            },
        ),
        Finding::Unknown => (
            ["We do not know the postcode ", postcode].concat(),
            "Please check it once more. You can still order for collection.".to_owned(),
        ),
        Finding::CouldNotCheck => (
            "We could not check that postcode just now".to_owned(),
            "You can still order for collection. The check usually works again within a minute.".to_owned(),
        ),
    };
    Some((title, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(finding: Finding) -> Place {
        Place {
            postcode: "DH1 3EL".into(),
            finding,
            position: None,
            radius_m: None,
            source: None,
            terminated: Some("1996-06".into()),
            suggestion: None,
        }
    }

    #[test]
    fn a_found_postcode_with_deliveries_needs_no_words() {
        assert_eq!(words(&place(Finding::Found), true), None);
    }

    #[test]
    fn whatever_else_was_found_collection_is_offered() {
        for finding in [
            Finding::Found,
            Finding::NotLocatable,
            Finding::Terminated,
            Finding::Unknown,
            Finding::CouldNotCheck,
        ] {
            let (title, text) = words(&place(finding), false).expect("words");
            assert!(text.contains("collection"), "{title}");
        }
    }

    #[test]
    fn not_checked_is_never_shown_as_not_delivered() {
        let (title, text) = words(&place(Finding::CouldNotCheck), false).expect("words");
        assert!(title.contains("could not check"));
        assert!(!title.contains("deliver") && !text.contains("deliver"));
    }

    #[test]
    fn a_withdrawn_postcode_says_since_when() {
        let (_, text) = words(&place(Finding::Terminated), false).expect("words");
        assert!(text.contains("1996"));
    }
}
