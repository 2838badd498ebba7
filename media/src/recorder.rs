//! A stereo recording of a call: the caller left, whoever answers right, two samples for every
//! tick of the RTP clock. Where the bytes go is the shell's choice.

use std::io::{Seek, Write};

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::frame::{FRAME_SAMPLES, Frame, SAMPLE_RATE};

/// Ticks between two flushes: a crash loses at most the last second.
const FLUSH_EVERY: u32 = 50;

/// The recording could not go on, and has ended. What was flushed before stays readable.
#[derive(Debug, thiserror::Error)]
#[error("the recording stopped: check the disk it is written to")]
pub struct RecordError(#[from] hound::Error);

/// Whether a recording still grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecorderState {
    /// Every frame is written.
    Recording,
    /// An error was reported; frames are ignored.
    Failed,
}

/// Writes a WAV file of 16 bits and two channels at 8 kHz.
///
/// ```text
///   Recording ──write error, reported once──▶ Failed ──frames ignored──▶ Failed
/// ```
pub struct Recorder<W: Write + Seek> {
    /// None once writing has failed.
    writer: Option<WavWriter<W>>,
    ticks: u32,
}

impl<W: Write + Seek> Recorder<W> {
    /// Begins a recording by writing its header.
    ///
    /// # Errors
    /// [`RecordError`] when that fails.
    pub fn new(writer: W) -> Result<Recorder<W>, RecordError> {
        let spec = WavSpec {
            channels: 2,
            sample_rate: SAMPLE_RATE,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut writer = WavWriter::new(writer, spec)?;
        writer.flush()?;
        Ok(Recorder {
            writer: Some(writer),
            ticks: 0,
        })
    }

    /// Appends one tick.
    ///
    /// # Errors
    /// [`RecordError`] for the first tick that cannot be written; later ones are ignored.
    pub fn write(&mut self, caller: &Frame, answering: &Frame) -> Result<(), RecordError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        self.ticks += 1;
        let result = append(
            writer,
            caller,
            answering,
            self.ticks.is_multiple_of(FLUSH_EVERY),
        );
        if result.is_err() {
            self.writer = None;
        }
        Ok(result?)
    }

    /// Whether the recording still grows.
    pub fn state(&self) -> RecorderState {
        if self.writer.is_some() {
            RecorderState::Recording
        } else {
            RecorderState::Failed
        }
    }

    /// Ends the recording and makes its header final.
    ///
    /// # Errors
    /// [`RecordError`] when that fails; a recording that had failed before ends quietly.
    pub fn finish(self) -> Result<(), RecordError> {
        match self.writer {
            Some(writer) => Ok(writer.finalize()?),
            None => Ok(()),
        }
    }
}

fn append<W: Write + Seek>(
    writer: &mut WavWriter<W>,
    caller: &Frame,
    answering: &Frame,
    flush: bool,
) -> Result<(), hound::Error> {
    let mut samples = writer.get_i16_writer(2 * FRAME_SAMPLES as u32);
    for (left, right) in caller.iter().zip(answering) {
        samples.write_sample(*left);
        samples.write_sample(*right);
    }
    samples.flush()?;
    if flush { writer.flush() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::{Cursor, Error, SeekFrom};
    use std::rc::Rc;

    use hound::WavReader;

    use super::*;

    /// A file that outlives its recorder, and a disk that may fill up.
    #[derive(Clone)]
    struct Disk {
        bytes: Rc<RefCell<Cursor<Vec<u8>>>>,
        room: usize,
    }

    impl Disk {
        fn new(room: usize) -> Disk {
            Disk {
                bytes: Rc::default(),
                room,
            }
        }

        fn reader(&self) -> WavReader<Cursor<Vec<u8>>> {
            WavReader::new(Cursor::new(self.bytes.borrow().get_ref().clone())).unwrap()
        }
    }

    impl Write for Disk {
        fn write(&mut self, data: &[u8]) -> Result<usize, Error> {
            let mut bytes = self.bytes.borrow_mut();
            if bytes.position() as usize + data.len() > self.room {
                return Err(Error::other("full"));
            }
            bytes.write(data)
        }

        fn flush(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> Result<u64, Error> {
            self.bytes.borrow_mut().seek(to)
        }
    }

    #[test]
    fn the_caller_is_left_and_the_answer_right() {
        let disk = Disk::new(usize::MAX);
        let mut recorder = Recorder::new(disk.clone()).unwrap();
        recorder.write(&[1; 160], &[-2; 160]).unwrap();
        recorder.finish().unwrap();
        let mut reader = disk.reader();
        assert_eq!(
            (reader.spec().channels, reader.spec().sample_rate),
            (2, 8000)
        );
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(
            (samples.len(), &samples[..4]),
            (320, [1, -2, 1, -2].as_slice())
        );
    }

    #[test]
    fn a_crash_leaves_what_was_flushed() {
        let disk = Disk::new(usize::MAX);
        let mut recorder = Recorder::new(disk.clone()).unwrap();
        for _ in 0..75 {
            recorder.write(&[1; 160], &[2; 160]).unwrap();
        }
        std::mem::forget(recorder);
        assert_eq!(disk.reader().duration(), 50 * 160);
    }

    #[test]
    fn a_full_disk_is_reported_once() {
        let mut recorder = Recorder::new(Disk::new(2000)).unwrap();
        let results: Vec<bool> = (0..6)
            .map(|_| recorder.write(&[1; 160], &[2; 160]).is_ok())
            .collect();
        assert_eq!(results, [true, true, true, false, true, true]);
        assert_eq!(recorder.state(), RecorderState::Failed);
        recorder.finish().unwrap();
    }
}
