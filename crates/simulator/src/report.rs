//! What a run comes to, in the words of the command line's contract, and the last requests of it.

use serde::Serialize;
use serde_json::Value;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// People in scope, those who left included.
    pub users: u64,
    pub groups: u64,
    pub requests: u64,
    /// POSTs answered 201.
    pub creates: u64,
    /// POST, PUT, PATCH and DELETE requests sent.
    pub writes: u64,
    /// Provisioning tasks that failed.
    pub failed: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// The first of the failed tasks, at most a thousand.
    #[serde(skip)]
    pub failures: Vec<Failure>,
}

/// A provisioning task that failed, as an administrator would see it in the identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub task: String,
    pub request: String,
    /// 0 when there was no answer.
    pub status: u16,
    pub detail: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.task, self.detail)?;
        if !self.request.is_empty() {
            write!(out, " (`{}`, {})", self.request, self.status)?;
        }
        Ok(())
    }
}

/// One request and its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Exchange {
    pub method: String,
    /// Below the base URL, with the query as it was sent.
    pub path: String,
    pub body: Option<Value>,
    /// 0 when there was no answer.
    pub status: u16,
    pub answer: Option<Value>,
    pub millis: f64,
}

/// The value below which `share` of the latencies lie, in milliseconds with three digits.
pub(crate) fn percentile(sorted_micros: &[u32], share: f64) -> f64 {
    let rank = (sorted_micros.len() as f64 * share).ceil() as usize;
    let micros = sorted_micros.get(rank.saturating_sub(1)).copied().unwrap_or(0);
    f64::from(micros) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_take_the_nearest_rank() {
        let micros: Vec<u32> = (1..=100).map(|millis| millis * 1_000).collect();
        assert_eq!(percentile(&micros, 0.50).to_bits(), 50.0_f64.to_bits());
        assert_eq!(percentile(&micros, 0.99).to_bits(), 99.0_f64.to_bits());
        assert_eq!(percentile(&[], 0.99).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn the_report_has_the_names_of_the_contract() {
        let report = Report { failures: vec![Failure::default()], ..Report::default() };
        let json = serde_json::to_value(report).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        let expected =
            ["creates", "failed", "groups", "p50_ms", "p99_ms", "requests", "users", "writes"];
        assert_eq!(names, expected);
    }
}
