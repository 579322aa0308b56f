//! A part of a page that is there or not.

use crate::prelude::*;

/// Shows its children as long as `when` says so; made anew only when that changes.
#[component]
pub fn Show(
    /// Whether.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// Shown instead.
    #[prop(optional)]
    fallback: Option<fn() -> View>,
    /// Shown.
    children: ChildrenFn,
) -> View {
    let when = memo(when);
    (move || {
        if when.get() {
            children()
        } else {
            fallback.map_or(View::Nothing, |fallback| fallback())
        }
    })
    .into_view()
}
