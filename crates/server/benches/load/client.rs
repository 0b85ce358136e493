//! A client that costs little: one socket for each caller, requests written by hand, answers read to
//! their `Content-Length` and no further.

use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::net::TcpStream;

pub struct Client {
    stream: TcpStream,
    /// What came in so far, and how much of it is filled.
    buffer: Vec<u8>,
    filled: usize,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        Client { stream, buffer: vec![0; 16 * 1024], filled: 0 }
    }

    /// Sends a request and reads its answer: the status, and the body.
    pub async fn send(&mut self, request: &[u8]) -> (u16, &[u8]) {
        self.write(request).await;
        self.filled = 0;
        loop {
            self.read().await;
            if let Some((status, body)) = complete(&self.buffer[..self.filled]) {
                return (status, &self.buffer[body..self.filled]);
            }
        }
    }

    async fn write(&self, mut rest: &[u8]) {
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.stream.writable().await.expect("a writable socket");
                }
                outcome => rest = &rest[outcome.expect("a request that can be sent")..],
            }
        }
    }

    async fn read(&mut self) {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        loop {
            self.stream.readable().await.expect("a readable socket");
            match self.stream.try_read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                outcome => {
                    let count = outcome.expect("an answer");
                    assert!(count > 0, "the server closed the connection");
                    self.filled += count;
                    return;
                }
            }
        }
    }
}

/// A request as it goes over the wire.
pub fn request(method: &str, target: &str, token: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: bench.example\r\nAuthorization: Bearer {token}\r\n\
         Accept: application/scim+json\r\nUser-Agent: provost-bench\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The status, and where the body begins, once all of it is there.
fn complete(answer: &[u8]) -> Option<(u16, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).expect("a head of ASCII");
    let status = head[9..12].parse().expect("a status");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse::<usize>().expect("a length"))
    });
    let body = end + 4;
    (answer.len() >= body + length.unwrap_or(0)).then_some((status, body))
}
