//! Status numbers.

/// What a call returns. The number of a status never changes, and is never used for another one.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_status {
    /// The call succeeded and wrote its outputs.
    EYOT_OK = 0,

    /* 1 to 99: the call itself. */
    /// An object, an output or a pointer with a length is NULL.
    EYOT_NULL_POINTER = 1,
    /// A text is not UTF-8.
    EYOT_UTF8 = 2,
    /// The function does not accept a number, flag or length.
    EYOT_ARGUMENT = 3,
    /// A struct's `size` is wrong: initialise the struct with its `_INIT` macro. Or the struct sets an option that this
    /// library is too old for.
    EYOT_STRUCT_SIZE = 4,
    /// The object is finished: a splitter after its end or after an error.
    EYOT_FINISHED = 5,
    /// There is no element with that index or name.
    EYOT_NOT_FOUND = 6,
    /// The caller's memory is too small.
    EYOT_BUFFER_TOO_SMALL = 7,
    /// Not an error: eyot refuses the request or the handler's answer, and the call wrote the reply to send instead.
    EYOT_REFUSED = 8,
    /// `now` is 0, and there is no clock, or it is wrong: set `now` to the Unix time.
    EYOT_CLOCK = 9,
    /// A defect in eyot. Free the objects of the call, and do not use them for anything else.
    EYOT_PANIC = 99,

    /* 100 to 199: configuration. */
    /// A name that islands cannot have.
    EYOT_NAME_INVALID = 100,
    /// A name that is not declared.
    EYOT_NAME_UNKNOWN = 101,
    /// A name declared twice.
    EYOT_NAME_TWICE = 102,
    /// An option with an unusable value.
    EYOT_OPTION = 103,

    /* 200 to 299: keys. */
    /// There is no key.
    EYOT_KEY_MISSING = 200,
    /// A key that is not standard base64.
    EYOT_KEY_ENCODING = 201,
    /// A key that is not 32 bytes long.
    EYOT_KEY_LENGTH = 202,
    /// A key that is easy to guess.
    EYOT_KEY_WEAK = 203,
    /// A key that is in the list twice.
    EYOT_KEY_TWICE = 204,
    /// A framework secret that is too weak to derive a key from.
    EYOT_SECRET_WEAK = 205,

    /* 300 to 399: tokens. */
    /// More content than fits into a token.
    EYOT_PAYLOAD_TOO_LARGE = 300,
    /// An expiry after the year 2106.
    EYOT_EXPIRY_RANGE = 301,
    /// The system gave no randomness.
    EYOT_ENTROPY = 302,
    /// A token that is damaged, forged or for another island. The error's code says which, for your log only.
    EYOT_TOKEN_BAD = 303,
    /// A token that has expired, or whose key is not in the ring.
    EYOT_TOKEN_STALE = 304,

    /* 400 to 499: props. */
    /// Not one JSON object, or a member that cannot be one.
    EYOT_PROPS = 400,
    /// A member of another type.
    EYOT_PROPS_TYPE = 401,

    /* 500 to 599: pages. */
    /// A page that cannot be split. The error has the place, and its code says what is wrong.
    EYOT_MARKUP = 500,
    /// An island of a page that a test assembles cannot be had. The message says which and why.
    EYOT_ASSEMBLY = 501,
}
