//! Status numbers.

/// What a call came to. Numbers are never used for anything else: those of a status that is given up stay reserved.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_status {
    /// Done; the outputs are written.
    EYOT_OK = 0,

    /* 1 to 99: the call itself. */
    /// A pointer is NULL that must not be.
    EYOT_NULL_POINTER = 1,
    /// A text is not UTF-8.
    EYOT_UTF8 = 2,
    /// A number, flag or length is none that the function takes.
    EYOT_ARGUMENT = 3,
    /// A struct's `size` is none that a caller of this header can have: initialise it with its `_INIT` macro.
    EYOT_STRUCT_SIZE = 4,
    /// The object has done its work: a splitter after its end or after an error.
    EYOT_FINISHED = 5,
    /// There is no element of that index or name.
    EYOT_NOT_FOUND = 6,
    /// The caller's memory is too small.
    EYOT_BUFFER_TOO_SMALL = 7,
    /// Not an error: the request, or the handler's answer, is refused, and the reply to send instead is written.
    EYOT_REFUSED = 8,
    /// A defect in eyot. The object may be freed, and must not be used for anything else.
    EYOT_PANIC = 99,

    /* 100 to 199: configuration. */
    /// A name that is no island's name.
    EYOT_NAME_INVALID = 100,
    /// A name that is not declared.
    EYOT_NAME_UNKNOWN = 101,
    /// A name declared twice.
    EYOT_NAME_TWICE = 102,
    /// An option with an unusable value.
    EYOT_OPTION = 103,

    /* 200 to 299: keys. */
    /// No key at all.
    EYOT_KEY_MISSING = 200,
    /// A key that is not standard base64.
    EYOT_KEY_ENCODING = 201,
    /// A key that has not 32 bytes.
    EYOT_KEY_LENGTH = 202,
    /// A key that anybody could guess.
    EYOT_KEY_WEAK = 203,
    /// A key that stands in the list already.
    EYOT_KEY_TWICE = 204,
    /// A framework secret that no key can be derived from.
    EYOT_SECRET_WEAK = 205,

    /* 300 to 399: tokens. */
    /// More content than a token holds.
    EYOT_PAYLOAD_TOO_LARGE = 300,
    /// An expiry after the year 2106.
    EYOT_EXPIRY_RANGE = 301,
    /// The system gave no randomness, or no time.
    EYOT_ENTROPY = 302,
    /// A token that is damaged, forged or for another island; the error's code tells which, for the log alone.
    EYOT_TOKEN_BAD = 303,
    /// A token that has expired, or whose key is not in the ring.
    EYOT_TOKEN_STALE = 304,

    /* 400 to 499: props. */
    /// Not one JSON object, or a member that cannot be one.
    EYOT_PROPS = 400,
    /// A member of another type.
    EYOT_PROPS_TYPE = 401,

    /* 500 to 599: pages. */
    /// A page that cannot be split; the error tells the place, and its code what is wrong.
    EYOT_MARKUP = 500,
}
