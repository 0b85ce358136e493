//! The record of a run: what was sent and how long it took, and which tasks failed. Shared by the
//! requests under way; it decides nothing.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::answer::Fault;
use crate::report::{Exchange, Failure, Report, percentile};

const RING: usize = 512;
const MOST_FAILURES: usize = 1_000;
/// After so many requests in a row without an answer, or with 401, the run is given up.
const MOST_IN_VAIN: u32 = 10;

#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    ring: VecDeque<Exchange>,
    /// Of every request, in microseconds.
    latencies: Vec<u32>,
    requests: u64,
    creates: u64,
    writes: u64,
    failed: u64,
    failures: Vec<Failure>,
    in_vain: u32,
    last_fault: Option<Fault>,
}

impl Log {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record(&self, exchange: Exchange) {
        let mut entries = self.entries();
        entries.requests += 1;
        entries.writes += u64::from(exchange.method != "GET");
        entries.creates += u64::from(exchange.method == "POST" && exchange.status == 201);
        entries.latencies.push((exchange.millis * 1_000.0) as u32);
        if entries.ring.len() == RING {
            entries.ring.pop_front();
        }
        entries.ring.push_back(exchange);
    }

    pub(crate) fn count_in_vain(&self, fault: Option<Fault>) {
        let mut entries = self.entries();
        entries.in_vain = if fault.is_some() { entries.in_vain + 1 } else { 0 };
        entries.last_fault = fault;
    }

    /// The fault after which it makes no sense to go on.
    pub(crate) fn find_last_straw(&self) -> Option<Fault> {
        let entries = self.entries();
        if entries.in_vain < MOST_IN_VAIN { None } else { entries.last_fault.clone() }
    }

    pub(crate) fn fail(&self, failure: Failure) -> Failure {
        let mut entries = self.entries();
        entries.failed += 1;
        if entries.failures.len() < MOST_FAILURES {
            entries.failures.push(failure.clone());
        }
        failure
    }

    pub(crate) fn writes(&self) -> u64 {
        self.entries().writes
    }

    pub(crate) fn failed(&self) -> u64 {
        self.entries().failed
    }

    pub(crate) fn transcript(&self) -> Vec<Exchange> {
        self.entries().ring.iter().cloned().collect()
    }

    pub(crate) fn report(&self, users: usize, groups: usize) -> Report {
        let entries = self.entries();
        let mut latencies = entries.latencies.clone();
        latencies.sort_unstable();
        Report {
            users: users as u64,
            groups: groups as u64,
            requests: entries.requests,
            creates: entries.creates,
            writes: entries.writes,
            failed: entries.failed,
            p50_ms: percentile(&latencies, 0.50),
            p99_ms: percentile(&latencies, 0.99),
            failures: entries.failures.clone(),
        }
    }
}
