//! How a heard value becomes a confirmed one: the cost of each way to ask, the belief after each
//! piece of evidence, and the machine that asks, corrects and gives up.
//!
//! The server runs it for any brain on `Command::Confirm`; the brain hears only the result. What a
//! value means, whether an order of that number exists, and what to do when the caller gives up
//! are the brain's business.

pub mod belief;
mod machine;
pub mod policy;
mod prompts;
mod step;
pub(crate) mod wording;

pub use machine::Confirmation;
pub use step::{Input, Step, Verdict};

#[cfg(test)]
mod tests;
