//! Writes values the way they are to be read aloud.

/// Writes the digits of a number as single digits in groups of `size`: `44127709` in fours becomes
/// `4 4 1 2, 7 7 0 9.`
///
/// The voice says each digit by its name, zero as "zero", and pauses at least 250 ms between
/// groups. All else in the number (blanks, dashes) is left out; without a digit the result is
/// empty. A size of 0 means one group.
pub fn digits_grouped(number: &str, size: usize) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let size = if size == 0 { digits.len().max(1) } else { size };
    let groups: Vec<String> = digits
        .chunks(size)
        .map(|group| {
            group
                .iter()
                .map(char::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    if groups.is_empty() {
        String::new()
    } else {
        groups.join(", ") + "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_singly_in_groups() {
        assert_eq!(digits_grouped("44127709", 4), "4 4 1 2, 7 7 0 9.");
        assert_eq!(digits_grouped("441-27 70", 3), "4 4 1, 2 7 7, 0.");
        assert_eq!(digits_grouped("12", 0), "1 2.");
    }

    #[test]
    fn nothing_is_read_of_a_text_without_digits() {
        for (number, size) in [("", 4), ("none", 4), ("", 0)] {
            assert_eq!(digits_grouped(number, size), "");
        }
    }
}
