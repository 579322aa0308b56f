//! Effects, memos and tasks that take their functions in boxes. Leptos builds its whole machinery once for each function
//! that it is given; in boxes they are all of one kind, and a phone fetches it once.

use std::pin::Pin;

use leptos::prelude::{Effect, Memo, Signal};
use leptos::task::spawn_local_scoped_with_cancellation;

/// Runs a function after it is made, and whenever a signal changes that it has read; it is given what it returned before.
pub fn effect<T: 'static>(function: impl FnMut(Option<T>) -> T + 'static) {
    let mut function: Box<dyn Run<T>> = Box::new(function);
    Effect::new(move |before: Option<T>| function.run(before));
}

trait Run<T> {
    fn run(&mut self, before: Option<T>) -> T;
}

impl<T, F: FnMut(Option<T>) -> T> Run<T> for F {
    fn run(&mut self, before: Option<T>) -> T {
        self(before)
    }
}

/// A value worked out from signals, which tells of a change only when it is another one.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    function: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    let function: Box<dyn WorkOut<T> + Send + Sync> = Box::new(function);
    Memo::new(move |_| function.work_out())
}

/// A value worked out from signals anew whenever it is asked for.
pub fn derive<T: Send + Sync + 'static>(
    function: impl Fn() -> T + Send + Sync + 'static,
) -> Signal<T> {
    let function: Box<dyn WorkOut<T> + Send + Sync> = Box::new(function);
    Signal::derive(move || function.work_out())
}

trait WorkOut<T> {
    fn work_out(&self) -> T;
}

impl<T, F: Fn() -> T> WorkOut<T> for F {
    fn work_out(&self) -> T {
        self()
    }
}

/// Goes on in the background until it ends or whatever started it goes.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    spawn_local_scoped_with_cancellation(task);
}
