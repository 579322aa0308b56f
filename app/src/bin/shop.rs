//! The shop: everything that customers see.

fn main() {
    app::mount_shop();
}
