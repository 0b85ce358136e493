//! What people see: sentences and results on standard output, progress and errors on standard error.

use indicatif::{ProgressBar, ProgressStyle};
use simulator::Observer;
use std::io::{IsTerminal, Write};

#[derive(Debug)]
pub struct Terminal {
    quiet: std::sync::atomic::AtomicBool,
}

impl Default for Terminal {
    fn default() -> Self {
        Terminal::new()
    }
}

impl Terminal {
    #[must_use]
    pub const fn new() -> Terminal {
        Terminal { quiet: std::sync::atomic::AtomicBool::new(false) }
    }

    /// From now on only results: a script reads standard output.
    pub fn be_quiet(&self) {
        self.quiet.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    fn is_quiet(&self) -> bool {
        self.quiet.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// A sentence for people.
    pub fn say(&self, line: &str) {
        if !self.is_quiet() {
            self.print(line);
        }
    }

    /// A result, for people or scripts.
    pub fn print(&self, line: &str) {
        // A closed pipe is the reader's choice, not a failure of ours.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    pub fn fail(&self, error: &anyhow::Error) {
        let _ = writeln!(std::io::stderr().lock(), "error: {error:#}");
    }

    /// A progress bar for a run of a simulator; silent where nobody looks.
    #[must_use]
    pub fn progress(&self, name: &str) -> Progress {
        let seen = !self.is_quiet() && std::io::stderr().is_terminal();
        let bar = if seen { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{prefix:>8}  {msg:<28} {bar:30} {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─");
        bar.set_style(style);
        bar.set_prefix(name.to_owned());
        Progress { bar }
    }
}

#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Observer for Progress {
    fn phase(&mut self, name: &str, steps: u64) {
        self.bar.reset();
        self.bar.set_length(steps);
        self.bar.set_message(name.to_owned());
    }

    fn step(&mut self) {
        self.bar.inc(1);
    }

    fn note(&mut self, line: &str) {
        self.bar.set_message(line.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
