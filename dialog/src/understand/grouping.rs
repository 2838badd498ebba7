//! How a string of digits is cut into groups to be spoken: three or four digits a group.

use std::ops::Range;

/// The most digits that are spoken in one breath.
const LONGEST_GROUP: usize = 4;

/// The groups of a value of `count` digits, as ranges of digit positions in order. Groups are as
/// even as can be, the longer ones last: 8 is 4+4, 7 is 3+4, 10 is 3+3+4.
pub fn groups(count: usize) -> Vec<Range<usize>> {
    let number = count.div_ceil(LONGEST_GROUP);
    let mut start = 0;
    (0..number)
        .map(|index| {
            let end = count * (index + 1) / number;
            let group = start..end;
            start = end;
            group
        })
        .collect()
}

/// Whether `heard` digits of `count` end where a group ends and more groups follow.
pub fn is_boundary(heard: usize, count: usize) -> bool {
    heard < count && groups(count).iter().any(|group| group.end == heard)
}

/// The value as it is read to the caller: single digits, a comma (a pause) between groups:
/// `4 4 1 2, 7 7 6 9`. Characters other than digits are read one by one, too.
pub fn spoken(digits: &str) -> String {
    let chars: Vec<char> = digits.chars().collect();
    let groups = groups(chars.len()).into_iter().map(|range| {
        let singles: Vec<String> = chars[range].iter().map(char::to_string).collect();
        singles.join(" ")
    });
    groups.collect::<Vec<_>>().join(", ")
}

/// The name of a group in a prompt: `first`, `second`, ... or `last`.
pub fn part_name(index: usize) -> &'static str {
    ["first", "second", "third", "fourth", "fifth"]
        .get(index)
        .copied()
        .unwrap_or("last")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_even_and_the_longer_ones_stand_last() {
        let lengths = |count| groups(count).iter().map(Range::len).collect::<Vec<_>>();
        assert_eq!(lengths(8), [4, 4]);
        assert_eq!(lengths(7), [3, 4]);
        assert_eq!(lengths(10), [3, 3, 4]);
        assert_eq!(lengths(3), [3]);
        assert!(lengths(0).is_empty());
    }

    #[test]
    fn a_value_is_read_digit_by_digit_with_a_pause_between_groups() {
        assert_eq!(spoken("44127769"), "4 4 1 2, 7 7 6 9");
        assert_eq!(spoken(""), "");
    }

    #[test]
    fn the_end_of_the_whole_value_is_no_boundary() {
        assert!(is_boundary(4, 8));
        assert!(!is_boundary(8, 8));
        assert!(!is_boundary(3, 8));
    }
}
