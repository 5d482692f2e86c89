"""The conformance suite: one table of exchanges, run from outside against every host."""
