//! Texts that we hand to clients and get back: nobody else can read or make them.
//!
//! AES-256-GCM under a key of this installation, with 96 random bits for each text. What is sealed
//! says itself until when it is good; the purpose keeps one kind from passing for another.

use crate::chance::Chance;
use crate::id::hex;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt;

const KEY_LEN: usize = 32;

/// A key in the clear. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct SealKey([u8; KEY_LEN]);

impl SealKey {
    #[must_use]
    pub fn new(chance: &Chance) -> SealKey {
        SealKey(chance.bytes())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<SealKey> {
        let digits = text.as_bytes().chunks(2).map(|pair| {
            std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())
        });
        let bytes: Vec<u8> = digits.collect::<Option<_>>()?;
        Some(SealKey(bytes.try_into().ok()?))
    }

    /// What the database holds.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex(&self.0)
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0).ok().map(LessSafeKey::new)
    }

    /// The text under seal. `None` only when the cipher itself fails.
    #[must_use]
    pub fn seal(&self, purpose: &str, text: &str, chance: &Chance) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = chance.bytes();
        let mut sealed = text.as_bytes().to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        self.cipher()?.seal_in_place_append_tag(nonce_used, aad, &mut sealed).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// What was sealed; `None` when it was not, not by this key, or for another purpose.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = sealed.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let opened = self.cipher()?.open_in_place(nonce, aad, &mut text).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_and_the_purpose_open_it() {
        let chance = Chance::system();
        let (key, other) = (SealKey::new(&chance), SealKey::new(&chance));
        let sealed = key.seal("cursor", "ada@example.com", &chance).expect("a seal");
        assert!(!sealed.windows(3).any(|part| part == b"ada"));
        assert_eq!(key.open("cursor", &sealed).as_deref(), Some("ada@example.com"));
        assert_eq!(key.open("state", &sealed), None);
        assert_eq!(other.open("cursor", &sealed), None);
        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            assert_eq!(key.open("cursor", &broken), None, "byte {at}");
        }
        assert_eq!(key.open("cursor", &[]), None);
        let read = SealKey::parse(&key.reveal()).expect("a key");
        assert_eq!(read.open("cursor", &sealed).as_deref(), Some("ada@example.com"));
        assert!(SealKey::parse("00").is_none() && SealKey::parse(&"g".repeat(64)).is_none());
    }
}
