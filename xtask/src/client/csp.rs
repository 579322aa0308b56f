//! The hashes of a page's inline scripts and styles, which the server's content security policy allows (`server/src/assets/csp.rs`
//! describes the format).

use std::fs;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Writes a `.csp` file beside each page of the folder. Called by trunk's hook, on the folder that trunk has built into.
pub fn write_files(folder: &Path) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let page = entry?.path();
        if page
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            let html = fs::read_to_string(&page)
                .with_context(|| format!("cannot read {}", page.display()))?;
            let file = page.with_extension("html.csp");
            fs::write(&file, csp_file(&html))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    Ok(())
}

/// The content of `index.html.csp` for the content of `index.html`.
fn csp_file(html: &str) -> String {
    let (scripts, styles) = (hashes(html, "script"), hashes(html, "style"));
    format!("script-src{scripts}\nstyle-src{styles}\n")
}

/// ` 'sha256-…'` for each inline element of this name.
fn hashes(html: &str, element: &str) -> String {
    inline(html, element)
        .iter()
        .map(|content| {
            let hash = Sha256::digest(content.as_bytes());
            format!(" 'sha256-{}'", STANDARD.encode(hash))
        })
        .collect()
}

/// Contents of the inline elements of this name, as a browser hashes them. Not a whole HTML parser: the page is this build's own,
/// and a browser test fails if a script of it is blocked.
fn inline(html: &str, element: &str) -> Vec<String> {
    // Browsers normalise line endings before they hash.
    let html = without_comments(&html.replace("\r\n", "\n"));
    // As long as the text itself, since only ASCII letters change.
    let lower = html.to_ascii_lowercase();
    let (opening, closing) = (format!("<{element}"), format!("</{element}"));
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = lower[at..].find(&opening).map(|offset| at + offset) {
        let Some(end) = lower[start..].find('>').map(|offset| start + offset) else {
            break;
        };
        let attributes = &lower[start + opening.len()..end];
        at = end + 1;
        if !attributes.is_empty() && !attributes.starts_with(char::is_whitespace) {
            continue;
        }
        let Some(close) = lower[at..].find(&closing).map(|offset| at + offset) else {
            break;
        };
        let is_external = attributes
            .split_whitespace()
            .any(|attribute| attribute == "src" || attribute.starts_with("src="));
        if !is_external {
            found.push(html[at..close].to_owned());
        }
        at = close;
    }
    found
}

fn without_comments(html: &str) -> String {
    let mut rest = html;
    let mut kept = String::with_capacity(html.len());
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = "<!doctype html><html><head>\n\
        <!-- <script>commented()</script> -->\n\
        <link rel=stylesheet href=/style-0123456789abcdef.css>\n\
        <style>body { margin: 0 }</style>\n\
        <script type=\"module\" nonce=\"x\">\nimport init from '/app.js';\ninit();\n</script>\n\
        <script src=\"/other.js\"></script>\n\
        <SCRIPT>shout()</SCRIPT></head></html>";

    #[test]
    fn inline_scripts_and_styles_are_found_and_others_are_not() {
        assert_eq!(
            inline(HTML, "script"),
            ["\nimport init from '/app.js';\ninit();\n", "shout()"]
        );
        assert_eq!(inline(HTML, "style"), ["body { margin: 0 }"]);
    }

    #[test]
    fn the_file_has_a_line_for_scripts_and_one_for_styles() {
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert_eq!(
            csp_file("<script>alert(1)</script>"),
            "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='\nstyle-src\n"
        );
    }

    #[test]
    fn line_endings_are_hashed_as_browsers_see_them() {
        assert_eq!(inline("<script>a\r\nb</script>", "script"), ["a\nb"]);
    }
}
