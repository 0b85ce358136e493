//! What must hold for whatever bytes arrive, one property function for each kind of input.
//!
//! This file is a module of the test that replays the corpus and the library of the fuzz crate, so
//! that a fuzzer and `cargo test` can't come to disagree. A property that fails panics; an input
//! that is refused is no failure. Only the public interface is used.

mod device;
mod filter;
mod fixture;
mod grown;
mod index;
mod list;
mod operation;
mod patch;
mod path;
mod resource;

pub use self::filter::check as filter;
pub use self::list::check as list;
pub use self::patch::check as patch;
pub use self::path::check as path;
pub use self::resource::check as resource;
