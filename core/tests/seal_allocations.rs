//! Counts allocations: sealing and opening into buffers that are reused must not make any.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use eyot::seal::Payload;
use eyot::{IslandName, KeyRing, Sealing};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is the one that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn sealing_and_opening_into_reused_buffers_allocate_nothing() {
    let ring = KeyRing::parse("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").unwrap();
    let name = IslandName::new("Cart").unwrap();
    let other = IslandName::new("Avatar").unwrap();
    let (mut token, mut buffer) = (Vec::new(), Vec::new());
    for length in [0, 2, 200, 5_000, 49_000] {
        let props = vec![b'x'; length];
        let payload = Payload { props: &props, slots: b"{}", page: b"{\"path\":\"/\"}" };
        let mut round = |sealing, expires| {
            let before = ALLOCATIONS.with(Cell::get);
            token.clear();
            ring.seal(&name, "tenant", payload, sealing, expires, &mut token).unwrap();
            assert!(ring.open(&other, "tenant", &token, 0, &mut buffer).is_err());
            assert_eq!(ring.open(&name, "tenant", &token, 0, &mut buffer).unwrap().payload, payload);
            ALLOCATIONS.with(Cell::get) - before
        };
        let first = round(Sealing::Stable, Some(u32::MAX));
        assert!(first > 0, "the count does not work");
        assert_eq!(round(Sealing::Stable, Some(u32::MAX)), 0, "{length}");
        assert_eq!(round(Sealing::Unlinkable([1; 24]), None), 0, "{length}");
    }
}
