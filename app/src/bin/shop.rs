//! The shop and the order's page.

fn main() {
    app::shop();
}
