//! The sixteen keys: their names, their event numbers (RFC 4733 §3.2) and their two tones
//! (ITU-T Q.23). How they are sent or found again is known elsewhere.

/// The keys in the order of their event numbers.
const KEYS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

/// The keys as they lie: a row's low tone and a column's high tone make the key.
const LAYOUT: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];

/// The low tones, row by row, in Hz.
pub(crate) const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];

/// The high tones, column by column, in Hz.
pub(crate) const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// The key with this event number.
pub(crate) fn key_of_event(number: u8) -> Option<char> {
    KEYS.get(usize::from(number)).copied()
}

/// The event number of a key; letters in either case.
pub(crate) fn event_of_key(key: char) -> Option<u8> {
    KEYS.iter()
        .position(|known| *known == key.to_ascii_uppercase())
        .map(|n| n as u8)
}

/// The key at a row and a column, each 0 to 3.
pub(crate) fn key_at(row: usize, column: usize) -> Option<char> {
    LAYOUT.get(row)?.get(column).copied()
}

/// The two tones of a key; letters in either case.
pub(crate) fn tones_of_key(key: char) -> Option<[f32; 2]> {
    let key = key.to_ascii_uppercase();
    LAYOUT.iter().zip(ROWS).find_map(|(keys, low)| {
        let column = keys.iter().position(|known| *known == key)?;
        Some([low, COLUMNS[column]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_event_and_one_pair_of_tones() {
        for number in 0..16 {
            let key = key_of_event(number).unwrap();
            assert_eq!(event_of_key(key), Some(number));
            let [low, high] = tones_of_key(key).unwrap();
            let row = ROWS.iter().position(|tone| *tone == low).unwrap();
            let column = COLUMNS.iter().position(|tone| *tone == high).unwrap();
            assert_eq!(key_at(row, column), Some(key));
        }
        assert_eq!(
            (key_of_event(16), event_of_key('x'), tones_of_key('x')),
            (None, None, None)
        );
    }
}
