//! Times as people read them.

use std::time::Duration;

/// Unix time in milliseconds as a date and a time of day in UTC: `2026-11-22 12:27:09`.
pub(super) fn date_and_time(wall_ms: u64) -> String {
    let seconds = wall_ms / 1000;
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Minutes and seconds: `1:05`.
pub(super) fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The Gregorian date of a day counted from 1970-01-01. Years begin in March here, so that a leap
/// day is the last of its year; 400 years have 146,097 days.
fn civil(days: u64) -> (u64, u64, u64) {
    const FROM_YEAR_0: u64 = 719_468;
    let days = days + FROM_YEAR_0;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_time_becomes_a_date() {
        let day = 86_400_000;
        assert_eq!(date_and_time(0), "1970-01-01 00:00:00");
        assert_eq!(date_and_time(951_782_400_000), "2000-02-29 00:00:00");
        assert_eq!(date_and_time(951_782_400_000 + day), "2000-03-01 00:00:00");
        assert_eq!(date_and_time(1_795_350_429_999), "2026-11-22 12:27:09");
        assert_eq!(date_and_time(4_107_542_400_000), "2100-03-01 00:00:00");
        assert!(!date_and_time(u64::MAX).is_empty());
    }

    #[test]
    fn a_length_is_shown_in_minutes() {
        assert_eq!(minutes(Duration::from_millis(999)), "0:00");
        assert_eq!(minutes(Duration::from_secs(65)), "1:05");
        assert_eq!(minutes(Duration::from_secs(3600)), "60:00");
    }
}
