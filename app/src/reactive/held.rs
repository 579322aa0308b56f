//! A value behind a pointer that does not say its type.

use std::any::Any;
use std::sync::Arc;

/// Copies share the value.
#[derive(Clone)]
pub struct Held(Arc<dyn Any + Send + Sync>);

impl Held {
    pub fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self(Arc::new(value))
    }

    /// The value, which is of the type that was put in: whoever holds a `Held` keeps that type beside it.
    pub fn of<T: 'static>(&self) -> &T {
        self.0.downcast_ref().unwrap_or_else(|| unreachable!())
    }

    /// Whether both are the same one.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
