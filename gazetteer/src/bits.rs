//! Bit strings, least significant bit first. Reading past the end returns `None` and never panics: the bytes may be damaged.

/// Maximum number of bits of one number: 57 bits fit into eight bytes at any bit offset.
pub const MAX_WIDTH: u32 = 57;

/// The number of bits that `largest` needs.
#[must_use]
pub fn bits_for(largest: u64) -> u32 {
    u64::BITS - largest.leading_zeros()
}

/// Writes numbers of any width up to [`MAX_WIDTH`].
#[derive(Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Number of bits written.
    used: usize,
}

impl BitWriter {
    pub fn write(&mut self, value: u64, width: u32) {
        debug_assert!(width <= MAX_WIDTH && bits_for(value) <= width);
        for bit in 0..width {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if value >> bit & 1 == 1
                && let Some(last) = self.bytes.last_mut()
            {
                *last |= 1 << (self.used % 8);
            }
            self.used += 1;
        }
    }

    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads the numbers that a [`BitWriter`] has written.
#[derive(Clone)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    /// Offset of the next bit.
    position: usize,
}

impl<'a> BitReader<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub fn read(&mut self, width: u32) -> Option<u64> {
        let start = self.position;
        self.skip(1, width)?;
        let bytes = self.bytes.get(start / 8..)?;
        let word = match bytes.first_chunk() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            // Near the end; `skip` has checked that the number is complete.
            None => bytes
                .iter()
                .rev()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        };
        Some(word >> (start % 8) & ((1 << width) - 1))
    }

    /// Skips `count` numbers of `width` bits.
    pub fn skip(&mut self, count: u32, width: u32) -> Option<()> {
        if width > MAX_WIDTH {
            return None;
        }
        let bits = usize::try_from(u64::from(count) * u64::from(width)).ok()?;
        let end = self.position.checked_add(bits)?;
        if end > self.bytes.len().checked_mul(8)? {
            return None;
        }
        self.position = end;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_read_as_written(numbers in prop::collection::vec((any::<u64>(), 0..=MAX_WIDTH), 0..40)) {
            let fitted: Vec<_> = numbers
                .into_iter()
                .map(|(value, width)| (value & ((1 << width) - 1), width))
                .collect();
            let mut writer = BitWriter::default();
            for &(value, width) in &fitted {
                writer.write(value, width);
            }
            let bytes = writer.into_bytes();
            let mut reader = BitReader::new(&bytes);
            for &(value, width) in &fitted {
                prop_assert_eq!(reader.read(width), Some(value));
            }
            prop_assert_eq!(reader.read(8), None);
        }
    }

    #[test]
    fn numbers_that_are_too_wide_or_past_the_end_are_none() {
        let bytes = [0xff; 16];
        assert_eq!(BitReader::new(&bytes).read(MAX_WIDTH + 1), None);
        assert_eq!(BitReader::new(&bytes).skip(u32::MAX, MAX_WIDTH), None);
        assert_eq!(BitReader::new(&[]).read(1), None);
        assert_eq!(BitReader::new(&[]).read(0), Some(0));
    }
}
