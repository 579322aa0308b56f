//! Bit strings, the first bit lowest. Reading past the end is `None`, never a panic: the bytes may be anybody's.

/// The most bits that one number may have, so that it lies within eight bytes wherever it begins.
pub const MOST: u32 = 57;

/// How many bits `largest` needs.
#[must_use]
pub fn needed_for(largest: u64) -> u32 {
    u64::BITS - largest.leading_zeros()
}

#[derive(Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl BitWriter {
    pub fn put(&mut self, value: u64, width: u32) {
        debug_assert!(width <= MOST && needed_for(value) <= width);
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

#[derive(Clone)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn take(&mut self, width: u32) -> Option<u64> {
        let start = self.at;
        self.skip(1, width)?;
        let bytes = self.bytes.get(start / 8..)?;
        let eight = match bytes.first_chunk() {
            Some(whole) => u64::from_le_bytes(*whole),
            // Near the end; `skip` has seen to it that the number is there.
            None => bytes
                .iter()
                .rev()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        };
        Some(eight >> (start % 8) & ((1 << width) - 1))
    }

    /// Passes over `count` numbers.
    pub fn skip(&mut self, count: u32, width: u32) -> Option<()> {
        if width > MOST {
            return None;
        }
        let bits = usize::try_from(u64::from(count) * u64::from(width)).ok()?;
        let end = self.at.checked_add(bits)?;
        if end > self.bytes.len().checked_mul(8)? {
            return None;
        }
        self.at = end;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in prop::collection::vec((any::<u64>(), 0..=MOST), 0..40)) {
            let fitted: Vec<_> = numbers
                .into_iter()
                .map(|(value, width)| (value & ((1 << width) - 1), width))
                .collect();
            let mut writer = BitWriter::default();
            for &(value, width) in &fitted {
                writer.put(value, width);
            }
            let bytes = writer.into_bytes();
            let mut reader = BitReader::new(&bytes);
            for &(value, width) in &fitted {
                prop_assert_eq!(reader.take(width), Some(value));
            }
            prop_assert_eq!(reader.take(8), None);
        }
    }

    #[test]
    fn numbers_that_are_too_wide_or_too_far_are_refused() {
        let bytes = [0xff; 16];
        assert_eq!(BitReader::new(&bytes).take(MOST + 1), None);
        assert_eq!(BitReader::new(&bytes).skip(u32::MAX, MOST), None);
        assert_eq!(BitReader::new(&[]).take(1), None);
        assert_eq!(BitReader::new(&[]).take(0), Some(0));
    }
}
