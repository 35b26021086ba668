use proptest::prelude::*;

use super::*;

fn event(name: Option<&str>, data: &str) -> Event {
    Event { name: name.map(str::to_owned), data: data.as_bytes().to_vec() }
}

/// Events and final state of a stream fed in chunks that end at these places.
fn run(stream: &[u8], cuts: &[usize], cap: usize) -> (Vec<Event>, Option<&'static str>, bool) {
    let mut reader = SseReader::new(cap);
    let (mut events, mut code, mut from) = (Vec::new(), None, 0);
    let ends = cuts.iter().map(|cut| cut % (stream.len() + 1)).chain([stream.len(), stream.len()]);
    for end in ends {
        let end = end.max(from);
        match reader.feed(&stream[from..end]) {
            Ok(more) => events.extend(more),
            Err(refusal) => code = Some(refusal.code),
        }
        from = end;
    }
    (events, code, reader.pending())
}

/// The grammar of the standard, case by case.
#[test]
fn grammar() {
    let cases: Vec<(&str, Vec<Event>, bool)> = vec![
        ("data: a\n\n", vec![event(None, "a")], false),
        ("data:a\n\n", vec![event(None, "a")], false),
        ("data:  a\n\n", vec![event(None, " a")], false),
        ("data: a\r\n\r\n", vec![event(None, "a")], false),
        ("data: a\r\r", vec![event(None, "a")], false),
        ("data: a\n\r\n", vec![event(None, "a")], false),
        ("data: a\ndata: b\n\n", vec![event(None, "a\nb")], false),
        ("data: a\r\ndata: b\r\n\r\n", vec![event(None, "a\nb")], false),
        ("event: x\r\n\ndata: a\n\n", vec![event(None, "a")], false),
        ("data\n\n", vec![event(None, "")], false),
        ("data\ndata\n\n", vec![event(None, "\n")], false),
        ("event: x\ndata: a\n\n", vec![event(Some("x"), "a")], false),
        ("event: x\nevent: y\ndata: a\n\n", vec![event(Some("y"), "a")], false),
        ("event: x\nevent:\ndata: a\n\n", vec![event(None, "a")], false),
        ("event: x\n\ndata: a\n\n", vec![event(None, "a")], false),
        (": comment\n\ndata: a\n\n", vec![event(None, "a")], false),
        ("id: 1\nretry: 5\nunknown: z\ndata: a\n\n", vec![event(None, "a")], false),
        ("\u{feff}data: a\n\n", vec![event(None, "a")], false),
        ("\u{feff}\u{feff}data: a\n\n", vec![], false),
        ("data: a:b: c\n\n", vec![event(None, "a:b: c")], false),
        ("\n\n\n", vec![], false),
        ("data: a\n", vec![], true),
        ("data: a", vec![], true),
        ("event: x\n", vec![], true),
        (": ping", vec![], false),
        ("\u{feff}", vec![], false),
        ("data: a\n\ndata: b\n\n", vec![event(None, "a"), event(None, "b")], false),
    ];
    for (stream, events, pending) in cases {
        assert_eq!((events, None, pending), run(stream.as_bytes(), &[], 100), "{stream:?}");
    }
}

/// An event of exactly the cap passes; one byte more is refused, and the stream stays refused.
#[test]
fn cap() {
    let exact = format!("data: {}\n\n", "x".repeat(94));
    assert_eq!(1, run(exact.as_bytes(), &[], 100).0.len());
    let over = format!("data: ok\n\ndata: {}\n\ndata: never\n\n", "x".repeat(95));
    for cuts in [vec![], vec![3], (0..over.len()).collect()] {
        let (events, code, pending) = run(over.as_bytes(), &cuts, 100);
        assert_eq!((vec![event(None, "ok")], Some("stream_event_too_large"), true), (events, code, pending));
    }
}

/// Many short lines make one event too large just as one long line does; comments do not add up.
#[test]
fn cap_counts_the_whole_event() {
    assert_eq!(Some("stream_event_too_large"), run("data: x\n".repeat(100).as_bytes(), &[], 100).1);
    assert_eq!(Some("stream_event_too_large"), run("id: 1\n".repeat(100).as_bytes(), &[], 100).1);
    assert_eq!(None, run(": ping\n".repeat(100).as_bytes(), &[], 100).1);
}

proptest! {
    /// Any chunking of any stream gives the same events, the same refusal and the same end.
    #[test]
    fn chunking(
        lines in proptest::collection::vec("(data|event|id|:|\u{feff}|x)?(: ?)?[a-c\u{e9}]{0,4}(\n|\r|\r\n|\n\n|\r\r|\r\n\r\n)", 0..20),
        tail in "(data: a)?",
        cuts in proptest::collection::vec(0usize..400, 0..30),
        cap in 5usize..60,
    ) {
        let stream = lines.concat() + &tail;
        let mut cuts = cuts;
        cuts.sort_unstable();
        let every: Vec<usize> = (0..=stream.len()).collect();
        let whole = run(stream.as_bytes(), &[], cap);
        prop_assert_eq!(&whole, &run(stream.as_bytes(), &cuts, cap));
        prop_assert_eq!(&whole, &run(stream.as_bytes(), &every, cap));
    }

    /// What a writer of the standard form writes is read back.
    #[test]
    fn round_trip(events in proptest::collection::vec(("[a-z]{0,5}", "[ -~]{0,20}(\n[ -~]{0,5})?"), 0..8)) {
        let mut stream = String::new();
        for (name, data) in &events {
            if !name.is_empty() {
                stream.push_str(&format!("event: {name}\n"));
            }
            for line in data.split('\n') {
                stream.push_str(&format!("data: {line}\n"));
            }
            stream.push('\n');
        }
        let expected: Vec<Event> =
            events.iter().map(|(name, data)| event(Some(name.as_str()).filter(|n| !n.is_empty()), data)).collect();
        prop_assert_eq!((expected, None, false), run(stream.as_bytes(), &[], 1000));
    }
}
