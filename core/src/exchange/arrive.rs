//! The way in: what a request is to the outer station.

use super::asked::Exchange;
use super::event::{Event, Level};
use super::{own, refused, shown};
use crate::Islands;
use crate::http::{Head, Refusal, Reply, Route, ShellPolicy};

/// What a request is to the outer station.
#[derive(Debug)]
#[must_use]
pub enum Arrived {
    /// The app's own. With what is to be logged where the request's policy was not applied.
    App(Option<Event>),
    /// Answered at once: a file, a preflight, a refusal. With the line for the log, and for whoever listens to refusals.
    Answer(Reply, Option<Event>),
    /// An island's, or that of a page with a policy.
    Exchange(Exchange),
}

impl Islands {
    /// Tells what becomes of a request, whose route has this policy, if any.
    ///
    /// `visitor` names what the layers around the outer station have put there that says who the visitor is (a session, a
    /// user, cookies that were read), if anything: behind such a layer no page is the same for everybody. While debugging that
    /// is an error; otherwise it is logged, and the policy not applied.
    ///
    /// ```
    /// use eyot::exchange::Arrived;
    /// use eyot::http::{Head, ShellPolicy};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let policy = ShellPolicy::new(0, 600)?;
    /// let Arrived::Exchange(shell) = islands.arrive(&Head::new("GET", b"/p/1"), Some(&policy), None) else { panic!("a page") };
    /// assert_eq!((shell.name(), shell.method()), (None, "GET"));
    ///
    /// let script = islands.arrive(&Head::new("GET", b"/_server-islands/loader.v1.js"), None, None);
    /// assert!(matches!(script, Arrived::Answer(reply, None) if reply.status == 200));
    ///
    /// let behind = islands.arrive(&Head::new("GET", b"/p/1"), Some(&policy), Some("request.session"));
    /// assert!(matches!(behind, Arrived::App(Some(event)) if event.code == "order-visitor"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    pub fn arrive(&self, head: &Head<'_>, policy: Option<&ShellPolicy>, visitor: Option<&str>) -> Arrived {
        match self.route(head) {
            Some(Route::File(reply) | Route::Preflight(reply)) => return Arrived::Answer(reply, None),
            Some(Route::Refusal(refusal)) => {
                let (reply, event) = self.refused(refusal, head.path);
                return Arrived::Answer(reply, Some(event));
            }
            Some(Route::Pending(pending)) => return Arrived::Exchange(Exchange::island(self, head, pending)),
            None => {}
        }
        let Some(visit) = policy.and_then(|policy| policy.incoming(self, head)) else { return Arrived::App(None) };
        match visitor.filter(|_| !visit.policy().has_cookies()) {
            Some(what) => self.behind(head, what),
            None => Arrived::Exchange(Exchange::shell(self, head, visit)),
        }
    }

    /// What a refusal of a request for `path` comes to: what the client gets, and the line for the log. For a host that finds
    /// out by itself, as of a mount point that is none.
    ///
    /// ```
    /// use eyot::http::Refusal;
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let (reply, event) = islands.refused(Refusal::mount("GET"), b"/_server-islands/CartCount/token");
    /// assert_eq!((reply.status, event.path.as_str()), (400, "/_server-islands/CartCount"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    #[must_use]
    pub fn refused(&self, refusal: Refusal, path: &[u8]) -> (Reply, Event) {
        let path = crate::http::escaped(path);
        refused::answer(refusal, None, own::logged(&path, self.prefix()), self.is_debug())
    }

    fn behind(&self, head: &Head<'_>, what: &str) -> Arrived {
        let message = format!(
            "{what} is there already where the outer station is called, so the page can be one visitor's, and its policy is \
             not applied: put eyot's outer station around sessions, sign-in and whatever reads cookies"
        );
        let code = "order-visitor";
        let reply = self.is_debug().then(|| shown::text_page(&message, code));
        let event = Event::new(Level::Error, code, &super::path_of(head), message);
        match reply {
            Some(reply) => Arrived::Answer(reply, Some(event)),
            None => Arrived::App(Some(event)),
        }
    }
}
