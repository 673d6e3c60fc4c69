//! Under which names this server is called: every request is held against them, so that a page of
//! another site, or a name that was made to point here, gets nowhere.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Uri};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The names that a server is called by besides its addresses, and the sites whose pages may call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    hosts: BTreeSet<String>,
    origins: BTreeSet<String>,
}

/// Why a request is refused before anything of it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// It is for a server of another name.
    Host,
    /// It comes from a page of another site.
    Origin,
}

impl Hosts {
    /// Takes names (`ledger.example`, `ledger.example:8443`) and origins (`https://site.example`).
    ///
    /// # Errors
    /// One is not written like that; the text says which.
    pub fn new(hosts: &[String], origins: &[String]) -> Result<Self, String> {
        let host = |host: &String| {
            let lower = host.to_ascii_lowercase();
            let is_one = split(&lower).is_some() && !lower.contains(['/', '@', '*']);
            is_one.then_some(lower).ok_or_else(|| {
                format!("{host:?} is not the name of a server: write ledger.example or ledger.example:8443")
            })
        };
        let origin = |origin: &String| {
            let lower = origin.to_ascii_lowercase();
            let rest = lower
                .strip_prefix("https://")
                .or(lower.strip_prefix("http://"));
            let is_one =
                rest.is_some_and(|rest| split(rest).is_some() && !rest.contains(['/', '@', '*']));
            is_one.then_some(lower).ok_or_else(|| {
                format!("{origin:?} is not an origin: write https://site.example, without a path")
            })
        };
        Ok(Self {
            hosts: hosts.iter().map(host).collect::<Result<_, _>>()?,
            origins: origins.iter().map(origin).collect::<Result<_, _>>()?,
        })
    }

    /// Refuses a request that is for another server or from a page of another site. `here` is the
    /// end of its connection that is ours.
    pub(crate) fn check(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        here: SocketAddr,
        tls: bool,
    ) -> Result<(), Foreign> {
        let called = called(uri, headers).ok_or(Foreign::Host)?;
        if !self.is_ours(&called, here, tls) {
            return Err(Foreign::Host);
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return Ok(());
        };
        let scheme = if tls { "https" } else { "http" };
        let own = format!("{scheme}://{called}");
        let is_listed = origin.to_str().is_ok_and(|origin| {
            // Browsers write them in lower case.
            origin == own || self.origins.contains(origin)
        });
        if is_listed && origins.next().is_none() {
            Ok(())
        } else {
            Err(Foreign::Origin)
        }
    }

    /// Returns whether a name that a server is called by is one of ours.
    fn is_ours(&self, called: &str, here: SocketAddr, tls: bool) -> bool {
        if self.hosts.contains(called) {
            return true;
        }
        let Some((name, port)) = split(called) else {
            return false;
        };
        let usual = if tls { 443 } else { 80 };
        let port = port.unwrap_or(usual);
        if port != here.port() {
            return false;
        }
        // A name without a port is ours with the one that is listened on.
        self.hosts.contains(name) || name == "localhost" || is_address(name, here.ip())
    }
}

/// Returns whether a name is the address that the connection came to, or that of loopback.
fn is_address(name: &str, here: IpAddr) -> bool {
    let literal = match name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        Some(address) => address.parse::<Ipv6Addr>().map(IpAddr::from),
        None => name.parse::<Ipv4Addr>().map(IpAddr::from),
    };
    literal.is_ok_and(|address| {
        let address = address.to_canonical();
        address == here.to_canonical()
            || address == IpAddr::V4(Ipv4Addr::LOCALHOST)
            || address == IpAddr::V6(Ipv6Addr::LOCALHOST)
    })
}

/// Returns the name that a request calls this server by, in lower case; none if it says none, more
/// than one, or one that is none.
fn called(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts
        .next()
        .map(|host| host.to_str().ok())
        .unwrap_or_default();
    let authority = uri.authority().map(http::uri::Authority::as_str);
    if hosts.next().is_some() || headers.contains_key(HOST) && host.is_none() {
        return None;
    }
    let called = match (authority, host) {
        (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other) => return None,
        (Some(called), _) | (None, Some(called)) => called.to_ascii_lowercase(),
        (None, None) => return None,
    };
    (!called.contains('@')).then_some(called)
}

/// Splits a host from its port; none where the port is none.
fn split(called: &str) -> Option<(&str, Option<u16>)> {
    let end = if called.starts_with('[') {
        called.find(']')? + 1
    } else {
        called.find(':').unwrap_or(called.len())
    };
    let (name, rest) = called.split_at_checked(end)?;
    if name.is_empty() || name.contains(['/', '?', '#', '\\']) {
        return None;
    }
    let Some(digits) = rest.strip_prefix(':') else {
        return rest.is_empty().then_some((name, None));
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some((name, Some(digits.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hosts: &Hosts, tls: bool, host: &str, origin: Option<&str>) -> Result<(), Foreign> {
        let mut request = http::Request::builder()
            .uri("/metrics")
            .header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let request = request.body(()).unwrap();
        let here = "127.0.0.1:7420".parse().unwrap();
        hosts.check(request.uri(), request.headers(), here, tls)
    }

    #[test]
    fn a_server_is_called_by_its_own_names_alone() {
        let named = ["Ledger.Example".to_owned(), "other.example:9000".to_owned()];
        let hosts = Hosts::new(&named, &[]).unwrap();
        for host in [
            "127.0.0.1:7420",
            "localhost:7420",
            "LOCALHOST:7420",
            "[::1]:7420",
            "[::ffff:127.0.0.1]:7420",
            "ledger.example",
            "ledger.example:7420",
            "other.example:9000",
        ] {
            assert_eq!(check(&hosts, false, host, None), Ok(()), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:7420",
            "localhost",
            "localhost:80",
            "localhost:7420:7420",
            "localhost:7420@evil.example",
            "localhost.evil.example:7420",
            "127.0.0.1.evil.example:7420",
            "127.0.0.2:7420",
            "127.1:7420",
            "0x7f000001:7420",
            "2130706433:7420",
            "[::1:7420",
            "[::1].evil.example:7420",
            "localhost:+7420",
            "localhost:07420x",
            "localhost:7420/",
            "other.example",
            "other.example:7420",
            "ledger.example:9000",
            "ledger.example.",
        ] {
            assert_eq!(
                check(&hosts, false, host, None),
                Err(Foreign::Host),
                "{host}"
            );
        }
    }

    #[test]
    fn a_page_calls_from_its_own_server_or_from_a_listed_site() {
        let hosts = Hosts::new(&[], &["https://site.example".to_owned()]).unwrap();
        let own = "localhost:7420";
        for (tls, origin) in [
            (false, "http://localhost:7420"),
            (true, "https://localhost:7420"),
            (false, "https://site.example"),
        ] {
            assert_eq!(check(&hosts, tls, own, Some(origin)), Ok(()), "{origin}");
        }
        for origin in [
            "",
            "null",
            "http://localhost:3000",
            "http://localhost",
            "https://localhost:7420",
            "http://127.0.0.1:7420",
            "http://[::1].evil.example",
            "http://localhost:80:evil",
            "http://localhost:7420.evil.example",
            "http://localhost:7420/",
            "https://site.example:444",
            "https://site.example.evil.example",
            "http://site.example",
            "https://site.example, http://localhost:7420",
        ] {
            let refused = check(&hosts, false, own, Some(origin));
            assert_eq!(refused, Err(Foreign::Origin), "{origin}");
        }
    }

    #[test]
    fn what_is_no_name_and_no_origin_is_refused_where_it_is_configured() {
        for host in ["", "a/b", "https://a", "*.example", "a:port", "u@a"] {
            assert!(Hosts::new(&[host.to_owned()], &[]).is_err(), "{host}");
        }
        for origin in [
            "",
            "a.example",
            "https://a.example/x",
            "ftp://a",
            "https://*.a",
        ] {
            assert!(Hosts::new(&[], &[origin.to_owned()]).is_err(), "{origin}");
        }
    }
}
