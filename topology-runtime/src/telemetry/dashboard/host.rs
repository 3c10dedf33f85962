//! For whom a request is.
//!
//! A page of elsewhere can have a name that leads to this machine, and would
//! then read what it likes. The name is all that tells it apart.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// The names that are answered.
#[derive(Clone)]
pub(super) struct Hosts {
    is_local: bool,
    named: Arc<[String]>,
}

impl Hosts {
    pub(super) fn new(served_on: IpAddr, named: Vec<String>) -> Self {
        Self {
            is_local: served_on.is_loopback(),
            named: named.into(),
        }
    }

    /// Whether a `Host` header names this machine.
    fn answers(&self, host: &str) -> bool {
        let name = without_port(host);
        let address = name.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = address.parse::<IpAddr>() {
            return address.is_loopback() || !self.is_local;
        }
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || self
                .named
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&name))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

pub(super) async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(HOST).iter();
    let host = named.next().and_then(|host| host.to_str().ok());
    let is_for_us = host.is_some_and(|host| hosts.answers(host)) && named.next().is_none();
    if is_for_us {
        return next.run(request).await;
    }
    let refusal = "This is served to names of this machine only, such as localhost.\n";
    (StatusCode::FORBIDDEN, refusal).into_response()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn local() -> Hosts {
        Hosts::new(Ipv4Addr::LOCALHOST.into(), vec!["desk.example".to_owned()])
    }

    #[test]
    fn names_of_this_machine_are_answered() {
        for host in [
            "localhost",
            "LocalHost:80",
            "orders.localhost:4000",
            "127.0.0.1",
            "127.0.0.1:4000",
            "[::1]:4000",
            "[::1]",
            "desk.example:4000",
        ] {
            assert!(local().answers(host), "{host}");
        }
    }

    #[test]
    fn names_of_elsewhere_are_not() {
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "notlocalhost",
            "192.168.0.7:4000",
            "localhost:80:80",
        ] {
            assert!(!local().answers(host), "{host}");
        }
    }

    #[test]
    fn an_address_cannot_be_made_to_lead_here_by_a_name() {
        let hosts = Hosts::new(Ipv6Addr::UNSPECIFIED.into(), Vec::new());
        assert!(hosts.answers("192.168.0.7:4000"));
        assert!(!hosts.answers("example.com"));
    }
}
