//! The embedded voice: flite 2.2 with its female US English voice `slt`, linked statically.
//!
//! This file and `sys` hold all unsafe code of the crate: text goes in, samples and word times come
//! out as plain Rust values, and all that flite allocated is freed.

mod sys;

use std::ffi::{CStr, CString};
use std::ptr::NonNull;
use std::sync::{Mutex, Once, PoisonError};

/// flite's start-up builds global tables and its first synthesis fills caches in the voice: one
/// utterance at a time in the whole process. Ten seconds of speech take about 0.1 s.
static ENGINE: Mutex<()> = Mutex::new(());
static START: Once = Once::new();

/// What flite made of one text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raw {
    /// Samples a second.
    pub(crate) rate: u32,
    /// Mono samples.
    pub(crate) samples: Vec<i16>,
    /// The text's tokens in order.
    pub(crate) tokens: Vec<RawToken>,
}

/// One token of the text (what stands between blanks, without its punctuation) and when its words
/// are spoken, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawToken {
    pub(crate) text: String,
    /// `None` for a token that is not spoken, such as a dash.
    pub(crate) span: Option<(f32, f32)>,
}

/// Why flite gave no speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The text has a zero byte.
    Nul,
    /// flite returned nothing, or audio of an unexpected shape.
    Synthesis,
}

/// One loaded voice.
pub(crate) struct Engine {
    voice: NonNull<sys::CstVoice>,
}

// SAFETY: the voice is flite's global object, never freed and bound to no thread; all use of it is
// under `ENGINE`.
unsafe impl Send for Engine {}

impl Engine {
    /// Loads the voice; `None` if flite has no memory for it.
    pub(crate) fn slt() -> Option<Self> {
        let _one = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: no arguments, and called once.
        START.call_once(|| unsafe {
            sys::flite_init();
        });
        // SAFETY: a null folder means the compiled-in voice; registering again returns the same
        // voice.
        let voice = unsafe { sys::register_cmu_us_slt(std::ptr::null()) };
        NonNull::new(voice).map(|voice| Self { voice })
    }

    /// Speaks a text, `stretch` times as long as normal.
    pub(crate) fn synthesise(&mut self, text: &str, stretch: f32) -> Result<Raw, Failure> {
        let text = CString::new(text).map_err(|_| Failure::Nul)?;
        let _one = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
        let utterance = Utterance::new().ok_or(Failure::Synthesis)?;
        let raw = utterance.0.as_ptr();
        // SAFETY: the utterance and the voice are live and ours under the lock; the strings end in
        // zero; flite copies the text; `features` is the utterance's own once it was initialised.
        let done = unsafe {
            sys::utt_set_input_text(raw, text.as_ptr());
            if sys::utt_init(raw, self.voice.as_ptr()).is_null() {
                return Err(Failure::Synthesis);
            }
            sys::feat_set_float((*raw).features, c"duration_stretch".as_ptr(), stretch);
            sys::utt_synth(raw)
        };
        if done.is_null() {
            return Err(Failure::Synthesis);
        }
        let (rate, samples) = utterance.wave().ok_or(Failure::Synthesis)?;
        Ok(Raw {
            rate,
            samples,
            tokens: utterance.tokens(),
        })
    }
}

/// A flite utterance that frees itself.
struct Utterance(NonNull<sys::CstUtterance>);

impl Drop for Utterance {
    fn drop(&mut self) {
        // SAFETY: made by `new_utterance` and freed only here.
        unsafe { sys::delete_utterance(self.0.as_ptr()) }
    }
}

impl Utterance {
    fn new() -> Option<Self> {
        // SAFETY: no arguments.
        NonNull::new(unsafe { sys::new_utterance() }).map(Self)
    }

    fn wave(&self) -> Option<(u32, Vec<i16>)> {
        // SAFETY: the utterance is live; its wave, if any, lives as long as it does.
        let wave = unsafe { sys::utt_wave(self.0.as_ptr()).as_ref() }?;
        let count = usize::try_from(wave.num_samples).ok()?;
        let rate = u32::try_from(wave.sample_rate).ok()?;
        if wave.num_channels != 1 || (count > 0 && wave.samples.is_null()) {
            return None;
        }
        if count == 0 {
            return Some((rate, Vec::new()));
        }
        // SAFETY: flite's wave has `num_samples` samples for each of its channels, here one.
        let samples = unsafe { std::slice::from_raw_parts(wave.samples, count) };
        Some((rate, samples.to_vec()))
    }

    fn tokens(&self) -> Vec<RawToken> {
        let mut tokens = Vec::new();
        let mut token = self.first(c"Token");
        while let Some(item) = token {
            tokens.push(RawToken {
                text: item.name(),
                span: item.span(),
            });
            token = item.next();
        }
        tokens
    }

    fn first(&self, relation: &CStr) -> Option<Item> {
        let raw = self.0.as_ptr();
        // SAFETY: the utterance is live and the name ends in zero; an absent relation is asked for
        // first, because fetching one ends in a fatal error.
        unsafe {
            if sys::utt_relation_present(raw, relation.as_ptr()) == 0 {
                return None;
            }
            Item::wrap(sys::relation_head(sys::utt_relation(
                raw,
                relation.as_ptr(),
            )))
        }
    }
}

/// An item of an utterance; used only while that lives.
#[derive(Clone, Copy)]
struct Item(NonNull<sys::CstItem>);

impl Item {
    fn wrap(item: *mut sys::CstItem) -> Option<Self> {
        NonNull::new(item).map(Self)
    }

    fn next(self) -> Option<Self> {
        // SAFETY: the item belongs to a live utterance.
        Self::wrap(unsafe { sys::item_next(self.0.as_ptr()) })
    }

    fn name(self) -> String {
        // SAFETY: the item belongs to a live utterance; the feature is asked for before it is
        // fetched, and its string is copied at once.
        unsafe {
            if sys::item_feat_present(self.0.as_ptr(), c"name".as_ptr()) == 0 {
                return String::new();
            }
            string(sys::item_feat_string(self.0.as_ptr(), c"name".as_ptr()))
        }
    }

    /// From the end of the segment before the token's first one to the end of its last one.
    fn span(self) -> Option<(f32, f32)> {
        let mut span: Option<(f32, f32)> = None;
        // SAFETY: the item belongs to a live utterance.
        let mut word = Self::wrap(unsafe { sys::item_daughter(self.0.as_ptr()) });
        while let Some(item) = word {
            let first = c"R:SylStructure.daughter1.daughter1.R:Segment.name";
            let begin = c"R:SylStructure.daughter1.daughter1.R:Segment.p.end";
            let end = c"R:SylStructure.daughtern.daughtern.R:Segment.end";
            // A word without segments, such as an unknown character, has no time of its own.
            if item.text(first) != "0" {
                let (begin, end) = (item.number(begin), item.number(end));
                let from = span.map_or(begin, |(from, _)| from);
                span = Some((from, end));
            }
            word = item.next();
        }
        span
    }

    fn number(self, path: &CStr) -> f32 {
        // SAFETY: the item belongs to a live utterance; a path that leads nowhere gives 0.
        unsafe { sys::ffeature_float(self.0.as_ptr(), path.as_ptr()) }
    }

    fn text(self, path: &CStr) -> String {
        // SAFETY: the item belongs to a live utterance; a path that leads nowhere gives "0".
        unsafe { string(sys::ffeature_string(self.0.as_ptr(), path.as_ptr())) }
    }
}

/// Copies a C string.
///
/// # Safety
/// `raw` is null or points to bytes that end in zero.
unsafe fn string(raw: *const std::ffi::c_char) -> String {
    if raw.is_null() {
        return String::new();
    }
    // SAFETY: by this function's own contract.
    unsafe { CStr::from_ptr(raw) }
        .to_string_lossy()
        .into_owned()
}
