//! Runs one job through Whisper: one engine state and one set of parameters per worker.

use crate::clock::{Stop, StopReason};
use crate::guard::{self, Circumstances, Guard};
use crate::hypothesis::Hypothesis;
use crate::job::{Job, Outcome, duration_of};
use crate::model::Model;
use crate::prepare;
use crate::profile::ModelProfile;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use whisper_rs::{FullParams, SamplingStrategy, WhisperError, WhisperState};

/// Hears one job at a time on one thread; the pool makes one for each worker.
pub(crate) trait Engine {
    /// Decodes a job. Ends early, with [`Outcome::Aborted`], when the worker's [`Stop`] says so.
    fn hear(&mut self, job: &Job) -> Outcome;
}

/// The Whisper engine.
pub(crate) struct Decoder {
    model: Arc<Model>,
    state: WhisperState,
    /// Built once: some setters of the binding leak on each call.
    params: FullParams<'static, 'static>,
    stop: Arc<Stop>,
    padded: Vec<f32>,
}

/// How one pass over the audio ended.
enum Pass {
    Heard {
        hypothesis: Hypothesis,
        tokens: usize,
    },
    Ended(Outcome),
}

impl Decoder {
    /// Makes an engine state; it takes some 50 MB and 30 ms.
    pub(crate) fn new(model: &Arc<Model>, stop: Arc<Stop>) -> Result<Self, WhisperError> {
        let state = model.context.create_state()?;
        let params = params(&stop);
        Ok(Self {
            model: Arc::clone(model),
            state,
            params,
            stop,
            padded: Vec::new(),
        })
    }

    /// One pass and the guards' judgement of it.
    fn judged(&mut self, audio_ctx: u32, profile: &ModelProfile, job: &Job) -> Outcome {
        let max_tokens = prepare::max_tokens(job.duration());
        let (hypothesis, tokens) = match self.pass(audio_ctx, max_tokens, job) {
            Pass::Heard { hypothesis, tokens } => (hypothesis, tokens),
            Pass::Ended(outcome) => return outcome,
        };
        let seen = Circumstances {
            audio: job.duration(),
            voiced: job.voiced,
            tokens,
            max_tokens: usize::try_from(max_tokens).unwrap_or(0),
            min_confidence: profile.min_confidence,
        };
        match guard::after(&hypothesis, &seen) {
            None => Outcome::Text(hypothesis),
            Some(guard) => Outcome::Rejected {
                guard,
                text: hypothesis.text,
            },
        }
    }

    fn pass(&mut self, audio_ctx: u32, max_tokens: i32, job: &Job) -> Pass {
        let mut params = self.params.clone();
        // Bounded by the model's own limit, which is far below.
        params.set_audio_ctx(c_int::try_from(audio_ctx).unwrap_or(0));
        params.set_max_tokens(max_tokens);
        match self.state.full(params, &self.padded) {
            Ok(()) => self.collect(job),
            Err(error) => Pass::Ended(match self.stop.reason() {
                Some(StopReason::Asked) => Outcome::Aborted,
                Some(StopReason::RanTooLong) => Outcome::Failed("ran past its limit".to_owned()),
                None => Outcome::Failed(error.to_string()),
            }),
        }
    }

    fn collect(&self, job: &Job) -> Pass {
        let end_of_text = self.model.context.token_eot();
        let mut tokens = Vec::new();
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else {
                    continue;
                };
                // From the end-of-text token on, all tokens are control tokens.
                if token.token_id() >= end_of_text {
                    continue;
                }
                match token.to_bytes() {
                    Ok(bytes) => tokens.push((bytes.to_vec(), token.token_probability())),
                    Err(error) => return Pass::Ended(Outcome::Failed(error.to_string())),
                }
            }
        }
        let hypothesis = Hypothesis::from_tokens(&tokens, job.duration());
        Pass::Heard {
            hypothesis,
            tokens: tokens.len(),
        }
    }
}

impl Engine for Decoder {
    fn hear(&mut self, job: &Job) -> Outcome {
        if let Some(guard) = guard::before(&job.audio, job.voiced, job.min_voiced) {
            return Outcome::Rejected {
                guard,
                text: String::new(),
            };
        }
        prepare::pad(&job.audio, &mut self.padded);
        let profile = self.model.profile();
        let length = duration_of(self.padded.len());
        let (window, wider) = (profile.positions(length), profile.retry_positions(length));
        match self.judged(window, &profile, job) {
            // Noise does not become clearer in a wider window; a loop does.
            Outcome::Rejected { guard, .. } if guard != Guard::Unsure && wider != window => {
                self.judged(wider, &profile, job)
            }
            outcome @ (Outcome::Text(_)
            | Outcome::Rejected { .. }
            | Outcome::Aborted
            | Outcome::Failed(_)) => outcome,
        }
    }
}

/// Greedy, one segment, no history, no temperature fallback: the guards retry instead.
fn params(stop: &Arc<Stop>) -> FullParams<'static, 'static> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    // More threads spin against each other on a busy machine.
    params.set_n_threads(1);
    params.set_no_context(true);
    params.set_single_segment(true);
    params.set_no_timestamps(true);
    params.set_suppress_blank(true);
    params.set_suppress_nst(true);
    params.set_temperature(0.0);
    params.set_temperature_inc(0.0);
    params.set_print_special(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    // SAFETY: `should_stop` matches the C callback's type and reads its data only as a `Stop`. The
    // `Decoder` that holds these parameters holds an `Arc` of the same `Stop` for as long, and the
    // engine keeps neither pointer after a decode returns. (The binding's safe variant calls the
    // closure through the wrong type.)
    unsafe {
        params.set_abort_callback(Some(should_stop));
        params.set_abort_callback_user_data(Arc::as_ptr(stop).cast_mut().cast());
    }
    params
}

/// The engine's abort callback; `data` is the worker's [`Stop`].
unsafe extern "C" fn should_stop(data: *mut c_void) -> bool {
    // SAFETY: `params` stores a pointer to a live `Stop`, which is shared and never written through.
    let stop = unsafe { &*data.cast_const().cast::<Stop>() };
    // The clock is the shell's code: a panic there must not cross into C.
    catch_unwind(AssertUnwindSafe(|| stop.reason().is_some())).unwrap_or(true)
}
