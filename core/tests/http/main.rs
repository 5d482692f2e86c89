//! `eyot::http` as a host uses it: requests and responses, described by their heads.

mod fixture;
mod island_responses;
mod outcomes;
mod page_kinds;
mod policy;
mod requests;
