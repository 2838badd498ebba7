//! Which of several wordings comes next: fresh words while there are any, and never the same words
//! twice running.

/// The most sentences that are remembered; the oldest is forgotten first.
const MAX_REMEMBERED: usize = 64;

/// Remembers what was said in one conversation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Wording {
    said: Vec<String>,
}

impl Wording {
    /// The wording to say now, of at least one; with one only, it is repeated.
    pub(crate) fn choose(&mut self, wordings: Vec<String>) -> String {
        let fresh = wordings.iter().find(|wording| !self.said.contains(wording));
        let oldest = || self.said.iter().find(|said| wordings.contains(said));
        let chosen = fresh.or_else(oldest).cloned().unwrap_or_default();
        self.said.retain(|said| *said != chosen);
        if self.said.len() == MAX_REMEMBERED {
            self.said.remove(0);
        }
        self.said.push(chosen.clone());
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_words_come_first_and_then_those_said_longest_ago() {
        let mut wording = Wording::default();
        let two = || vec!["a".to_owned(), "b".to_owned()];
        let said: Vec<String> = (0..4).map(|_| wording.choose(two())).collect();
        assert_eq!(said, ["a", "b", "a", "b"]);
        assert_eq!(wording.choose(vec!["only".to_owned()]), "only");
        assert_eq!(wording.choose(Vec::new()), "");
    }
}
