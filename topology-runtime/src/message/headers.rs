//! The headers that carry a trace from process to process.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use super::{TraceContext, TraceState};

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

/// Where the trace headers of a request can be read: a map of names to texts,
/// or `http::HeaderMap` with the feature `http`.
pub trait ReadHeaders {
    /// The values of the headers of this name, whatever its case, in the order
    /// they came in. What is no text is left out.
    fn values<'h>(&'h self, name: &str) -> impl Iterator<Item = &'h str>;
}

/// Where the trace headers of a request can be written.
pub trait WriteHeaders {
    /// Writes the only header of this name. The value is ASCII without control
    /// characters.
    fn set(&mut self, name: &'static str, value: &str);

    /// Leaves no header of this name.
    fn remove(&mut self, name: &'static str);
}

impl TraceContext {
    /// The context that a request's headers name; `None` if there is no
    /// `traceparent`, more than one, or one that cannot be read. A `tracestate`
    /// that cannot be read is dropped, as a whole if it came in several headers.
    pub fn extract(headers: &impl ReadHeaders) -> Option<Self> {
        let mut parents = headers.values(TRACEPARENT);
        let parent = parents.next()?;
        if parents.next().is_some() {
            return None;
        }
        let context = Self::parse(parent, None).ok()?;
        let state = TraceState::parse_all(headers.values(TRACESTATE));
        Some(context.with_state(state.unwrap_or_default()))
    }

    /// Writes the headers that continue the trace elsewhere, below the current
    /// span: `traceparent`, and `tracestate` if there are vendor members.
    pub fn inject(&self, headers: &mut impl WriteHeaders) {
        headers.set(TRACEPARENT, &self.traceparent());
        if self.state().is_empty() {
            headers.remove(TRACESTATE);
        } else {
            headers.set(TRACESTATE, &self.state().to_string());
        }
    }
}

fn named<'h>(
    headers: impl Iterator<Item = (&'h String, &'h String)>,
    name: &str,
) -> impl Iterator<Item = &'h str> {
    headers.filter_map(move |(other, value)| {
        other.eq_ignore_ascii_case(name).then_some(value.as_str())
    })
}

impl<B: BuildHasher> ReadHeaders for HashMap<String, String, B> {
    fn values<'h>(&'h self, name: &str) -> impl Iterator<Item = &'h str> {
        named(self.iter(), name)
    }
}

impl<B: BuildHasher> WriteHeaders for HashMap<String, String, B> {
    fn set(&mut self, name: &'static str, value: &str) {
        WriteHeaders::remove(self, name);
        self.insert(name.to_owned(), value.to_owned());
    }

    fn remove(&mut self, name: &'static str) {
        self.retain(|other, _| !other.eq_ignore_ascii_case(name));
    }
}

impl ReadHeaders for BTreeMap<String, String> {
    fn values<'h>(&'h self, name: &str) -> impl Iterator<Item = &'h str> {
        named(self.iter(), name)
    }
}

impl WriteHeaders for BTreeMap<String, String> {
    fn set(&mut self, name: &'static str, value: &str) {
        WriteHeaders::remove(self, name);
        self.insert(name.to_owned(), value.to_owned());
    }

    fn remove(&mut self, name: &'static str) {
        self.retain(|other, _| !other.eq_ignore_ascii_case(name));
    }
}

#[cfg(feature = "http")]
impl ReadHeaders for http::HeaderMap {
    fn values<'h>(&'h self, name: &str) -> impl Iterator<Item = &'h str> {
        let values = self.get_all(name).into_iter();
        values.filter_map(|value| value.to_str().ok())
    }
}

#[cfg(feature = "http")]
impl WriteHeaders for http::HeaderMap {
    fn set(&mut self, name: &'static str, value: &str) {
        match http::HeaderValue::from_str(value) {
            Ok(value) => drop(self.insert(name, value)),
            // A trace that is cut is better than a request that is not made.
            Err(_) => drop(self.remove(name)),
        }
    }

    fn remove(&mut self, name: &'static str) {
        Self::remove(self, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    fn map(headers: &[(&str, &str)]) -> HashMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        headers.iter().map(owned).collect()
    }

    #[test]
    fn what_was_written_is_read_again() {
        let context = TraceContext::parse(PARENT, Some("a=1,b=2")).unwrap();
        let mut headers = map(&[("Traceparent", "old"), ("TRACESTATE", "old=1")]);
        context.inject(&mut headers);
        assert_eq!(
            headers,
            map(&[("traceparent", PARENT), ("tracestate", "a=1,b=2")])
        );
        assert_eq!(TraceContext::extract(&headers), Some(context));
    }

    #[test]
    fn vendor_members_of_another_trace_do_not_stay() {
        let context = TraceContext::parse(PARENT, None).unwrap();
        let mut headers: BTreeMap<_, _> = map(&[("Tracestate", "old=1")]).into_iter().collect();
        context.inject(&mut headers);
        assert_eq!(
            headers.into_iter().collect::<HashMap<_, _>>(),
            map(&[("traceparent", PARENT)])
        );
    }

    #[test]
    fn names_are_read_in_any_case() {
        let context =
            TraceContext::extract(&map(&[("TraceParent", PARENT), ("TraceState", "a=1")]));
        assert_eq!(context, TraceContext::parse(PARENT, Some("a=1")).ok());
    }

    #[test]
    fn what_cannot_be_read_is_no_context() {
        assert_eq!(TraceContext::extract(&map(&[])), None);
        assert_eq!(TraceContext::extract(&map(&[("tracestate", "a=1")])), None);
        assert_eq!(
            TraceContext::extract(&map(&[("traceparent", "00-zz")])),
            None
        );
        let twice = map(&[("traceparent", PARENT), ("Traceparent", PARENT)]);
        assert_eq!(TraceContext::extract(&twice), None);
        let broken = map(&[("traceparent", PARENT), ("tracestate", "no equals sign")]);
        assert_eq!(
            TraceContext::extract(&broken),
            TraceContext::parse(PARENT, None).ok()
        );
    }

    #[cfg(feature = "http")]
    #[test]
    fn http_headers_of_one_name_count_as_one() {
        let mut headers = http::HeaderMap::new();
        headers.insert("traceparent", PARENT.parse().unwrap());
        headers.append("tracestate", "a=1".parse().unwrap());
        headers.append("tracestate", "b=2".parse().unwrap());
        let context = TraceContext::extract(&headers).unwrap();
        assert_eq!(
            context,
            TraceContext::parse(PARENT, Some("a=1,b=2")).unwrap()
        );
        context.inject(&mut headers);
        assert_eq!(headers.len(), 2);
        assert_eq!(headers["tracestate"], "a=1,b=2");
        TraceContext::parse(PARENT, None)
            .unwrap()
            .inject(&mut headers);
        assert_eq!(headers.len(), 1);
        headers.append("traceparent", PARENT.parse().unwrap());
        assert_eq!(TraceContext::extract(&headers), None);
    }
}
