//! The frames of a Zstandard stream, one after another; `ruzstd` by itself reads one.

use std::io::{self, BufRead, ErrorKind, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

pub(super) struct Frames<R> {
    input: R,
    decoder: FrameDecoder,
    memory_bytes: u64,
    within: bool,
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(input: R, memory_bytes: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(memory_bytes);
        Self { input, decoder, memory_bytes, within: false }
    }

    /// Ends the frame that was read, if one was, and opens the next; false at the end.
    fn next_frame(&mut self) -> io::Result<bool> {
        if self.within {
            self.within = false;
            let told = self.decoder.get_checksum_from_data();
            if told.is_some() && told != self.decoder.get_calculated_checksum() {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => {
                    self.within = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut self.input.by_ref().take(length), &mut io::sink())? < length {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { requested, .. })
                    if requested > self.memory_bytes =>
                {
                    return Err(ErrorKind::OutOfMemory.into());
                }
                Err(_) => return Err(self.fault()),
            }
        }
        Ok(false)
    }

    /// The decoder does not say which of the two it was.
    fn fault(&mut self) -> io::Error {
        match self.input.fill_buf() {
            Ok([]) => ErrorKind::UnexpectedEof.into(),
            _ => ErrorKind::InvalidData.into(),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 {
            if (!self.within || self.decoder.is_finished()) && !self.next_frame()? {
                return Ok(0);
            }
            let step = BlockDecodingStrategy::UptoBlocks(1);
            if !self.decoder.is_finished() && self.decoder.decode_blocks(&mut self.input, step).is_err() {
                return Err(self.fault());
            }
        }
        self.decoder.read(out)
    }
}
