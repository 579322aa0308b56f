//! What is known about a postcode, in calm words, and what the customer can do in each case. Collection is always possible.

use leptos::prelude::*;
use model::Postcode;
use model::place::{Finding, Place};

use crate::components::{Glyph, Icon, Notice};

/// Explains the result of a postcode look-up; nothing if the postcode was found and a restaurant delivers there.
#[component]
pub fn FindingNotice(
    /// The postcode and what is known about it.
    place: Place,
    /// Whether any restaurant delivers there.
    delivered: bool,
    /// Searches for another postcode instead.
    on_postcode: Callback<Postcode>,
    /// Looks the same postcode up again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    let (title, text) = explain(&place, delivered)?;
    let suggestion = place
        .suggestion
        .as_deref()
        .and_then(|text| Postcode::parse(text).ok());
    let glyph = match place.finding {
        Finding::Approximate => Glyph::Location,
        _ => Glyph::Info,
    };
    let use_suggestion = suggestion.map(|postcode| {
        let question = format!("Did you mean {postcode}?");
        view! {
            <button
                class="button"
                type="button"
                on:click=move |_| on_postcode.run(postcode.clone())
            >
                {question}
            </button>
        }
    });
    let check_again = (place.finding == Finding::CouldNotCheck).then(|| {
        view! {
            <button class="button quiet" type="button" on:click=move |_| retry.run(())>
                <Icon glyph=Glyph::Refresh />
                "Check again"
            </button>
        }
    });
    Some(view! {
        <div class="place-note" role="status">
            <Notice title glyph>
                <p>{text}</p>
                {use_suggestion}
                {check_again}
            </Notice>
        </div>
    })
}

/// What is known, and what to do.
fn explain(place: &Place, delivered: bool) -> Option<(String, String)> {
    let postcode = place.postcode.as_str();
    let (title, text) = match place.finding {
        Finding::Found if delivered => return None,
        Finding::Found => (
            format!("Nobody here delivers to {postcode} yet"),
            "You can still order for collection.".to_owned(),
        ),
        Finding::Approximate => (
            format!("We know only roughly where {postcode} is"),
            match place.radius_m {
                Some(radius_m) => format!(
                    "To about {radius_m} metres. Distances and what delivery costs are worked out from there."
                ),
                None => "Distances and what delivery costs are worked out from its neighbours.".to_owned(),
            },
        ),
        Finding::NotLocatable => (
            format!("We cannot place {postcode} on the map"),
            "It is a real postcode, but without a position to measure from, as on the Isle of Man, Jersey and Guernsey. You can \
             still order for collection."
                .to_owned(),
        ),
        Finding::Terminated => (
            format!("{postcode} is no longer in use"),
            match place.terminated.as_deref().and_then(|month| month.get(..4)) {
                Some(year) => format!(
                    "It was withdrawn in {year}. If there is a newer one, enter it above. You can still order for collection."
                ),
                None => "If there is a newer one, enter it above. You can still order for collection.".to_owned(),
            },
        ),
        Finding::Unknown => (
            format!("We do not know the postcode {postcode}"),
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
    fn a_found_postcode_with_deliveries_needs_no_explanation() {
        assert_eq!(explain(&place(Finding::Found), true), None);
    }

    #[test]
    fn collection_is_offered_in_every_other_case() {
        for finding in [
            Finding::Found,
            Finding::NotLocatable,
            Finding::Terminated,
            Finding::Unknown,
            Finding::CouldNotCheck,
        ] {
            let (title, text) = explain(&place(finding), false).expect("an explanation");
            assert!(text.contains("collection"), "{title}");
        }
    }

    #[test]
    fn not_checked_is_never_shown_as_not_delivered() {
        let (title, text) = explain(&place(Finding::CouldNotCheck), false).expect("an explanation");
        assert!(title.contains("could not check"));
        assert!(!title.contains("deliver") && !text.contains("deliver"));
    }

    #[test]
    fn a_terminated_postcode_shows_its_year() {
        let (_, text) = explain(&place(Finding::Terminated), false).expect("an explanation");
        assert!(text.contains("1996"));
    }
}
