//! HTTP by hand, for requests that no well-behaved client sends.

use crate::harness::{Answer, Server};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::io::{Read, Write};
use std::net::TcpStream;

impl Server {
    /// Sends exactly these headers besides the two that HTTP/1.1 needs, the target as it is written,
    /// and the body as it is.
    pub async fn by_hand(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let host = self.url.trim_start_matches("http://").to_owned();
        let mut head =
            format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let message = [head.as_bytes(), body].concat();
        let answer = tokio::task::spawn_blocking(move || exchange(&host, &message))
            .await
            .expect("an exchange");
        self.remember(method, &answer);
        answer
    }

    /// The same below `…/scim/v2`, with the token and nothing else.
    pub async fn bare(&self, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.scim_token);
        let target = self.target(path);
        let headers = [("Authorization", bearer.as_str())];
        self.by_hand(method, &target, &headers, body.as_bytes()).await
    }

    /// The path of `…/scim/v2` and what is below it, without the host.
    pub fn target(&self, path: &str) -> String {
        self.scim_url(path).split_off(self.url.len())
    }
}

fn exchange(host: &str, message: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(host).expect("a connection");
    stream.write_all(message).expect("to be heard");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).expect("a name"),
            HeaderValue::from_str(value).expect("a value"),
        );
    }
    Answer {
        status: status.and_then(|code| code.parse().ok()).expect("a status"),
        headers,
        text: body.to_owned(),
    }
}
