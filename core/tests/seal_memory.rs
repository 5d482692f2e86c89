//! Looks at memory as it is given back: no key, and no payload of a refused token, may be left in it.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use base64_simd::STANDARD;
use eyot::seal::Payload;
use eyot::{IslandName, KeyRing, Sealing};
use hkdf::Hkdf;
use sha2::Sha256;

/// What must not be found, in a fixed array so that looking allocates nothing.
static SECRETS: Mutex<[[u8; 16]; 6]> = Mutex::new([[0; 16]; 6]);
static LOOKING: AtomicBool = AtomicBool::new(false);
static LOOKED: AtomicUsize = AtomicUsize::new(0);
static FOUND: AtomicUsize = AtomicUsize::new(0);

struct Looking;

// SAFETY: every call is passed on to the system's allocator as it came; memory is only read before it is given back.
unsafe impl GlobalAlloc for Looking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one that `System` asks for. Zeroed, so that `dealloc` reads no
        // uninitialised byte.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if LOOKING.load(Ordering::SeqCst) {
            // SAFETY: the block is still allocated, `layout.size()` bytes long, initialised since `alloc`.
            let block = unsafe { std::slice::from_raw_parts(pointer, layout.size()) };
            let secrets = SECRETS.lock().unwrap();
            let found = block.windows(16).filter(|window| secrets.iter().any(|secret| secret == window)).count();
            LOOKED.fetch_add(1, Ordering::SeqCst);
            FOUND.fetch_add(found, Ordering::SeqCst);
        }
        // SAFETY: as for `alloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Looking = Looking;

const MASTER: &[u8; 32] = b"01234567890123456789012345678901";
const PROPS: &[u8; 16] = b"{\"card\":\"4111 1\"";

/// Counts the secrets in what `work` gives back. One at a time, as the statics are shared.
fn left_behind(work: impl FnOnce()) -> usize {
    FOUND.store(0, Ordering::SeqCst);
    LOOKED.store(0, Ordering::SeqCst);
    LOOKING.store(true, Ordering::SeqCst);
    work();
    LOOKING.store(false, Ordering::SeqCst);
    assert!(LOOKED.load(Ordering::SeqCst) > 0, "nothing was given back");
    FOUND.load(Ordering::SeqCst)
}

/// The starts of the keys as they stand in memory: master, sealing key (the first round key), CMAC's K1, nonce key, and
/// the payload.
fn secrets() -> [[u8; 16]; 6] {
    let prk = Hkdf::<Sha256>::from_prk(MASTER).unwrap();
    let (mut seal, mut nonce) = ([0; 32], [0; 32]);
    prk.expand(b"eyot/1 seal", &mut seal).unwrap();
    prk.expand(b"eyot/1 nonce", &mut nonce).unwrap();
    let mut block = aes::Block::default();
    aes::Aes256Enc::new(&seal.into()).encrypt_block(&mut block);
    let l = u128::from_be_bytes(block.0);
    let k1 = ((l << 1) ^ ((l >> 127) * 0x87)).to_ne_bytes();
    let start = |key: &[u8]| key[..16].try_into().unwrap();
    [start(MASTER), start(&seal), start(&seal[16..]), k1, start(&nonce), *PROPS]
}

#[test]
fn no_key_and_no_refused_payload_is_left_in_memory() {
    let text = STANDARD.encode_to_string(MASTER);
    let name = IslandName::new("Cart").unwrap();
    let payload = Payload { props: PROPS, ..Payload::default() };
    *SECRETS.lock().unwrap() = secrets();

    let copy = MASTER.to_vec();
    assert!(left_behind(|| drop(copy)) > 0, "looking does not work");

    assert_eq!(left_behind(|| drop(KeyRing::parse(&text))), 0);
    assert_eq!(left_behind(|| drop(KeyRing::parse(&text).map(|ring| ring.clone()))), 0);
    assert_eq!(left_behind(|| drop(KeyRing::parse(&format!("{text},{text}")))), 0);
    assert_eq!(left_behind(|| drop(KeyRing::parse(&format!("{text},AAAA")))), 0);

    let ring = KeyRing::parse(&text).unwrap();
    let mut token = Vec::new();
    assert_eq!(
        left_behind(|| {
            let mut out = Vec::new();
            ring.seal(&name, "", payload, Sealing::Stable, Some(1), &mut out).unwrap();
            token = out.clone();
        }),
        0
    );
    let mut buffer = Vec::new();
    assert!(ring.open(&name, "", &token, 0, &mut buffer).is_ok());
    assert!(left_behind(|| drop(buffer)) > 0, "an opened payload is the host's to wipe");
    let mut buffer = Vec::new();
    assert!(ring.open(&name, "", &token, 1, &mut buffer).is_err());
    assert_eq!(left_behind(|| drop(buffer)), 0);
}
