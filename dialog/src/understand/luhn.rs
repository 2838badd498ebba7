//! The Luhn check digit (ISO/IEC 7812-1 annex B).

/// Whether `digits` ends in its right check digit. False for an empty string and for anything that
/// holds a character other than `0` to `9`.
pub fn is_valid(digits: &str) -> bool {
    !digits.is_empty() && weighted_sum(digits, false).is_some_and(|sum| sum % 10 == 0)
}

/// The check digit that makes `payload` followed by it valid; `None` unless `payload` is all digits.
pub fn check_digit(payload: &str) -> Option<char> {
    let sum = weighted_sum(payload, true)?;
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// The sum from the right, every second digit doubled and cast to one digit.
fn weighted_sum(digits: &str, mut double: bool) -> Option<u32> {
    let mut sum: u32 = 0;
    for c in digits.chars().rev() {
        let digit = c.to_digit(10)?;
        let weighted = if double { digit * 2 } else { digit };
        sum = sum.wrapping_add(weighted / 10 + weighted % 10);
        double = !double;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_makes_a_number_valid_and_every_other_digit_does_not() {
        let digit = check_digit("4412776").expect("digits");
        assert_eq!(digit, '9');
        for other in '0'..='9' {
            assert_eq!(is_valid(&format!("4412776{other}")), other == digit);
        }
    }

    #[test]
    fn what_is_no_number_is_not_valid() {
        for rubbish in ["", "abc", "4412 7769", "4412776x", "\u{0664}"] {
            assert!(!is_valid(rubbish), "{rubbish}");
        }
        assert_eq!(check_digit("12a"), None);
    }
}
