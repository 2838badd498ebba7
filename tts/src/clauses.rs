//! Cuts a long text so that its first words can be played while the rest is still synthesised.

/// A clause shorter than this is joined to the next: two words alone sound chopped.
const SHORT: usize = 24;
/// A clause longer than this is cut at a blank; it stays far below what a script may have.
const LONG: usize = 240;

/// Splits a text into clauses at the ends of sentences and at commas, each without blanks around
/// it. No text is lost but blanks; a digit group's comma does not split.
pub fn split(text: &str) -> Vec<&str> {
    let mut clauses = Vec::new();
    let mut begin = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|&(_, next)| next);
        let letters = text[begin..end].trim_start().chars().count();
        if ends_clause(&text[begin..end], c, next, letters, &text[end..]) {
            push(&mut clauses, &text[begin..end]);
            begin = end;
        } else if letters >= LONG {
            // Back to the last blank, so that no word is cut unless it is itself too long.
            let cut = text[begin..end].trim_end().rfind(char::is_whitespace);
            let cut = cut.filter(|&cut| !text[begin..begin + cut].trim().is_empty());
            let cut = cut.map_or(end, |cut| begin + cut);
            push(&mut clauses, &text[begin..cut]);
            begin = cut;
        }
    }
    push(&mut clauses, &text[begin..]);
    clauses
}

fn push<'a>(clauses: &mut Vec<&'a str>, clause: &'a str) {
    let clause = clause.trim();
    if !clause.is_empty() {
        clauses.push(clause);
    }
}

fn ends_clause(clause: &str, c: char, next: Option<char>, letters: usize, rest: &str) -> bool {
    if c == '\n' {
        return true;
    }
    // "12.50", "e.g.", "3,000": the sign ends a clause only before a blank.
    if !next.is_none_or(char::is_whitespace) || letters < SHORT {
        return false;
    }
    match c {
        '!' | '?' => true,
        '.' | ',' | ';' | ':' => !is_abbreviation(clause) && !in_digit_groups(clause, rest),
        _ => false,
    }
}

/// "Dr." and the like, and single letters: the full stop does not end a sentence.
fn is_abbreviation(clause: &str) -> bool {
    let Some(body) = clause.strip_suffix('.') else {
        return false;
    };
    let word = body.rsplit(char::is_whitespace).next().unwrap_or(body);
    let single = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    single
        || matches!(
            word,
            "Dr" | "Mr" | "Mrs" | "Ms" | "St" | "No" | "approx" | "e.g" | "i.e"
        )
}

fn in_digit_groups(clause: &str, rest: &str) -> bool {
    let before = clause.chars().rev().nth(1);
    before.is_some_and(|c| c.is_ascii_digit())
        && rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_cut_at_sentences_and_commas() {
        let text = "I have found your order, it left us on Monday. Is there anything else?";
        assert_eq!(
            split(text),
            [
                "I have found your order,",
                "it left us on Monday. Is there anything else?",
            ]
        );
    }

    #[test]
    fn short_clauses_stay_together() {
        assert_eq!(split("Yes, sure. One moment."), ["Yes, sure. One moment."]);
    }

    #[test]
    fn numbers_and_abbreviations_do_not_end_a_clause() {
        for text in [
            "The price of your order is 12.50 dollars in all.",
            "Your appointment will be with Dr. Hill on Monday.",
            "Your order number is now 4 4 1 2, 7 7 0 9.",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn an_empty_text_has_no_clauses() {
        assert!(split(" \n ").is_empty());
    }

    proptest! {
        #[test]
        fn nothing_but_blanks_is_lost_and_no_clause_is_long(text in "[a-z0-9 .,!?é\n]{0,900}") {
            let clauses = split(&text);
            let bare = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&clauses.concat()), bare(&text));
            prop_assert!(clauses.iter().all(|clause| clause.chars().count() <= LONG));
        }
    }
}
