//! What a module that draws needs: Leptos's own prelude with another `view!`.

pub use leptos::prelude::*;

/// `leptos::view!`, always as an [`AnyView`]: one kind of view for lists, options and closures instead of one for each element
/// that may stand in them. A phone has less to fetch for it.
macro_rules! any_view {
    ($($nodes:tt)*) => {
        $crate::prelude::IntoAny::into_any(::leptos::view! { $($nodes)* })
    };
}

pub(crate) use any_view as view;
