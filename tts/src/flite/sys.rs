//! The parts of flite 2.2's C interface that we call (`flite.h`, `cst_utterance.h`, `cst_item.h`,
//! `cst_wave.h`).

use std::ffi::{c_char, c_float, c_int, c_short, c_void};

/// `cst_voice`; only ever behind a pointer.
#[repr(C)]
pub(super) struct CstVoice {
    _private: [u8; 0],
}

/// `cst_features`; only ever behind a pointer.
#[repr(C)]
pub(super) struct CstFeatures {
    _private: [u8; 0],
}

/// `cst_relation`; only ever behind a pointer.
#[repr(C)]
pub(super) struct CstRelation {
    _private: [u8; 0],
}

/// `cst_item`; only ever behind a pointer.
#[repr(C)]
pub(super) struct CstItem {
    _private: [u8; 0],
}

/// The head of `cst_utterance`; the rest is flite's own.
#[repr(C)]
pub(super) struct CstUtterance {
    pub(super) features: *mut CstFeatures,
}

/// `cst_wave`.
#[repr(C)]
pub(super) struct CstWave {
    pub(super) kind: *const c_char,
    pub(super) sample_rate: c_int,
    pub(super) num_samples: c_int,
    pub(super) num_channels: c_int,
    pub(super) samples: *mut c_short,
}

unsafe extern "C" {
    pub(super) fn flite_init() -> c_int;
    pub(super) fn register_cmu_us_slt(voxdir: *const c_char) -> *mut CstVoice;

    pub(super) fn new_utterance() -> *mut CstUtterance;
    pub(super) fn delete_utterance(utterance: *mut CstUtterance);
    pub(super) fn utt_set_input_text(utterance: *mut CstUtterance, text: *const c_char) -> c_int;
    pub(super) fn utt_init(utterance: *mut CstUtterance, voice: *mut CstVoice)
    -> *mut CstUtterance;
    pub(super) fn utt_synth(utterance: *mut CstUtterance) -> *mut CstUtterance;
    pub(super) fn utt_wave(utterance: *mut CstUtterance) -> *mut CstWave;
    pub(super) fn utt_relation_present(utterance: *mut CstUtterance, name: *const c_char) -> c_int;
    pub(super) fn utt_relation(
        utterance: *const CstUtterance,
        name: *const c_char,
    ) -> *mut CstRelation;

    pub(super) fn relation_head(relation: *mut CstRelation) -> *mut CstItem;
    pub(super) fn item_next(item: *const CstItem) -> *mut CstItem;
    pub(super) fn item_daughter(item: *const CstItem) -> *mut CstItem;
    pub(super) fn item_feat_present(item: *const CstItem, name: *const c_char) -> c_int;
    pub(super) fn item_feat_string(item: *const CstItem, name: *const c_char) -> *const c_char;
    pub(super) fn ffeature_float(item: *const CstItem, path: *const c_char) -> c_float;
    pub(super) fn ffeature_string(item: *const CstItem, path: *const c_char) -> *const c_char;

    pub(super) fn feat_set_float(features: *mut CstFeatures, name: *const c_char, value: c_float);
}

// flite can play to a sound card, and the voice's object file pulls that code in. A server has no
// sound card, and these five stand in for the ALSA back end, so that no sound library is needed.
// They must be in the same crate as the library: the linker takes the first definition it meets.

/// Stands in for flite's opening of a sound card: there is none.
#[unsafe(no_mangle)]
extern "C" fn audio_open_alsa(_rate: c_int, _channels: c_int, _format: c_int) -> *mut c_void {
    std::ptr::null_mut()
}

/// Stands in for flite's closing of a sound card.
#[unsafe(no_mangle)]
extern "C" fn audio_close_alsa(_device: *mut c_void) -> c_int {
    -1
}

/// Stands in for flite's writing to a sound card.
#[unsafe(no_mangle)]
extern "C" fn audio_write_alsa(
    _device: *mut c_void,
    _samples: *mut c_void,
    _bytes: c_int,
) -> c_int {
    -1
}

/// Stands in for flite's flushing of a sound card.
#[unsafe(no_mangle)]
extern "C" fn audio_flush_alsa(_device: *mut c_void) -> c_int {
    -1
}

/// Stands in for flite's draining of a sound card.
#[unsafe(no_mangle)]
extern "C" fn audio_drain_alsa(_device: *mut c_void) -> c_int {
    -1
}
