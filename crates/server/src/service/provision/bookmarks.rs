//! Where pages by index ended, for whoever reads them in order. A hint and nothing more: without it the
//! same page takes longer, so that a restart, another replica or a full memory do no harm.

use domain::Time;
use domain::limits::{BOOKMARK_LIFETIME, BOOKMARKS_MAX};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use store::query::Anchor;

#[derive(Debug, Default)]
pub struct Bookmarks(Mutex<HashMap<String, Bookmark>>);

#[derive(Debug)]
struct Bookmark {
    anchor: Anchor,
    until: Time,
}

impl Bookmarks {
    #[must_use]
    pub fn find(&self, name: &str, now: Time) -> Option<Anchor> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(name).filter(|mark| mark.until > now).map(|mark| mark.anchor.clone())
    }

    pub fn keep(&self, name: String, anchor: Anchor, now: Time) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= BOOKMARKS_MAX {
            kept.retain(|_, mark| mark.until > now);
        }
        if kept.len() >= BOOKMARKS_MAX {
            kept.clear();
        }
        kept.insert(name, Bookmark { anchor, until: now.plus(BOOKMARK_LIFETIME) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookmark_is_found_for_a_while_and_there_are_not_too_many() {
        let bookmarks = Bookmarks::default();
        let anchor = Anchor { key: None, id: "a".to_owned() };
        let start = Time::from_millis(0);
        bookmarks.keep("first".to_owned(), anchor.clone(), start);
        assert_eq!(bookmarks.find("first", start), Some(anchor.clone()));
        assert_eq!(bookmarks.find("other", start), None);
        assert_eq!(bookmarks.find("first", start.plus(BOOKMARK_LIFETIME)), None);
        for number in 0..2 * BOOKMARKS_MAX {
            bookmarks.keep(number.to_string(), anchor.clone(), start);
        }
        assert!(bookmarks.0.lock().expect("a lock").len() <= BOOKMARKS_MAX);
    }
}
