//! Who watches a run: a progress bar, a log, nobody. Says nothing about how it looks.

pub trait Observer: Send {
    /// A new part of the story begins and will call [`Observer::step`] about `steps` times.
    fn phase(&mut self, name: &str, steps: u64);
    fn step(&mut self);
    /// A sentence for people.
    fn note(&mut self, line: &str);
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn phase(&mut self, _name: &str, _steps: u64) {}
    fn step(&mut self) {}
    fn note(&mut self, _line: &str) {}
}
