//! What the two stations decide about one exchange, decided once: the host tells what it has and is told what to do, and
//! moves the bytes. Nothing here reads a socket, a clock or randomness.
//!
//! | file | owns |
//! | --- | --- |
//! | `page.rs` | the way out of a page through the inner station: whole, in chunks, compressed, in part, faulty |
//! | `stream.rs` | a page that goes out as it comes, to its end or to where it is cut |
//! | `event.rs` | what is to be logged |
//! | `own.rs` | islands whose answers hold themselves |
//! | `shown.rs` | the pages that are shown instead while debugging |

mod event;
mod own;
mod page;
mod shown;
mod stream;

pub use event::{Event, Level};
pub use page::{PageOut, PageRules, Sent, Size, Step};
pub use shown::leak_page;
pub use stream::Flow;
