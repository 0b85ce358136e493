//! What was found, as a table for people and as JSON for programs.

use crate::race::{Contestant, Rules, median, times_as_fast};
use serde_json::{Value, json};
use std::fmt;

pub struct Report {
    postgres: bool,
    many: usize,
    callers: usize,
    /// Users a second while the large database was filled, without HTTP.
    pub fill: f64,
    rows: Vec<Row>,
    growths: Vec<Growth>,
    pub memory: Vec<Memory>,
}

struct Row {
    name: String,
    /// Not said where a single caller was timed.
    per_second: Option<f64>,
    p50: f64,
    p99: Option<f64>,
    of_http: Option<f64>,
    of_store: Option<f64>,
}

/// How many times slower something is where there is more of everything.
struct Growth {
    name: String,
    ratio: f64,
    /// Infinite where nothing is promised.
    limit: f64,
}

/// Of the whole process: servers, databases in it, and the clients.
pub struct Memory {
    when: String,
    resident: f64,
    peak: f64,
}

impl Memory {
    /// In mebibytes, as Linux counts it; 0 elsewhere.
    pub fn now(when: &str) -> Memory {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|rest| rest.split_whitespace().next());
            kibibytes.and_then(|count| count.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
        };
        Memory { when: when.to_owned(), resident: of("VmRSS:"), peak: of("VmHWM:") }
    }
}

impl Report {
    pub fn new(postgres: bool, many: usize, rules: &Rules) -> Report {
        Report {
            postgres,
            many,
            callers: rules.callers,
            fill: 0.0,
            rows: Vec::new(),
            growths: Vec::new(),
            memory: Vec::new(),
        }
    }

    pub fn row(&mut self, one: &Contestant, http: Option<&Contestant>, store: Option<&Contestant>) {
        let of =
            |part: fn(&crate::race::Sample) -> f64| median(one.samples.iter().map(part).collect());
        self.rows.push(Row {
            name: one.name.clone(),
            per_second: Some(of(|sample| sample.per_second)),
            p50: of(|sample| sample.p50),
            p99: Some(of(|sample| sample.p99)),
            of_http: http.map(|http| times_as_fast(one, http)),
            of_store: store.map(|store| times_as_fast(one, store)),
        });
    }

    /// The median time of a single caller.
    pub fn time(&mut self, name: &str, seconds: f64) {
        self.rows.push(Row {
            name: name.to_owned(),
            per_second: None,
            p50: seconds,
            p99: None,
            of_http: None,
            of_store: None,
        });
    }

    pub fn growth(&mut self, name: &str, ratio: f64, limit: f64) {
        self.growths.push(Growth { name: name.to_owned(), ratio, limit });
    }

    pub fn is_kept(&self) -> bool {
        self.growths.iter().all(Growth::is_kept)
    }

    fn database(&self) -> &'static str {
        if self.postgres { "PostgreSQL" } else { "SQLite" }
    }

    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "name": row.name,
                "per_second": row.per_second,
                "p50_ms": row.p50 * 1000.0,
                "p99_ms": row.p99.map(|time| time * 1000.0),
                "of_http": row.of_http,
                "of_store": row.of_store,
            })
        });
        let growths = self.growths.iter().map(|growth| {
            let limit = growth.limit.is_finite().then_some(growth.limit);
            json!({
                "name": growth.name,
                "times_slower": growth.ratio,
                "limit": limit,
                "kept": growth.is_kept(),
            })
        });
        let memory = self.memory.iter().map(|memory| {
            json!({"when": memory.when, "resident_mib": memory.resident, "peak_mib": memory.peak})
        });
        json!({
            "database": self.database(),
            "users": self.many,
            "callers": self.callers,
            "filled_per_second": self.fill,
            "rows": rows.collect::<Value>(),
            "growth": growths.collect::<Value>(),
            "memory": memory.collect::<Value>(),
            "kept": self.is_kept(),
        })
    }
}

impl Growth {
    fn is_kept(&self) -> bool {
        self.ratio <= self.limit
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (database, callers) = (self.database(), self.callers);
        writeln!(f, "{database}, {callers} callers; server and clients share this machine.")?;
        writeln!(
            f,
            "`of HTTP`: to the bare server. `of store`: to the look-up or the commit alone.\n"
        )?;
        writeln!(
            f,
            "{:<46} {:>9} {:>9} {:>9} {:>8} {:>8}",
            "", "per s", "p50 ms", "p99 ms", "of HTTP", "of store"
        )?;
        for row in &self.rows {
            let millis = |time: f64| format!("{:.2}", time * 1000.0);
            let part =
                |part: Option<f64>| part.map_or_else(String::new, |part| format!("{part:.2}"));
            writeln!(
                f,
                "{:<46} {:>9} {:>9} {:>9} {:>8} {:>8}",
                row.name,
                row.per_second.map_or_else(String::new, |count| format!("{count:.0}")),
                millis(row.p50),
                row.p99.map_or_else(String::new, millis),
                part(row.of_http),
                part(row.of_store),
            )?;
        }
        writeln!(f, "\nTimes slower than among few")?;
        for growth in &self.growths {
            let verdict = match (growth.limit.is_finite(), growth.is_kept()) {
                (false, _) => String::new(),
                (true, true) => format!("under {}", growth.limit),
                (true, false) => format!("OVER {}", growth.limit),
            };
            writeln!(f, "{:<46} {:>9.2}  {verdict}", growth.name, growth.ratio)?;
        }
        writeln!(f, "\nFilling {} users without HTTP: {:.0} per s", self.many, self.fill)?;
        writeln!(f, "Memory of this process, which holds servers, SQLite and clients (MiB)")?;
        for memory in &self.memory {
            writeln!(f, "{:<46} {:>9.0}  peak {:.0}", memory.when, memory.resident, memory.peak)?;
        }
        Ok(())
    }
}
