//! A page for each program, made of the one that trunk builds. Trunk's has the scripts that start them by the address, for
//! `trunk serve`; each of these has the one element that loads its own program, and no script in the page itself.

use anyhow::{Context, bail};

use super::program::Program;

/// What a page shows.
pub struct Kind {
    pub file: &'static str,
    pub program: &'static str,
    /// Its style sheets beside the one in the page itself.
    styles: &'static [&'static str],
    title: Option<&'static str>,
    /// Whether trunk's page already shows what this one does until the program is there.
    has_shell: bool,
}

pub const SHOP: Kind = Kind {
    file: "index.html",
    program: "shop",
    styles: &[],
    title: None,
    has_shell: true,
};

pub const PANEL: Kind = Kind {
    file: "status.html",
    program: "panel",
    styles: &["status", "drill"],
    title: Some("Status · Tiffin"),
    has_shell: false,
};

/// The page of `kind`, of trunk's page.
pub fn make(built: &str, kind: &Kind, program: &Program) -> anyhow::Result<String> {
    let mut html = without(built, "<link ", ">", |link| {
        let preload = link.contains("preload");
        let style = link.contains("stylesheet");
        preload
            || (style
                && !kind
                    .styles
                    .iter()
                    .any(|style| link.contains(&format!("/{style}-"))))
    });
    let scripts = |html: &str| html.matches("<script").count();
    if scripts(&html) == 0 {
        bail!("trunk's page has no script: this version of trunk builds pages in another way");
    }
    html = without(&html, "<script", "</script>", |_| true);
    let load = format!(
        "<link rel=preload as=fetch type=application/wasm crossorigin href=/{}>\
         <script type=module src=/{}></script>",
        program.wasm, program.script
    );
    let at = html.find("<style").context("trunk's page has no style")?;
    html.insert_str(at, &load);
    if let Some(title) = kind.title {
        html = replaced(&html, "<title>", "</title>", title)?;
    }
    if !kind.has_shell {
        html = replaced(&html, "<main class=main>", "</main>", "")?;
    }
    Ok(html)
}

/// Takes out what stands from `start` to `end` wherever `is_out` says so.
fn without(html: &str, start: &str, end: &str, is_out: impl Fn(&str) -> bool) -> String {
    let mut kept = String::new();
    let mut rest = html;
    while let Some(from) = rest.find(start) {
        let Some(length) = rest[from..].find(end).map(|length| length + end.len()) else {
            break;
        };
        let found = &rest[from..from + length];
        kept.push_str(&rest[..from]);
        if !is_out(found) {
            kept.push_str(found);
        }
        rest = &rest[from + length..];
    }
    kept + rest
}

/// Puts `content` between `start` and the `end` that follows it.
fn replaced(html: &str, start: &str, end: &str, content: &str) -> anyhow::Result<String> {
    let missing = || format!("trunk's page has no {start}");
    let from = html.find(start).with_context(missing)? + start.len();
    let length = html[from..].find(end).with_context(missing)?;
    Ok([&html[..from], content, &html[from + length..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = "<!doctype html><title>Food</title><link href=/icon-1.svg rel=icon>\
        <link href=/status-77.css rel=stylesheet><style>a{}</style><link href=/shop-1.js rel=modulepreload>\
        <script type=module>start()</script><script type=module>other()</script>\
        <div id=app><main class=main>Hungry?</main></div>";

    fn program(name: &str) -> Program {
        Program {
            script: format!("{name}-0123456789abcdef.js"),
            wasm: format!("{name}-0123456789abcdef_bg.wasm"),
        }
    }

    #[test]
    fn the_shop_keeps_its_shell_and_loads_nothing_of_the_panel() {
        let html = make(BUILT, &SHOP, &program("shop")).unwrap();
        assert_eq!(
            html,
            "<!doctype html><title>Food</title><link href=/icon-1.svg rel=icon>\
             <link rel=preload as=fetch type=application/wasm crossorigin href=/shop-0123456789abcdef_bg.wasm>\
             <script type=module src=/shop-0123456789abcdef.js></script><style>a{}</style>\
             <div id=app><main class=main>Hungry?</main></div>"
        );
    }

    #[test]
    fn the_panel_has_its_style_and_an_empty_shell() {
        let html = make(BUILT, &PANEL, &program("panel")).unwrap();
        assert!(html.contains("<link href=/status-77.css rel=stylesheet>"));
        assert!(html.contains("<title>Status · Tiffin</title>"));
        assert!(html.contains("<main class=main></main>"));
        assert!(!html.contains("shop"));
    }

    #[test]
    fn a_page_of_another_build_is_refused() {
        assert!(make("<title>x</title>", &SHOP, &program("shop")).is_err());
    }
}
