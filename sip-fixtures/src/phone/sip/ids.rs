//! Names that must differ from call to call: tags, branches, Call-IDs, SSRCs.
//!
//! The seed is given, so a test gets the same call twice; the shell gives a fresh one.

/// Marks a branch as made by an RFC 3261 element (section 8.1.1.7).
const BRANCH_COOKIE: &str = "z9hG4bK";

/// A source of names that do not repeat (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Ids { state: seed }
    }

    /// The next number.
    pub(crate) fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A word for a tag or a Call-ID.
    pub(crate) fn token(&mut self) -> String {
        format!("{:016x}", self.number())
    }

    /// A fresh branch.
    pub(crate) fn branch(&mut self) -> String {
        format!("{BRANCH_COOKIE}{}", self.token())
    }
}
