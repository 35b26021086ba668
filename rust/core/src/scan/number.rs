//! JSON numbers: the RFC 8259 grammar, short enough and finite.

use super::fault;
use crate::refusal::Refusal;

/// Longer literals carry no information that any reader keeps, and cost big-integer work downstream.
const MAX_LITERAL: usize = 128;

/// The end of the number that starts at `start`.
pub(super) fn end(body: &[u8], start: usize) -> Result<usize, Refusal> {
    let mut at = start + usize::from(body.get(start) == Some(&b'-'));
    let whole = digits(body, at);
    if whole == at || (body[at] == b'0' && whole > at + 1) {
        return Err(fault("a number is malformed", start));
    }
    at = whole;
    if body.get(at) == Some(&b'.') {
        let fraction = digits(body, at + 1);
        if fraction == at + 1 {
            return Err(fault("a number has no digits after its point", start));
        }
        at = fraction;
    }
    let exponent = matches!(body.get(at), Some(b'e' | b'E'));
    if exponent {
        let sign = usize::from(matches!(body.get(at + 1), Some(b'+' | b'-')));
        let power = digits(body, at + 1 + sign);
        if power == at + 1 + sign {
            return Err(fault("a number has no digits in its exponent", start));
        }
        at = power;
    }
    if at - start > MAX_LITERAL {
        return Err(fault("a number has more than 128 characters", start));
    }
    // Without an exponent, 128 characters stay far below the largest double.
    if exponent && !finite(&body[start..at]) {
        return Err(fault("a number is too large for a double", start));
    }
    Ok(at)
}

fn digits(body: &[u8], from: usize) -> usize {
    from + body.get(from..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn finite(literal: &[u8]) -> bool {
    std::str::from_utf8(literal).ok().and_then(|text| text.parse::<f64>().ok()).is_some_and(f64::is_finite)
}
