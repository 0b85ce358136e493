//! Secrets that are shown once: API tokens, sign-in links, session cookies.
//!
//! A secret reads `pvat_` + key (12) + secret (43) + checksum (6), all base 62. The key finds the row,
//! the SHA-256 of the whole value is what the row holds, and the comparison takes the same time
//! wherever it fails. The secret part carries 256 random bits, so a slow hash would add nothing. The
//! fixed prefix and the checksum let secret scanners recognise a leak without asking us.

use crate::chance::Chance;
use std::fmt;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: usize = 5;
const KEY: usize = 12;
const BODY: usize = 43;
const CHECKSUM: usize = 6;

/// What a secret opens; each kind has its own prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An API token owned by an account.
    AccountToken,
    /// An API token owned by a person.
    UserToken,
    /// A one-time link to the dashboard.
    SignInLink,
    /// The cookie of a dashboard session.
    Session,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::AccountToken, Kind::UserToken, Kind::SignInLink, Kind::Session];

    const fn prefix(self) -> &'static str {
        match self {
            Kind::AccountToken => "pvat_",
            Kind::UserToken => "pvut_",
            Kind::SignInLink => "pvsl_",
            Kind::Session => "pvss_",
        }
    }
}

/// A secret in the clear. Its `Debug` shows only the key.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(kind: Kind, chance: &Chance) -> Secret {
        let mut text = String::with_capacity(PREFIX + KEY + BODY + CHECKSUM);
        text.push_str(kind.prefix());
        while text.len() < PREFIX + KEY + BODY {
            // 248 is the greatest multiple of 62 in a byte: above it the alphabet would be uneven.
            for byte in chance.bytes::<64>().iter().filter(|byte| **byte < 248) {
                if text.len() < PREFIX + KEY + BODY {
                    text.push(char::from(ALPHABET[usize::from(byte % 62)]));
                }
            }
        }
        text.push_str(&checksum(&text));
        Secret(text)
    }

    /// Reads what a caller sent; `None` when it can't be one of ours, which needs no look-up.
    #[must_use]
    pub fn parse(text: &str) -> Option<Secret> {
        let shaped = text.len() == PREFIX + KEY + BODY + CHECKSUM
            && text.is_ascii()
            && Kind::ALL.iter().any(|kind| text.starts_with(kind.prefix()));
        (shaped && checksum(&text[..text.len() - CHECKSUM]) == text[text.len() - CHECKSUM..])
            .then(|| Secret(text.to_owned()))
    }

    /// What finds the row: public, unique, indexed.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0[..PREFIX + KEY]
    }

    /// What the row holds.
    #[must_use]
    pub fn hash(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.0.as_bytes());
        crate::id::hex(digest.as_ref())
    }

    /// Compares with a stored hash in constant time.
    #[must_use]
    pub fn matches(&self, hash: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.hash().as_bytes(), hash.as_bytes())
            .is_ok()
    }

    /// The value itself, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", self.key())
    }
}

/// CRC-32 (the one of zip and PNG) in six digits of base 62.
fn checksum(text: &str) -> String {
    let mut crc = text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    }) ^ u32::MAX;
    let mut digits = [0; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(crc % 62) as usize];
        crc /= 62;
    }
    digits.map(char::from).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Secret};
    use crate::chance::Chance;

    #[test]
    fn a_secret_is_found_by_its_key_and_known_by_its_hash() {
        let secret = Secret::new(Kind::AccountToken, &Chance::system());
        let sent = Secret::parse(secret.reveal()).expect("what we made is well formed");
        assert_eq!(sent.key(), secret.key());
        assert!(sent.matches(&secret.hash()));
        let other = Secret::new(Kind::AccountToken, &Chance::system());
        assert!(!other.matches(&secret.hash()));
    }

    #[test]
    fn one_wrong_letter_is_refused_without_a_look_up() {
        let secret = Secret::new(Kind::UserToken, &Chance::seeded(1));
        let mut text = secret.reveal().to_owned();
        let last = if text.ends_with('0') { "1" } else { "0" };
        text.replace_range(text.len() - 1.., last);
        assert!(Secret::parse(&text).is_none());
        assert!(Secret::parse("").is_none());
        assert!(Secret::parse(&"é".repeat(33)).is_none());
    }

    #[test]
    fn debug_never_shows_the_secret() {
        let secret = Secret::new(Kind::Session, &Chance::system());
        assert!(!format!("{secret:?}").contains(&secret.reveal()[17..]));
    }
}
