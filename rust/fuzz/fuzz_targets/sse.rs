//! Invariant: a stream gives the same events, refusal and end in one chunk, byte by byte, and cut anywhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weighbridge_core::sse::{Event, SseReader};

fn run<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<Event>, bool, bool) {
    let mut reader = SseReader::new(64);
    let (mut events, mut refused) = (Vec::new(), false);
    for chunk in chunks.chain([&[][..]]) {
        match reader.feed(chunk) {
            Ok(more) => events.extend(more),
            Err(_) => refused = true,
        }
    }
    (events, refused, reader.pending())
}

// The first byte chooses the cut.
fuzz_target!(|input: &[u8]| {
    let Some((cut, stream)) = input.split_first() else { return };
    let (head, tail) = stream.split_at(usize::from(*cut).min(stream.len()));
    let whole = run([stream].into_iter());
    assert_eq!(whole, run([head, tail].into_iter()));
    assert_eq!(whole, run(stream.chunks(1)));
});
