//! What a sound topology obeys: a page for each rule, with what it rejects and
//! what it accepts instead.
//!
//! A compile error names the rule that it is about, and `cargo topology explain
//! RULE` prints its page. Errors cannot be waived. Notes are warnings, and can,
//! on the statement they concern, with a reason:
//! `#[allow(idle_boundary, reason = "the queue takes bursts")]`.
//!
//! The modules are empty, and only in the documentation.

topology_macros::rules!();
