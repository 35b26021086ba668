//! The pure half of Weighbridge. No Python, no IO, no `unsafe`.
//!
//! | module | answers |
//! |---|---|
//! | [`scan`] | what is in this JSON body, and where are its media? |
//! | [`splice`] | how do the bytes look with these members and media replaced? |
//! | [`media`] | what is this medium, by its header alone? |
//! | [`fit`] | the same picture, upright, no larger than asked, without metadata |
//! | [`signals`] | is this picture text, how tall, sharp, well lit, seen before? |
//! | [`strip`] | the same file, without the metadata |
//! | [`tokens`] | how many tokens is this text? |
//! | [`digest`] | one name for these byte strings, boundaries included |
//! | [`sse`] | which events are in this stream, whatever its chunking? |
#![forbid(unsafe_code)]
// A test that unwraps says what it expects; the build without tests still forbids it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod base64;
pub mod digest;
pub mod fit;
pub mod limits;
pub mod media;
pub mod refusal;
pub mod scan;
pub mod signals;
pub mod splice;
pub mod sse;
pub mod strip;
pub mod tokens;

pub use limits::Limits;
pub use media::Media;
pub use refusal::Refusal;
