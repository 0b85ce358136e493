//! Sending: the headers of each engine, and its patience with 429 and 5xx. It does not know what a
//! request means; what was sent is kept in `log`.

use std::error::Error as _;
use std::time::{Duration, Instant};

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::Value;

use crate::address::{Base, Encoding};
use crate::answer::{Answer, Fault};
use crate::error::Error;
use crate::log::Log;
use crate::report::Exchange;
use crate::target::{Auth, Pace, Target};

/// Okta's socket timeout. Entra publishes none.
const TIMEOUT: Duration = Duration::from_secs(60);
const MOST_TRIES: u32 = 10;
const MOST_TRANSIENT_TRIES: u32 = 3;
const SCIM_JSON: &str = "application/scim+json; charset=utf-8";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Okta,
    Entra,
}

pub(crate) struct Wire {
    client: Client,
    base: Base,
    engine: Engine,
    pace: Pace,
    authorization: HeaderValue,
    pub(crate) log: Log,
}

/// A request; `tail` is the path below the base URL, with its query.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    tail: String,
    body: Option<Value>,
    /// Without `Accept` and `Content-Type`, as Entra tests a connection.
    bare: bool,
}

impl Call {
    pub(crate) fn get(tail: impl Into<String>) -> Call {
        Call { method: Method::GET, tail: tail.into(), body: None, bare: false }
    }

    pub(crate) fn bare(self) -> Call {
        Call { bare: true, ..self }
    }

    pub(crate) fn delete(tail: impl Into<String>) -> Call {
        Call { method: Method::DELETE, ..Call::get(tail) }
    }

    pub(crate) fn post(tail: impl Into<String>, body: Value) -> Call {
        Call { method: Method::POST, body: Some(body), ..Call::get(tail) }
    }

    pub(crate) fn put(tail: impl Into<String>, body: Value) -> Call {
        Call { method: Method::PUT, ..Call::post(tail, body) }
    }

    pub(crate) fn patch(tail: impl Into<String>, body: Value) -> Call {
        Call { method: Method::PATCH, ..Call::post(tail, body) }
    }

    fn exchange(&self, status: u16, answer: Option<Value>, elapsed: Duration) -> Exchange {
        Exchange {
            method: self.method.to_string(),
            path: self.tail.clone(),
            body: self.body.clone(),
            status,
            answer,
            millis: elapsed.as_secs_f64() * 1_000.0,
        }
    }

    fn title(&self) -> String {
        format!("{} {}", self.method, self.tail)
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("Wire");
        shown.field("base", &self.base).field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn open(target: &Target, engine: Engine, pace: Pace) -> Result<Wire, Error> {
        let bad = |value: &str, reason: &str| Error::BadTarget {
            value: value.to_owned(),
            reason: reason.to_owned(),
        };
        let base = Base::parse(&target.base_url)?;
        let credential = match target.auth {
            Auth::Bearer => format!("Bearer {}", target.token.trim()),
            Auth::Raw => target.token.trim().to_owned(),
        };
        let mut authorization = HeaderValue::from_str(&credential)
            .map_err(|_| bad("--token", "a token is printable ASCII without line breaks"))?;
        authorization.set_sensitive(true);
        // A redirected POST would arrive as a GET somewhere else: the real engines fail the task.
        let mut builder = Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(8);
        if base.loopback {
            builder = builder.no_proxy();
        }
        if !base.tls {
            // Reading the machine's certificates takes time and is for nothing here.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| bad(base.as_str(), &innermost(&error)))?;
        Ok(Wire { client, base, engine, pace, authorization, log: Log::default() })
    }

    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        self.base.has_flag(flag)
    }

    pub(crate) fn encoding(&self) -> Encoding {
        match self.engine {
            Engine::Okta => Encoding::Percent,
            Engine::Entra => Encoding::Plus,
        }
    }

    pub(crate) async fn send(&self, call: Call) -> Result<Answer, Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (answer, retry_after) = self.attempt(&call).await?;
            match self.wait_before_retry(answer.status, retry_after, tries) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Ok(answer),
            }
        }
    }

    /// `None` when the answer is final.
    fn wait_before_retry(
        &self,
        status: u16,
        retry_after: Option<u32>,
        tries: u32,
    ) -> Option<Duration> {
        let doubled = |first: Duration| first.saturating_mul(1 << (tries - 1).min(20));
        let wait = match (status, self.engine) {
            (429, _) if tries >= MOST_TRIES => return None,
            (429, engine) => match (retry_after, engine) {
                (Some(seconds), _) => self.pace.second.saturating_mul(seconds),
                (None, Engine::Okta) => doubled(self.pace.first_wait),
                (None, Engine::Entra) => doubled(self.pace.transient_wait),
            },
            // Entra takes these as transient; 501 is an answer. Okta opens a failed task at once.
            (500 | 502..=599, Engine::Entra) if tries < MOST_TRANSIENT_TRIES => {
                doubled(self.pace.transient_wait)
            }
            _ => return None,
        };
        Some(wait.min(self.pace.longest))
    }

    /// One request on the wire, recorded.
    async fn attempt(&self, call: &Call) -> Result<(Answer, Option<u32>), Fault> {
        let url = self.base.join(&call.tail);
        let mut request = self.client.request(call.method.clone(), url).headers(self.headers(call));
        if let Some(body) = &call.body {
            request = request.body(body.to_string());
        }
        let started = Instant::now();
        let outcome = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                // An HTTP date is ignored, as Okta ignores it.
                let retry_after = response.headers().get(header::RETRY_AFTER);
                let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
                response.bytes().await.map(|bytes| (status, retry_after, bytes))
            }
            Err(error) => Err(error),
        };
        let elapsed = started.elapsed();
        match outcome {
            Ok((status, retry_after, bytes)) => {
                let answer = read(call, status, &bytes);
                self.log.record(call.exchange(status, answer.body.clone(), elapsed));
                self.log
                    .count_in_vain((status == 401).then(|| answer.fault("the token was refused")));
                Ok((answer, retry_after))
            }
            Err(error) => {
                let detail = if error.is_timeout() {
                    format!("no answer within {} seconds", TIMEOUT.as_secs())
                } else {
                    innermost(&error)
                };
                let fault = Fault { request: call.title(), status: 0, detail };
                self.log.record(call.exchange(0, None, elapsed));
                self.log.count_in_vain(Some(fault.clone()));
                Err(fault)
            }
        }
    }

    fn headers(&self, call: &Call) -> HeaderMap {
        const ACCEPT_CHARSET: HeaderName = HeaderName::from_static("accept-charset");
        let fixed = HeaderValue::from_static;
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        match self.engine {
            Engine::Okta => {
                headers.insert(header::ACCEPT, fixed("application/scim+json"));
                headers.insert(ACCEPT_CHARSET, fixed("utf-8"));
                headers.insert(header::CONTENT_TYPE, fixed(SCIM_JSON));
                headers.insert(header::USER_AGENT, fixed("Okta SCIM Client 1.0.0"));
                headers.insert(header::CONNECTION, fixed("Keep-Alive"));
            }
            Engine::Entra if call.bare => {}
            Engine::Entra => {
                headers.insert(header::ACCEPT, fixed("application/scim+json"));
                if call.body.is_some() {
                    headers.insert(header::CONTENT_TYPE, fixed(SCIM_JSON));
                }
            }
        }
        headers
    }

    /// An error once the server has been gone, or has refused the token, for a while.
    pub(crate) fn check_alive(&self) -> Result<(), Error> {
        self.log.find_last_straw().map_or(Ok(()), |fault| Err(self.error(fault)))
    }

    /// What a fault means when it ends the run.
    pub(crate) fn error(&self, fault: Fault) -> Error {
        let Fault { request, status, detail } = fault;
        match status {
            0 => Error::Unreachable { url: self.base.as_str().to_owned(), reason: detail },
            401 | 403 => Error::Unauthorized { request, status, detail },
            _ => Error::NotScim { request, status, reason: detail },
        }
    }
}

fn read(call: &Call, status: u16, bytes: &[u8]) -> Answer {
    let body: Option<Value> = serde_json::from_slice(bytes).ok();
    let garbage = (body.is_none() && !bytes.is_empty()).then(|| {
        let text = String::from_utf8_lossy(bytes);
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect()
    });
    Answer { request: call.title(), status, body, garbage }
}

/// The cause at the bottom: the layers above it only repeat the URL.
fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}
