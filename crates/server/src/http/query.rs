//! Query strings, as lenient as identity providers need: unknown parameters are nobody's business.

use percent_encoding::percent_decode_str;

/// The parameters of a request, in order.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// `None` when the percent-encoding isn't UTF-8.
    #[must_use]
    pub fn parse(text: &str) -> Option<Query> {
        let decode = |part: &str| {
            let blanks = part.replace('+', " ");
            percent_decode_str(&blanks).decode_utf8().ok().map(std::borrow::Cow::into_owned)
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        });
        pairs.collect::<Option<Vec<_>>>().map(Query)
    }

    /// The first parameter of this name, in any case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every parameter of this name, in any case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn blanks_signs_and_quotes_come_as_each_client_writes_them() {
        for text in [
            "filter=userName+eq+\"a%40b.c\"&count=2",
            "filter=userName%20eq%20%22a%40b.c%22&count=2",
            "FILTER=userName%20eq%20\"a@b.c\"&count=2&aadOptscim062020",
        ] {
            let query = Query::parse(text).expect("a query");
            assert_eq!(query.get("filter"), Some("userName eq \"a@b.c\""), "{text}");
            assert_eq!(query.get("count"), Some("2"));
        }
        assert!(Query::parse("filter=%ff").is_none());
        assert_eq!(Query::parse("").expect("a query").get("filter"), None);
    }
}
