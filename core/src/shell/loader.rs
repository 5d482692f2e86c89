//! Where in a page the loader's tags go: always between two tokens, never inside a tag, and never where a browser would
//! not run them.

/// A place between two tokens of the page, as an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot(usize);

impl Spot {
    /// The place for a page whose first island begins at `island`: before `</head>` where that came before it, else before
    /// the outermost element that is open around it and in which no script is run (`template`, svg, math), else before
    /// the island itself. Each of the three is the start of a tag.
    pub(crate) fn before(island: usize, head_end: Option<usize>, enclosure: Option<usize>) -> Self {
        Self(head_end.filter(|at| *at < island).or(enclosure).unwrap_or(island))
    }

    pub(crate) fn offset(self) -> usize {
        self.0
    }
}

/// How far the loader's tags are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loader {
    /// No island has come yet.
    #[default]
    Waiting,
    /// A whole page: the tags are put in once it has been read, since a later part may bring tags of its own. With the
    /// number of segments that come before the first island.
    At(Spot, usize),
    /// A stream whose first island is in an element in which no script is run: the tags go after that.
    AfterEnclosure,
    /// They are written, or there are to be none.
    Done,
}
