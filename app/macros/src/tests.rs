use std::str::FromStr;

use proc_macro2::TokenStream;

/// The code without its white space.
fn expanded(markup: &str) -> String {
    super::expand(TokenStream::from_str(markup).unwrap())
        .map(|code| code.to_string().split_whitespace().collect())
        .unwrap_or_else(|error| error.to_string())
}

#[test]
fn markup_that_never_changes_is_text_alone() {
    assert_eq!(
        expanded(r#"<p class="a" hidden>"1 < 2 & \"so\"" <br/> "end"</p>"#),
        [
            r#"{letmutview=crate::view::Template::new("<pclass=\"a\"hidden>1&lt;2&amp;&quot;so&quot;<br>end</p>");"#,
            "crate::view::View::Template(view)}"
        ]
        .concat()
    );
}

#[test]
fn a_hole_is_named_by_the_number_of_its_node() {
    // div 0, text 1, comment 2, p 3, comment 4, text 5 in one piece, button 6
    let code =
        expanded(r#"<div>"text"{a}<p>{b}"x" "y"</p><button on:click=c disabled=d></button></div>"#);
    assert!(
        code.contains("<div>text<!><p><!>xy</p><button></button></div>"),
        "{code}"
    );
    for hole in [
        "view.child(2u16,crate::view::IntoView::into_view(a));",
        "view.child(4u16,crate::view::IntoView::into_view(b));",
        "view.on(6u16,crate::view::handler(::leptos::ev::click,c));",
        r#"view.set(6u16,crate::view::Kind::Attribute,"disabled",crate::view::IntoValue::into_value(d));"#,
    ] {
        assert!(code.contains(hole), "{hole} in {code}");
    }
}

#[test]
fn a_component_is_a_call_with_its_properties_and_children() {
    let code = expanded(r#"<Card title="t" open>"inside"</Card>"#);
    assert!(
        code.contains(r#"component_props_builder(&Card).title("t").open(open)"#),
        "{code}"
    );
    assert!(
        code.contains(".children(crate::view::children(move||"),
        "{code}"
    );
}

#[test]
fn a_drawing_s_part_alone_is_told_apart_from_html() {
    assert!(expanded(r#"<path d=d/>"#).contains("Template::drawn("));
    assert!(expanded(r#"<svg><path d=d/></svg>"#).contains("Template::new("));
}

#[test]
fn what_a_browser_would_not_keep_is_refused() {
    assert!(
        expanded("<p><div></div></p>").contains("abrowserendsthe`p`")
            || expanded("<p><div></div></p>").contains("a browser ends the `p`")
    );
}
