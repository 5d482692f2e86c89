//! Bytes that belong to the caller.

use std::ptr::null_mut;

use crate::boundary;
use crate::layout::without_gaps;

/// Bytes that belong to you: free them with `eyot_buffer_free`. Initialise with `EYOT_BUFFER_INIT`.
#[repr(C)]
#[derive(Debug)]
pub struct eyot_buffer {
    /// The first byte; NULL if there are none.
    pub data: *mut u8,
    /// How many there are.
    pub len: usize,
    /// How much memory they have; for eyot alone.
    pub capacity: usize,
}

without_gaps!(eyot_buffer { data, len, capacity });

impl From<Vec<u8>> for eyot_buffer {
    fn from(bytes: Vec<u8>) -> Self {
        // An empty Vec has no memory, and its address is a small number, which garbage collectors take for damage.
        if bytes.capacity() == 0 {
            return Self { data: null_mut(), len: 0, capacity: 0 };
        }
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        Self { data: bytes.as_mut_ptr(), len: bytes.len(), capacity: bytes.capacity() }
    }
}

/// Frees what a call wrote into a buffer, and empties the buffer, so that freeing it again does nothing.
///
/// # Safety
/// `buffer` holds what `EYOT_BUFFER_INIT` or a call put there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_buffer_free(buffer: Option<&mut eyot_buffer>) {
    boundary::value((), || {
        let eyot_buffer { data, len, capacity } = std::mem::replace(buffer?, Vec::new().into());
        if !data.is_null() {
            // SAFETY: these three came from a Vec in `From<Vec<u8>>`, and are forgotten above before they are used.
            drop(unsafe { Vec::from_raw_parts(data, len, capacity) });
        }
        Some(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_can_be_freed_twice() {
        for bytes in [b"text".to_vec(), Vec::new(), Vec::with_capacity(9)] {
            let mut buffer = eyot_buffer::from(bytes);
            // SAFETY: made above.
            unsafe {
                eyot_buffer_free(Some(&mut buffer));
                eyot_buffer_free(Some(&mut buffer));
            }
            assert!(buffer.data.is_null() && buffer.len == 0);
        }
    }
}
