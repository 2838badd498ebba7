//! Calls on disk: one thread writes, calls hand it frames over a bounded queue and never wait.
//!
//! The layout of a recording lives in `sidetone-media`; here are the thread, the files, and what
//! happens when the disk is slow or full: frames that find the queue full are left out and
//! counted, a recording that cannot be written ends, and both are facts of the call.

use sidetone_media::frame::Frame;
use sidetone_media::recorder::{RecordError, Recorder as StereoRecorder};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use tokio::sync::oneshot;

/// Frames of all calls that may wait for the disk: two and a half seconds of 32 calls.
const WAITING: usize = 4096;

/// Why a recording ended before its call: written once by the thread, read by the call without a lock.
type Fault = Arc<OnceLock<String>>;

#[expect(
    clippy::large_enum_variant,
    reason = "frames travel by value, so that the frame path does not allocate"
)]
enum Message {
    Open {
        tape: u64,
        path: PathBuf,
        fault: Fault,
    },
    Frames {
        tape: u64,
        caller: Frame,
        answering: Frame,
    },
    Close {
        tape: u64,
    },
    Flush(oneshot::Sender<()>),
}

/// The writer of recordings, shared by all calls.
#[derive(Clone)]
pub struct Recorder {
    messages: SyncSender<Message>,
    folder: PathBuf,
    tapes: Arc<AtomicU64>,
}

/// One call's recording. Dropping it ends the file.
pub struct Tape {
    tape: u64,
    messages: SyncSender<Message>,
    fault: Fault,
    left_out: u64,
}

impl Recorder {
    /// Starts the thread; recordings lie in `folder`, which is made when missing.
    ///
    /// # Errors
    /// When the folder or the thread cannot be made.
    pub fn start(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let (messages, inbox) = sync_channel(WAITING);
        thread::Builder::new()
            .name("recorder".into())
            .spawn(move || write(&inbox))?;
        Ok(Self {
            messages,
            folder,
            tapes: Arc::default(),
        })
    }

    /// Begins the recording of the call `call_id`: `<folder>/<call_id>.wav`.
    pub fn open(&self, call_id: &str) -> Tape {
        let tape = self.tapes.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{call_id}.wav"));
        let fault = Fault::default();
        let open = Message::Open {
            tape,
            path,
            fault: fault.clone(),
        };
        if self.messages.try_send(open).is_err() {
            // Without its file no frame would be kept.
            let _ = fault.set("the disk is too slow to begin a recording".to_owned());
        }
        Tape {
            tape,
            messages: self.messages.clone(),
            fault,
            left_out: 0,
        }
    }

    /// Waits until the recordings that have ended are whole files.
    pub async fn flush(&self) {
        let (reply, done) = oneshot::channel();
        let messages = self.messages.clone();
        // The queue may be full, and a full queue waits for the disk.
        let sent =
            tokio::task::spawn_blocking(move || messages.send(Message::Flush(reply)).is_ok()).await;
        if matches!(sent, Ok(true)) {
            // An error means that the thread is gone, and with it all that could be waited for.
            let _ = done.await;
        }
    }
}

impl Tape {
    /// Adds 20 ms; never waits.
    pub fn push(&mut self, caller: &Frame, answering: &Frame) {
        let frames = Message::Frames {
            tape: self.tape,
            caller: *caller,
            answering: *answering,
        };
        self.left_out += u64::from(self.messages.try_send(frames).is_err());
    }

    /// Why the recording ended before its call; none while it goes on.
    pub fn fault(&self) -> Option<&str> {
        self.fault.get().map(String::as_str)
    }

    /// Frames that were left out because the disk was slow.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        let close = Message::Close { tape: self.tape };
        if let Err(TrySendError::Full(close)) = self.messages.try_send(close) {
            // Off the call's task: only a full queue comes here, and the file must still be closed.
            let messages = self.messages.clone();
            thread::spawn(move || messages.send(close).is_ok());
        }
    }
}

struct OpenTape {
    recorder: StereoRecorder<BufWriter<File>>,
    fault: Fault,
}

fn write(inbox: &Receiver<Message>) {
    let mut tapes = HashMap::new();
    while let Ok(message) = inbox.recv() {
        match message {
            Message::Open { tape, path, fault } => match begin(&path) {
                Ok(recorder) => {
                    tapes.insert(tape, OpenTape { recorder, fault });
                }
                Err(error) => {
                    let _ = fault.set(error);
                }
            },
            Message::Frames {
                tape,
                caller,
                answering,
            } => {
                if let Some(open) = tapes.get_mut(&tape)
                    && let Err(error) = open.recorder.write(&caller, &answering)
                {
                    // The first fault says why; the ones after it follow from it.
                    let _ = open.fault.set(explain(&error));
                }
            }
            Message::Close { tape } => {
                if let Some(open) = tapes.remove(&tape)
                    && let Err(error) = open.recorder.finish()
                {
                    tracing::error!(error = explain(&error), "a recording could not be closed");
                }
            }
            Message::Flush(reply) => {
                // Who asked may have gone on.
                let _ = reply.send(());
            }
        }
    }
}

fn begin(path: &PathBuf) -> Result<StereoRecorder<BufWriter<File>>, String> {
    let file = File::create_new(path).map_err(|error| error.to_string())?;
    StereoRecorder::new(BufWriter::new(file)).map_err(|error| explain(&error))
}

/// The cause tells a full disk from a missing folder.
fn explain(error: &RecordError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sidetone_media::frame::SILENT_FRAME;

    #[tokio::test]
    async fn a_call_is_on_disk_when_its_tape_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path().join("calls")).unwrap();
        let mut tape = recorder.open("a");
        for _ in 0..100 {
            tape.push(&SILENT_FRAME, &[1000; 160]);
        }
        drop(tape);
        recorder.flush().await;
        let wav = hound::WavReader::open(folder.path().join("calls/a.wav")).unwrap();
        assert_eq!((wav.spec().channels, wav.duration()), (2, 16_000));
    }

    #[tokio::test]
    async fn a_recording_that_cannot_be_opened_says_why_and_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path().to_owned()).unwrap();
        fs::write(folder.path().join("a.wav"), "in the way").unwrap();
        let mut tape = recorder.open("a");
        tape.push(&SILENT_FRAME, &SILENT_FRAME);
        let mut other = recorder.open("b");
        other.push(&SILENT_FRAME, &SILENT_FRAME);
        recorder.flush().await;
        assert!(tape.fault().unwrap().contains("exists"));
        assert_eq!((other.fault(), other.left_out()), (None, 0));
    }

    #[test]
    fn a_recording_that_finds_the_disk_swamped_says_so() {
        let (messages, _inbox) = sync_channel(0);
        let recorder = Recorder {
            messages,
            folder: PathBuf::new(),
            tapes: Arc::default(),
        };
        assert!(recorder.open("a").fault().unwrap().contains("slow"));
    }
}
