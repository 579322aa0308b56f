//! Functions that run again when what they have read changes, and tasks.

use std::pin::Pin;

use leptos::prelude::{Effect, Memo as LeptosMemo, Signal as LeptosSignal};
use leptos::task::spawn_local_scoped_with_cancellation;

use super::held::Held;
use super::signals::{Memo, Signal};

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

/// Works out a value, given the one before.
type WorkOut = Box<dyn Fn(Option<&Held>) -> Held + Send + Sync>;

/// A value worked out from signals, which tells of a change only when it is another one.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    function: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    Memo::of(one_memo(Box::new(move |before| {
        let now = function();
        match before {
            Some(before) if *before.of::<T>() == now => before.clone(),
            _ => Held::new(now),
        }
    })))
}

fn one_memo(work_out: WorkOut) -> LeptosMemo<Held> {
    LeptosMemo::new_with_compare(
        work_out,
        |before, now| !matches!((before, now), (Some(before), Some(now)) if before.is(now)),
    )
}

/// A value worked out from signals anew whenever it is asked for.
pub fn derive<T: Send + Sync + 'static>(
    function: impl Fn() -> T + Send + Sync + 'static,
) -> Signal<T> {
    Signal::of(one_derived(Box::new(move |_| Held::new(function()))))
}

fn one_derived(work_out: WorkOut) -> LeptosSignal<Held> {
    LeptosSignal::derive(move || work_out(None))
}

/// Goes on in the background until it ends or whatever started it goes.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    spawn_local_scoped_with_cancellation(task);
}
