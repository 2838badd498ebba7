use super::*;
use proptest::prelude::*;
use std::io::Cursor;

const HEADER: [u32; 11] = [51_864, 1_500, 192, 3, 4, 448, 192, 3, 3, 80, 2_007];

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A file with the given header, two vocabulary entries and one 32x2 tensor in q8_0.
fn file(header: &[u32; 11]) -> Vec<u8> {
    let mut bytes = words(&[MAGIC]);
    bytes.extend(words(header));
    bytes.extend(words(&[header[9], 2]));
    bytes.extend(vec![0; header[9] as usize * 2 * 4]);
    bytes.extend(words(&[2, 1]));
    bytes.extend(b"a");
    bytes.extend(words(&[2]));
    bytes.extend(b"bc");
    bytes.extend(words(&[2, 3, 8, 32, 2]));
    bytes.extend(b"w.x");
    bytes.extend([0; 68]);
    bytes
}

fn check_bytes(bytes: &[u8]) -> Result<Header, HeaderError> {
    check(&mut Cursor::new(bytes))
}

#[test]
fn a_whole_file_gives_its_header() {
    let header = check_bytes(&file(&HEADER)).unwrap();
    assert_eq!(
        (header.audio_state, header.text_ctx, header.file_type),
        (192, 448, 7)
    );
}

#[test]
fn a_file_cut_anywhere_is_truncated() {
    let whole = file(&HEADER);
    // All weights but the header and vocabulary may be absent without a word in this format, so a
    // cut right there is not seen: such a file fails in the engine.
    let before_tensors = whole.len() - 68 - 3 - 20;
    for len in (0..whole.len()).filter(|&len| len != before_tensors) {
        let outcome = check_bytes(&whole[..len]);
        assert_eq!(
            outcome,
            Err(HeaderError::Truncated { len: len as u64 }),
            "{len} bytes"
        );
    }
}

#[test]
fn another_kind_of_file_is_told_by_its_magic() {
    assert_eq!(
        check_bytes(b"RIFF\0\0\0\0WAVEfmt "),
        Err(HeaderError::Magic)
    );
}

#[test]
fn a_header_that_no_model_has_names_its_field() {
    for (index, value, name) in [
        (0, 0, "n_vocab"),
        (1, u32::MAX, "n_audio_ctx"),
        (6, 384, "n_text_state"),
        (9, 40, "n_mels"),
    ] {
        let mut header = HEADER;
        header[index] = value;
        let outcome = check_bytes(&file(&header));
        assert_eq!(outcome, Err(HeaderError::Parameter { name, value }));
    }
}

#[test]
fn an_unknown_tensor_type_is_named_by_its_place() {
    let mut bytes = file(&HEADER);
    let at = bytes.len() - 68 - 3 - 20;
    bytes[at + 8] = 99;
    assert_eq!(
        check_bytes(&bytes),
        Err(HeaderError::Tensor { at: at as u64 })
    );
}

proptest! {
    #[test]
    fn rubbish_is_refused_without_a_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        magic in any::<bool>(),
    ) {
        if magic {
            bytes.splice(..0, words(&[MAGIC]));
        }
        prop_assert!(check_bytes(&bytes).is_err());
    }

    #[test]
    fn a_damaged_file_never_panics(at in 0_usize..800, value in any::<u8>()) {
        let mut bytes = file(&HEADER);
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = check_bytes(&bytes);
    }
}
