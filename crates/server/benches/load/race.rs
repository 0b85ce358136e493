//! Contestants that take turns: in every round each runs for the same short time, so that what else
//! happens on the machine hits all of them. Ratios are taken within a round; the median is reported.

use crate::client::Client;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

type Done = Pin<Box<dyn Future<Output = ()> + Send>>;
type Make = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;
type Call = Arc<dyn Fn(u64) -> Done + Send + Sync>;

/// One thing that is measured.
pub struct Contestant {
    pub name: String,
    work: Work,
    /// Numbers the calls over all rounds: no two ever get the same.
    next: Arc<AtomicU64>,
    pub samples: Vec<Sample>,
}

#[derive(Clone)]
enum Work {
    /// Requests to a server: `make` writes the one of a number.
    Http { address: SocketAddr, make: Make, status: u16 },
    /// Calls within the process, on the runtime of the servers.
    Inside(Call),
}

/// What one turn gave.
#[derive(Clone, Copy)]
pub struct Sample {
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
}

/// How long a race is, and where its clients run.
pub struct Rules {
    pub callers: usize,
    pub rounds: usize,
    pub turn: Duration,
    pub clients: Handle,
}

impl Contestant {
    pub fn http(
        name: impl Into<String>,
        address: SocketAddr,
        status: u16,
        make: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
    ) -> Contestant {
        let make = Arc::new(make);
        Contestant::new(name.into(), Work::Http { address, make, status })
    }

    pub fn inside<F: Future<Output = ()> + Send + 'static>(
        name: impl Into<String>,
        call: impl Fn(u64) -> F + Send + Sync + 'static,
    ) -> Contestant {
        let call: Call = Arc::new(move |number| Box::pin(call(number)));
        Contestant::new(name.into(), Work::Inside(call))
    }

    fn new(name: String, work: Work) -> Contestant {
        Contestant { name, work, next: Arc::new(AtomicU64::new(0)), samples: Vec::new() }
    }

    async fn turn(&self, rules: &Rules, length: Duration) -> Sample {
        let end = Instant::now() + length;
        let callers: Vec<_> = (0..rules.callers)
            .map(|_| {
                let (work, next) = (self.work.clone(), Arc::clone(&self.next));
                match work {
                    Work::Http { address, make, status } => {
                        rules.clients.spawn(call(address, make, status, next, end))
                    }
                    Work::Inside(call) => tokio::spawn(repeat(call, next, end)),
                }
            })
            .collect();
        let started = Instant::now();
        let mut times = Vec::new();
        for caller in callers {
            times.extend(caller.await.expect("a caller that gets its answers"));
        }
        Sample::of(times, started.elapsed())
    }
}

async fn call(
    address: SocketAddr,
    make: Make,
    status: u16,
    next: Arc<AtomicU64>,
    end: Instant,
) -> Vec<f64> {
    let mut client = Client::connect(address).await;
    let mut times = Vec::new();
    while Instant::now() < end {
        let request = make(next.fetch_add(1, Ordering::Relaxed));
        let sent = Instant::now();
        let (got, body) = client.send(&request).await;
        times.push(sent.elapsed().as_secs_f64());
        assert_eq!(got, status, "{}", String::from_utf8_lossy(body));
    }
    times
}

async fn repeat(call: Call, next: Arc<AtomicU64>, end: Instant) -> Vec<f64> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let begun = Instant::now();
        call(next.fetch_add(1, Ordering::Relaxed)).await;
        times.push(begun.elapsed().as_secs_f64());
    }
    times
}

impl Sample {
    fn of(mut times: Vec<f64>, elapsed: Duration) -> Sample {
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        Sample { per_second: times.len() as f64 / elapsed.as_secs_f64(), p50: at(50), p99: at(99) }
    }
}

/// Runs all in turn; a short round before the first warms up.
pub async fn race(rules: &Rules, contestants: &mut [Contestant]) {
    for round in 0..=rules.rounds {
        let length = if round == 0 { rules.turn / 4 } else { rules.turn };
        for contestant in contestants.iter_mut() {
            let sample = contestant.turn(rules, length).await;
            if round > 0 {
                contestant.samples.push(sample);
            }
        }
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How many times as fast `a` was as `b`: the median over the rounds.
pub fn times_as_fast(a: &Contestant, b: &Contestant) -> f64 {
    let pairs = a.samples.iter().zip(&b.samples);
    median(pairs.map(|(a, b)| a.per_second / b.per_second).collect())
}
