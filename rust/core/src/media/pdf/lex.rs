//! The syntax of PDF objects, as far as dictionaries of page trees need it. Nothing is copied.

/// Depth of arrays and dictionaries in each other.
const DEPTH: u32 = 64;

/// A value; arrays and dictionaries are what stands between their brackets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// A number in thousandths.
    Number(i64),
    /// The number of an indirect object.
    Reference(u32),
    Name(&'a [u8]),
    Array(&'a [u8]),
    Dictionary(&'a [u8]),
    /// A string, a keyword.
    Other(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(super) fn whole(self) -> Option<u64> {
        match self {
            Self::Number(milli) if milli % 1000 == 0 => u64::try_from(milli / 1000).ok(),
            _ => None,
        }
    }

    pub(super) fn dictionary(self) -> Option<&'a [u8]> {
        if let Self::Dictionary(inside) = self { Some(inside) } else { None }
    }
}

/// Bytes of one value; the list of ten thousand pages has some 100,000.
const WINDOW: usize = 262_144;

/// Values one after the other.
#[derive(Clone)]
pub(super) struct Values<'a> {
    data: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Values<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at: at.min(data.len()) }
    }

    fn skip_blanks(&mut self) {
        let window = &self.data[..self.data.len().min(self.at.saturating_add(WINDOW))];
        while let Some(byte) = window.get(self.at) {
            match byte {
                b'%' => self.at += length_until(&window[self.at..], |byte| byte == b'\n' || byte == b'\r'),
                _ if is_blank(*byte) => self.at += 1,
                _ => return,
            }
        }
    }

    /// The next token alone: a reference is three of them.
    fn token(&mut self) -> Option<Value<'a>> {
        self.skip_blanks();
        let rest = &self.data[self.at..];
        let rest = &rest[..rest.len().min(WINDOW)];
        let (value, length) = match rest {
            [b'<', b'<', ..] => {
                let length = nested(rest)?;
                (Value::Dictionary(&rest[2..length - 2]), length)
            }
            [b'[', ..] => {
                let length = nested(rest)?;
                (Value::Array(&rest[1..length - 1]), length)
            }
            [b'(' | b'<', ..] => {
                let length = string(rest)?;
                (Value::Other(&rest[..length]), length)
            }
            [b'/', name @ ..] => {
                let length = length_until(name, |byte| is_blank(byte) || is_delimiter(byte));
                (Value::Name(&name[..length]), length + 1)
            }
            [] => return None,
            _ => {
                let length = length_until(rest, |byte| is_blank(byte) || is_delimiter(byte)).max(1);
                let word = &rest[..length];
                (number(word).map_or(Value::Other(word), Value::Number), length)
            }
        };
        self.at += length;
        Some(value)
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let value = self.token()?;
        if let Some(object) = value.whole().and_then(|object| u32::try_from(object).ok()) {
            let mut ahead = self.clone();
            let digits = ahead.data.get(ahead.at + 1).is_some_and(u8::is_ascii_digit);
            if digits && ahead.token().is_some_and(|generation| generation.whole().is_some()) {
                ahead.skip_blanks();
                let behind =
                    ahead.data.get(ahead.at + 1).is_none_or(|byte| is_blank(*byte) || is_delimiter(*byte));
                if ahead.data.get(ahead.at) == Some(&b'R') && behind {
                    self.at = ahead.at + 1;
                    return Some(Value::Reference(object));
                }
            }
        }
        Some(value)
    }
}

/// The pairs of a dictionary, until something is no name.
pub(super) fn pairs(inside: &[u8]) -> impl Iterator<Item = (&[u8], Value<'_>)> {
    let mut values = Values::new(inside, 0);
    std::iter::from_fn(move || {
        let Some(Value::Name(key)) = values.next() else { return None };
        Some((key, values.next()?))
    })
}

/// The value under a key; the last one wins, as in most readers.
pub(super) fn get<'a>(inside: &'a [u8], wanted: &[u8]) -> Option<Value<'a>> {
    pairs(inside).filter(|(key, _)| *key == wanted).last().map(|(_, value)| value)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn length_until(data: &[u8], stop: impl Fn(u8) -> bool) -> usize {
    data.iter().position(|byte| stop(*byte)).unwrap_or(data.len())
}

/// A decimal number in thousandths; more digits are cut off.
fn number(word: &[u8]) -> Option<i64> {
    let (negative, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let dot = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
    let (whole, part) = (&digits[..dot], digits.get(dot + 1..).unwrap_or(&[]));
    let legal = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if whole.len() > 15 || whole.len() + part.len() == 0 || !legal(whole) || !legal(part) {
        return None;
    }
    let fold = |digits: &[u8], start| {
        digits.iter().fold(start, |sum: i64, digit| sum * 10 + i64::from(digit - b'0'))
    };
    let mut value = fold(whole, 0) * 1000;
    for (digit, unit) in part.iter().zip([100, 10, 1]) {
        value += i64::from(digit - b'0') * unit;
    }
    Some(if negative { -value } else { value })
}

/// Bytes of a string with its brackets.
fn string(data: &[u8]) -> Option<usize> {
    if data.first()? == &b'<' {
        return Some(length_until(data, |byte| byte == b'>') + 1).filter(|length| *length <= data.len());
    }
    let (mut depth, mut at) = (0_u32, 0);
    loop {
        match data.get(at)? {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// Bytes of an array or a dictionary with its brackets.
fn nested(data: &[u8]) -> Option<usize> {
    let mut open = [0_u8; DEPTH as usize];
    let (mut depth, mut at) = (0, 0);
    loop {
        let rest = data.get(at..)?;
        let close = match rest {
            [b'<', b'<', ..] => Some(b'>'),
            [b'[', ..] => Some(b']'),
            _ => None,
        };
        at += match rest {
            [b'<', b'<', ..] | [b'>', b'>', ..] => 2,
            [b'(' | b'<', ..] => string(rest)?,
            [b'%', ..] => length_until(rest, |byte| byte == b'\n' || byte == b'\r'),
            [] => return None,
            _ => 1,
        };
        if let Some(close) = close {
            *open.get_mut(depth)? = close;
            depth += 1;
        } else if matches!(rest, [b'>', b'>', ..] | [b']', ..]) {
            depth -= 1;
            if open[depth] != rest[0] {
                return None;
            }
            if depth == 0 {
                return Some(at);
            }
        }
    }
}
