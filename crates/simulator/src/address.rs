//! The URL of a request: the base, which may carry a query of its own, and how each identity
//! provider writes a filter. Percent-encoding by hand, because the two differ in it.

use reqwest::Url;

use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Okta: `userName%20eq%20%22a%40b%22`.
    Percent,
    /// Entra: `userName+eq+"a%40b"`.
    Plus,
}

#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// Without a trailing slash and without the query.
    root: String,
    query: Option<String>,
    pub(crate) loopback: bool,
    pub(crate) tls: bool,
}

impl Base {
    pub(crate) fn parse(text: &str) -> Result<Base, Error> {
        let bad =
            |reason: &str| Error::BadTarget { value: text.to_owned(), reason: reason.to_owned() };
        let mut url =
            Url::parse(text.trim()).map_err(|_| bad("write it as `https://host/path/scim/v2`"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("only http and https are spoken"));
        }
        let host = url.host_str().unwrap_or_default();
        let loopback = host == "localhost"
            || host.ends_with(".localhost")
            || host.starts_with("127.")
            || host == "[::1]";
        let tls = url.scheme() == "https";
        let query = url.query().filter(|query| !query.is_empty()).map(str::to_owned);
        url.set_query(None);
        url.set_fragment(None);
        let root = url.as_str().trim_end_matches('/').to_owned();
        Ok(Base { root, query, loopback, tls })
    }

    /// `tail` is the path and the query of the request, such as `/Users?count=2&startIndex=1`.
    pub(crate) fn join(&self, tail: &str) -> String {
        match &self.query {
            Some(query) => {
                let mark = if tail.contains('?') { '&' } else { '?' };
                format!("{}{tail}{mark}{query}", self.root)
            }
            None => format!("{}{tail}", self.root),
        }
    }

    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        let mut parts = self.query.as_deref().unwrap_or_default().split('&');
        parts.any(|part| part.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case(flag)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.root
    }
}

impl Encoding {
    /// One value of a query string.
    pub(crate) fn encode(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 3 / 2);
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    out.push(char::from(byte));
                }
                b' ' if self == Self::Plus => out.push('+'),
                b'"' if self == Self::Plus => out.push('"'),
                _ => {
                    out.push('%');
                    out.push(hex_digit(byte >> 4));
                    out.push(hex_digit(byte & 15));
                }
            }
        }
        out
    }
}

fn hex_digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'A' + value - 10 })
}

/// An `id` as one segment of a path.
pub(crate) fn segment(id: &str) -> String {
    Encoding::Percent.encode(id)
}

/// `attribute eq "value"`, the value as a JSON string.
pub(crate) fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", serde_json::Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_write_a_filter_their_own_way() {
        let filter = equals("userName", "test.user@okta.local");
        let okta = "userName%20eq%20%22test.user%40okta.local%22";
        assert_eq!(Encoding::Percent.encode(&filter), okta);
        assert_eq!(Encoding::Plus.encode(&filter), "userName+eq+\"test.user%40okta.local\"");
        assert_eq!(Encoding::Plus.encode("Café & co+"), "Caf%C3%A9+%26+co%2B");
        assert_eq!(equals("displayName", "a \"b\" \\"), r#"displayName eq "a \"b\" \\""#);
    }

    #[test]
    fn the_query_of_the_base_stays_out_of_the_path() {
        let base = Base::parse("http://127.0.0.1:1/scim/v2/?aadOptscim062020").unwrap();
        assert_eq!(base.join("/Users"), "http://127.0.0.1:1/scim/v2/Users?aadOptscim062020");
        let page = "http://127.0.0.1:1/scim/v2/Users?count=2&aadOptscim062020";
        assert_eq!(base.join("/Users?count=2"), page);
        assert!(base.has_flag("aadOptscim062020") && !base.has_flag("other"));
        assert!(base.loopback);
        assert!(Base::parse("ftp://host/x").is_err() && Base::parse("scim/v2").is_err());
    }
}
