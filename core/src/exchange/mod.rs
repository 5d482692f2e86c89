//! What the two stations decide about one exchange, decided once: the host tells what it has and is told what to do, and
//! moves the bytes. Nothing here reads a socket, a clock or randomness.
//!
//! | file | owns |
//! | --- | --- |
//! | `arrive.rs` | the way in: what a request is to the outer station |
//! | `asked.rs` | a request for an island, or for a page with a policy: what both stations know of it |
//! | `page.rs` | the way out of a page through the inner station: whole, in chunks, compressed, in part, faulty |
//! | `stream.rs` | a page that goes out as it comes, to its end or to where it is cut |
//! | `out.rs` | the way out through the outer station: what leaves, and what the inner one has not seen |
//! | `mark.rs` | the header in which the inner station tells the outer one that it has dealt with a response |
//! | `refused.rs` | what a refusal comes to |
//! | `event.rs` | what is to be logged |
//! | `own.rs` | islands whose answers hold themselves |
//! | `shown.rs` | the pages that are shown instead while debugging |

mod arrive;
mod asked;
mod event;
mod mark;
mod out;
mod own;
mod page;
mod refused;
mod shown;
mod stream;

pub use arrive::Arrived;
pub use asked::Exchange;
pub use event::{Event, Level};
pub use mark::MARK;
pub use out::Out;
pub use page::{PageOut, PageRules, Sent, Size, Step};
pub use stream::Flow;

/// A request's path as a browser shows it, with an island's token.
fn path_of(head: &crate::http::Head<'_>) -> String {
    crate::http::escaped(head.path)
}
