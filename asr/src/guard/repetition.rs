//! Finds decoder loops: the same word or group of words over and over.

/// One word this many times in a row is a loop; "no no no" is not.
const WORD_LOOP: usize = 4;
/// A group of two to four words this many times in a row is a loop.
const GROUP_LOOP: usize = 3;
const LONGEST_GROUP: usize = 4;

/// Words that people repeat on purpose when they read out a number.
const DIGITS: &[&str] = &[
    "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double",
    "triple",
];

/// Says whether the words contain a loop. Groups made of digits alone are exempt: account numbers
/// repeat, and the rate and token guards bound those.
pub(super) fn loops(words: &[&str]) -> bool {
    (1..=LONGEST_GROUP).any(|size| {
        let limit = if size == 1 { WORD_LOOP } else { GROUP_LOOP };
        words.windows(size * limit).any(|run| {
            let group = &run[..size];
            !group.iter().all(|word| is_digit(word))
                && run.chunks(size).all(|other| same(group, other))
        })
    })
}

fn same(left: &[&str], right: &[&str]) -> bool {
    left.iter()
        .zip(right)
        .all(|(a, b)| a.eq_ignore_ascii_case(b))
}

fn is_digit(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    bare.chars().all(|c| c.is_ascii_digit()) || DIGITS.iter().any(|d| d.eq_ignore_ascii_case(bare))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn in_text(text: &str) -> bool {
        loops(&text.split_whitespace().collect::<Vec<_>>())
    }

    #[test]
    fn a_word_may_come_three_times_but_not_four() {
        assert!(!in_text("no no no that is wrong"));
        assert!(in_text("well No no no no"));
    }

    #[test]
    fn a_group_may_come_twice_but_not_three_times() {
        assert!(!in_text("thank you thank you"));
        assert!(in_text("my order my order my order"));
        assert!(in_text(
            "so where is my order where is my order where is my order"
        ));
    }

    #[test]
    fn digits_may_repeat() {
        assert!(!in_text("seven seven seven seven seven"));
        assert!(!in_text("1 2 1 2 1 2"));
        assert!(!in_text("double seven double seven double seven"));
        assert!(in_text("number seven number seven number seven"));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in ".{0,200}") {
            let _ = in_text(&text);
        }

        #[test]
        fn words_that_never_repeat_are_no_loop(count in 0_usize..60) {
            let words: Vec<String> = (0..count).map(|n| format!("w{n}")).collect();
            prop_assert!(!loops(&words.iter().map(String::as_str).collect::<Vec<_>>()));
        }
    }
}
