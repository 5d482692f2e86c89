//! eyot: server islands for every web server.
//!
//! A page that is the same for everybody but for an avatar and a cart count belongs on a CDN. eyot splits such a page
//! into a cacheable *shell* with *placeholders*, seals each island's props into a *token*, and opens the token again when
//! the browser asks for the island, so that the host's own handler renders it. The crate opens no socket, reads no file,
//! no clock and no environment: time and randomness enter as arguments ([`Context`]).
//!
//! | to | see |
//! | --- | --- |
//! | configure, and reach everything else | [`Islands`] |
//! | split a page | [`Islands::split`], [`Splitter`], [`Prepared`] |
//! | write one placeholder | [`Islands::placeholder`], [`Islands::attributes`] |
//! | answer an island request | [`Islands::route`], [`http::Pending::open`] |
//! | make a shell cacheable | [`http::ShellPolicy`] |
//! | keys and tokens alone | [`KeyRing`], [`Token`] |
//! | be told what to do with a response that may be a page | [`exchange::PageOut`] |
//! | see what a browser makes of a shell | `audit::audit`, with the feature `audit` |
//!
//! # A whole server
//!
//! Everything that a host does, in one function that answers a request. A real server has a framework's routes around it,
//! and reads its keys from `EYOT_KEYS`.
//!
//! ```
//! use std::io::{BufRead, BufReader, Write};
//! use std::net::{TcpListener, TcpStream};
//! use std::time::{SystemTime, UNIX_EPOCH};
//!
//! use eyot::http::{Edit, Head, Reply, Response, Route};
//! use eyot::{Context, Islands, KeyRing};
//!
//! const PAGE: &str = r#"<!doctype html><title>Shop</title>
//!     <p>Your cart: <CartCount server:defer><i slot="fallback">…</i></CartCount></p>"#;
//!
//! fn answer(islands: &Islands, target: &str, headers: &[(&str, &[u8])], now: u64) -> Vec<u8> {
//!     let head = Head::new("GET", target.as_bytes()).with_headers(headers);
//!     let pending = match islands.route(&head) {
//!         // The page: the same for everyone, so a CDN may keep it.
//!         None => {
//!             let shell = islands.split(PAGE.as_bytes(), &Context::at(now)).expect("a page without faults");
//!             let lines = "Content-Type: text/html\r\nCache-Control: public, max-age=0, s-maxage=600\r\n";
//!             return message(200, lines, &shell.into_bytes());
//!         }
//!         Some(Route::File(reply) | Route::Preflight(reply)) => return sent(&reply),
//!         Some(Route::Refusal(refusal)) => return sent(&refusal.reply),
//!         Some(Route::Pending(pending)) => pending,
//!         Some(_) => return message(500, "", b""),
//!     };
//!     // An island: what its handler says about this visitor.
//!     let mut buffer = Vec::new();
//!     let html = match pending.open(islands, b"", "", now, &mut buffer) {
//!         Ok(island) => match island.name.as_str() {
//!             "CartCount" => "<b>3</b>",
//!             name => unreachable!("{name} is not declared"),
//!         },
//!         Err(refusal) => return sent(&refusal.reply),
//!     };
//!     let outcome = pending.finish(islands, &Response::new(200, &[]).with_body(html.as_bytes())).expect("an island");
//!     let lines = outcome.edits.iter().map(|edit| match edit {
//!         Edit::Set(name, value) => format!("{name}: {value}\r\n"),
//!         Edit::Remove(_) => String::new(),
//!     });
//!     message(outcome.status, &lines.collect::<String>(), html.as_bytes())
//! }
//!
//! fn sent(reply: &Reply) -> Vec<u8> {
//!     let lines = reply.headers.iter().filter(|(name, _)| *name != "Content-Length");
//!     let lines: String = lines.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
//!     message(reply.status, &lines, &reply.body)
//! }
//!
//! fn message(status: u16, lines: &str, body: &[u8]) -> Vec<u8> {
//!     let head = format!("HTTP/1.1 {status} \r\n{lines}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
//!     [head.as_bytes(), body].concat()
//! }
//!
//! fn serve(islands: &Islands, mut stream: TcpStream) -> std::io::Result<()> {
//!     let mut lines = BufReader::new(stream.try_clone()?).lines();
//!     let request = lines.next().unwrap_or(Ok(String::new()))?;
//!     let target = request.split(' ').nth(1).unwrap_or("/").to_owned();
//!     let fields: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
//!     let fields = fields.iter().filter_map(|line| line.split_once(':'));
//!     let headers: Vec<_> = fields.map(|(name, value)| (name, value.trim().as_bytes())).collect();
//!     let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
//!     stream.write_all(&answer(islands, &target, &headers, now))
//! }
//!
//! let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
//! let islands = Islands::builder(keys).island("CartCount").build()?;
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! # let address = listener.local_addr()?;
//! # let visitor = std::thread::spawn(move || -> std::io::Result<[String; 2]> {
//! #     let get = |target: &str| {
//! #         let mut stream = TcpStream::connect(address)?;
//! #         write!(stream, "GET {target} HTTP/1.1\r\nHost: shop.example\r\n\r\n")?;
//! #         std::io::read_to_string(stream)
//! #     };
//! #     let page = get("/")?;
//! #     let url = page.split("island-src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("/").to_owned();
//! #     Ok([page, get(&url)?])
//! # });
//! # let mut served = 0;
//! for stream in listener.incoming() {
//!     serve(&islands, stream?)?;
//! #   served += 1;
//! #   if served == 2 { break; }
//! }
//! # let [page, island] = visitor.join().expect("no panic")?;
//! # assert!(page.contains("s-maxage=600") && page.contains("<i>…</i>"));
//! # assert!(island.contains("Island: CartCount") && island.ends_with("<b>3</b>"), "{island}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod assembly;
pub mod assets;
#[cfg(feature = "audit")]
pub mod audit;
mod builder;
mod config;
mod context;
pub mod duration;
mod error;
pub mod exchange;
pub mod html;
pub mod http;
mod identity;
mod islands;
mod mount;
mod name;
mod nearest;
pub mod options;
mod origin;
pub mod paths;
pub mod placeholder;
pub mod props;
mod redacted;
pub mod seal;
pub mod shell;
mod simd;

pub use builder::Builder;
pub use context::{Context, Entropy, EntropyError, Page};
pub use error::{Error, Position};
pub use identity::IDENTITY_HEADERS;
pub use islands::Islands;
pub use mount::{Mount, MountProblem};
pub use name::IslandName;
pub use nearest::nearest;
pub use origin::{Origin, OriginProblem};
pub use placeholder::{Options, Slots};
pub use props::Props;
pub use seal::{KeyRing, Sealing, Token};
pub use shell::{Diagnostic, DiagnosticKind, Prepared, Shell, Splitter};
