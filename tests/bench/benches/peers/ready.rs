//! What appends are called with, made beforehand.

use standing_bench::Outcome;
use std::sync::{Mutex, PoisonError};

/// What is made of the number of an append.
type Make<T> = Box<dyn Fn(u32) -> Outcome<T> + Send + Sync>;

/// Things in store, each made of a number of its own.
pub struct Ready<T> {
    make: Make<T>,
    store: Mutex<Store<T>>,
}

struct Store<T> {
    made: Vec<T>,
    next: u32,
}

impl<T> Ready<T> {
    pub fn new(make: impl Fn(u32) -> Outcome<T> + Send + Sync + 'static) -> Self {
        let store = Store {
            made: Vec::new(),
            next: 0,
        };
        Self {
            make: Box::new(make),
            store: Mutex::new(store),
        }
    }

    /// Fills the store up to so many.
    pub fn fill(&self, count: usize) -> Outcome {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        while store.made.len() < count {
            let made = (self.make)(store.next)?;
            store.made.push(made);
            store.next += 1;
        }
        Ok(())
    }

    /// Takes one; where none is left it is made now.
    pub fn take(&self) -> Outcome<T> {
        let number = {
            let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(made) = store.made.pop() {
                return Ok(made);
            }
            store.next += 1;
            store.next - 1
        };
        (self.make)(number)
    }
}
