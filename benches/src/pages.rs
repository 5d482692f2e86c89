//! The pages that are split, and how islands get into them.

/// A page without islands.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Its file's name without `.html`.
    pub name: &'static str,
    /// The page.
    pub html: &'static str,
}

/// From the smallest to the largest; `data/README.md` says where they are from.
pub const PAGES: [Page; 3] = [
    Page { name: "rs-ch04", html: include_str!("../data/rs-ch04.html") },
    Page { name: "py-whatsnew", html: include_str!("../data/py-whatsnew.html") },
    Page { name: "rs-vec", html: include_str!("../data/rs-vec.html") },
];

/// The island that pages get: a custom element's name, so that every HTML tool takes it for an element.
pub const ISLAND: &str = "user-avatar";

/// The fallback inside it, as it stands in the shell.
pub const FALLBACK: &str = "<span>…</span>";

impl Page {
    /// The page with `count` islands, spread evenly, each right after a paragraph: any element may stand there.
    #[must_use]
    pub fn with_islands(&self, count: usize) -> String {
        let ends: Vec<usize> = self.html.match_indices("</p>").map(|(at, tag)| at + tag.len()).collect();
        let mut out = String::new();
        let mut done = 0;
        for index in 1..=count {
            let wanted = self.html.len() * index / (count + 1);
            let end = ends.iter().copied().filter(|end| *end > done).min_by_key(|end| end.abs_diff(wanted));
            let Some(end) = end else { break };
            out.push_str(&self.html[done..end]);
            out.push_str(&island(index));
            done = end;
        }
        out + &self.html[done..]
    }

    /// The page with `count` islands, of which the last comes after everything else: splitting has to read all of it.
    #[must_use]
    pub fn with_islands_to_its_end(&self, count: usize) -> String {
        let html = self.with_islands(count - 1);
        let (before, after) = html.rsplit_once("</body>").unwrap_or((&html, ""));
        format!("{before}{}</body>{after}", island(count))
    }
}

/// The props of the island with this number.
#[must_use]
pub fn props(index: usize) -> String {
    format!(r#"{{"size":"40","sku":"A-{index}"}}"#)
}

/// The directive whose props [`props`] gives.
fn island(index: usize) -> String {
    let fallback = FALLBACK.replacen("<span", "<span slot=\"fallback\"", 1);
    format!("<{ISLAND} server:defer size=\"40\" sku=\"A-{index}\">{fallback}</{ISLAND}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn islands_are_spread_over_the_whole_page() {
        for page in PAGES {
            let html = page.with_islands(5);
            let places: Vec<usize> = html.match_indices("<user-avatar ").map(|(at, _)| at * 12 / html.len()).collect();
            // In twelfths of the page; each island is less than one from its place.
            for (place, wanted) in places.iter().zip([2, 4, 6, 8, 10]) {
                assert!(place.abs_diff(wanted) <= 1, "{}: {places:?}", page.name);
            }
            assert_eq!(places.len(), 5, "{}", page.name);
        }
    }

    #[test]
    fn the_last_of_the_islands_may_come_after_everything_else() {
        for page in PAGES {
            let html = page.with_islands_to_its_end(5);
            assert_eq!(html.matches("<user-avatar ").count(), 5, "{}", page.name);
            let after = html.rsplit_once("</user-avatar>").map(|(_, after)| after.replace(char::is_whitespace, ""));
            assert_eq!(after.as_deref(), Some("</body></html>"), "{}", page.name);
        }
    }

    #[test]
    fn without_its_islands_a_page_is_as_it_was() {
        for page in PAGES {
            let html = (1..=5).fold(page.with_islands(5), |html, index| html.replacen(&island(index), "", 1));
            assert_eq!(html, page.html, "{}", page.name);
        }
    }
}
