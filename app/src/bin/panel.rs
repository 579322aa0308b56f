//! The status panel.

fn main() {
    app::panel();
}
