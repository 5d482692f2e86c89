//! What stands in the shell where an island will be.

/// An island's options: the `server:*` attributes other than `defer` and `props`.
#[derive(Debug, Clone, Default)]
pub struct Options {}
