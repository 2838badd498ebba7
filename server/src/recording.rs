//! Calls on disk: one thread writes, calls hand it frames over a bounded queue and never wait.
//!
//! The layout of a recording lives in `sidetone-media`; here are the thread, the files and what
//! happens when the disk is slow or full.

use sidetone_media::frame::Frame;
use sidetone_media::recorder::{RecorderError, StereoRecorder};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use tokio::sync::oneshot;

/// Frames of all calls that may wait for the disk: at 32 calls, two and a half seconds.
const WAITING: usize = 4096;

enum Message {
    Open { call: u64, path: PathBuf, failed: oneshot::Sender<RecordingFault> },
    Frame { call: u64, caller: Frame, other: Frame },
    Close { call: u64 },
}

/// Why a recording ended before its call.
#[derive(Debug, thiserror::Error)]
pub enum RecordingFault {
    /// The file could not be made.
    #[error("the recording could not be opened: {0}")]
    Open(#[source] io::Error),
    /// The file could not be written.
    #[error("the recording could not be written: {0}")]
    Write(#[source] RecorderError),
}

/// The writer of recordings, shared by all calls.
#[derive(Clone)]
pub struct Recorder {
    messages: SyncSender<Message>,
    folder: PathBuf,
}
