//! What a caller's words mean, as far as words alone can tell: digits, yes and no, corrections,
//! universal commands, the goal of the call, and whether an answer is complete.
//!
//! Every function is pure and total: any text gives a value, never a panic. Whether a value is
//! sure enough to act on is not decided here but in [`crate::confirm`]; what to say next is not
//! decided here but in the brain.

pub mod command;
pub mod completeness;
pub mod correction;
pub mod grouping;
pub mod intent;
pub mod luhn;
pub mod numbers;
pub mod place;
mod tokens;
pub mod yes_no;

pub use command::{Universal, UniversalMatch};
pub use completeness::{Completeness, completeness};
pub use correction::{Correction, CurrentValue};
pub use intent::{Intent, IntentGuess};
pub use numbers::SpokenDigits;
pub use place::Place;
pub use tokens::{Token, Tokens};
pub use yes_no::{Answer, Reply};

#[cfg(test)]
mod tests;
