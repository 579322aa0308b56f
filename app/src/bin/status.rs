//! The status panel, for the operator.

fn main() {
    app::mount_status_panel();
}
