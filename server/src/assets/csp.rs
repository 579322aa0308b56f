//! The content security policy of a page.
//!
//! The policy allows the page's own inline scripts and styles by their hashes, so that the browser runs no others, and allows the
//! page to call its own server and the installation's others. The build computes the hashes: for `index.html` it writes
//! `index.html.csp`, one line for each directive, such as
//!
//! ```text
//! script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='
//! style-src
//! ```

use http::HeaderValue;

/// `hashes` is the content of the page's `.csp` file; `servers` are the origins of the other servers.
pub fn page_policy(hashes: &str, servers: &[String]) -> Option<HeaderValue> {
    let scripts = hashes_of(hashes, "script-src");
    let styles = hashes_of(hashes, "style-src");
    let servers: String = servers.iter().map(|server| format!(" {server}")).collect();
    let policy = format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
         connect-src 'self'{servers}"
    );
    HeaderValue::from_str(&policy).ok()
}

/// ` 'sha256-…'` for each hash of the directive. Other sources are dropped: a file cannot allow `'unsafe-inline'`.
fn hashes_of(text: &str, directive: &str) -> String {
    let lines = text.lines().filter_map(|line| line.strip_prefix(directive));
    lines
        .flat_map(str::split_whitespace)
        .filter(|source| source.starts_with("'sha256-") && !source.contains(';'))
        .map(|source| format!(" {source}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(hashes: &str, servers: &[String]) -> String {
        let policy = page_policy(hashes, servers).unwrap();
        policy.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_policy_allows_the_hashes_of_the_file_and_nothing_else() {
        let policy = policy(
            "script-src 'sha256-one=' 'unsafe-inline' 'sha256-two='\nstyle-src 'sha256-three='\ndefault-src *\n",
            &[],
        );
        assert!(
            policy.starts_with(
                "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-one=' 'sha256-two='; \
                 style-src 'self' 'sha256-three='; "
            ),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }

    #[test]
    fn a_directive_without_hashes_allows_nothing_inline() {
        let expected = "script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; ";
        assert!(policy("script-src\nstyle-src\n", &[]).contains(expected));
        assert!(policy("", &[]).contains(expected));
    }

    #[test]
    fn other_servers_may_be_called_and_nothing_else_changes() {
        let alone = policy("", &[]);
        assert!(alone.ends_with("; connect-src 'self'"), "{alone}");
        let others = ["https://two.shop.example", "http://10.0.0.7:8080"].map(str::to_owned);
        let longer = policy("", &others);
        assert_eq!(longer, format!("{alone} {}", others.join(" ")));
    }
}
