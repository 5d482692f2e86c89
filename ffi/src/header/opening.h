// eyot: server islands for every web server. The C interface.
//
// Generated from the crate eyot-ffi. Do not edit: change the crate, and run
// `EYOT_WRITE_HEADER=1 cargo test -p eyot-ffi --test header`.
//
// ## Conventions
//
// NAMES. `eyot_<type>_<verb>` is a function of the type `eyot_<type>`; constants begin with `EYOT_`. Nothing else is
// exported.
//
// ORDER. The object first, then inputs, outputs last, and after them `error`. Nothing is both input and output.
//
// STATUS. A function that can fail returns an `eyot_status`: `EYOT_OK` (0) or why not. Its outputs are written only then.
// (`EYOT_REFUSED` is the one exception: it writes the reply to send instead, and says so.) Functions that return a number,
// a flag or a pointer return 0, false or NULL for a NULL object.
//
// ERRORS. `error` may be NULL. Where it is not, and the call fails, it gets an object of the caller's own, with a code, a
// text and perhaps a place in the page, which `eyot_error_free` frees. There is no hidden last error: threads do not
// matter. A call that succeeds leaves `*error` alone, so set it to NULL first. Texts hold no key, no token and no
// value of a prop.
// In `check(call(&error), error)` C may read `error` before the call is made: let such a helper take `&error`.
//
// BYTES. Bytes and texts go in as a pointer and a length; the pointer is ignored, and may be NULL, when the length is 0.
// They come out as an `eyot_slice`, which is borrowed (its function says from whom), or as an `eyot_buffer`, which is the
// caller's (`eyot_buffer_free`). Text is UTF-8, is checked, need not end with NUL, and may hold NULs.
//
// OBJECTS. `_new` makes one, `_free` frees it; `_free(NULL)` does nothing. All `_free` functions take one pointer, so
// that they serve as cleanup handlers. What an object was made from may be freed before it, unless its type says otherwise.
//
// THREADS. Where a function takes the object as `const`, any number of threads may call it at once. Where it does not,
// one thread at a time may use the object.
//
// STRUCTS of options begin with their size, so that they can grow: initialise them with their `_INIT` macros, then set
// what is not at its default. Everything that they point to is read during the call alone, unless a function says
// otherwise.
//
// ENUMS are returned; as inputs, constants are plain `uint32_t` and checked.
//
// NO CALLBACKS, no sockets, no files, no environment. Time and randomness come from the operating system, where a context
// does not tell the time.
//
// PANICS. A defect inside becomes `EYOT_PANIC`. The objects of that call may be freed, and must not be used for more.
