//! One pass over a text that counts what its tokens depend on: letters and words by script, digits, marks,
//! blanks, and runs that look like encoded data. What `estimate` weighs.

/// What is counted. The order is that of `weights`; `SCRIPT_OF` says whose tokens each one makes.
pub(super) mod feature {
    pub(in super::super) const WORDS: usize = 0;
    pub(in super::super) const LETTERS: usize = 1;
    pub(in super::super) const LONG: usize = 2;
    pub(in super::super) const CAPITALS: usize = 3;
    pub(in super::super) const ACCENTED: usize = 4;
    pub(in super::super) const NUMBERS: usize = 5;
    pub(in super::super) const MARK_RUNS: usize = 6;
    pub(in super::super) const MARKS: usize = 7;
    pub(in super::super) const SAME_MARKS: usize = 8;
    pub(in super::super) const BLANK_RUNS: usize = 9;
    pub(in super::super) const BLANKS: usize = 10;
    pub(in super::super) const DATA: usize = 11;
    pub(in super::super) const HEX: usize = 12;
    /// Words, then characters, of each script from `Script::Greek` on.
    pub(in super::super) const FOREIGN: usize = 13;
    /// How many features there are.
    pub(in super::super) const COUNT: usize = FOREIGN + 2 * 9;
}

use feature::{
    ACCENTED, BLANK_RUNS, BLANKS, CAPITALS, COUNT, DATA, FOREIGN, HEX, LETTERS, LONG, MARK_RUNS, MARKS,
    NUMBERS, SAME_MARKS, WORDS,
};

/// Whose tokens they are. Families of models differ by script far more than they differ within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Script {
    /// Latin letters, with or without accents.
    Latin,
    /// ASCII digits: three a token in some vocabularies, one in others.
    Digits,
    /// ASCII punctuation and white space: half of code and of JSON.
    Marks,
    /// Runs that look like base64 or hexadecimal.
    Data,
    /// Greek, Cyrillic, Armenian and Georgian.
    Greek,
    /// Hebrew, Arabic and their neighbours.
    Arabic,
    /// The scripts of India.
    Indic,
    /// Thai, Khmer, Burmese and other scripts of south-east Asia and Tibet.
    Asian,
    /// Chinese characters with their punctuation.
    Han,
    /// Hiragana and Katakana.
    Kana,
    /// Korean syllables.
    Hangul,
    /// Emoji, arrows, mathematics: symbols beyond ASCII.
    Symbols,
    /// Everything else, at nearly a token a byte.
    Other,
}

impl Script {
    /// All of them, in the order of `Census::features`.
    pub const ALL: [Self; 13] = [
        Self::Latin,
        Self::Digits,
        Self::Marks,
        Self::Data,
        Self::Greek,
        Self::Arabic,
        Self::Indic,
        Self::Asian,
        Self::Han,
        Self::Kana,
        Self::Hangul,
        Self::Symbols,
        Self::Other,
    ];

    /// Its name in the catalog.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        [
            "latin", "digits", "marks", "data", "greek", "arabic", "indic", "asian", "han", "kana", "hangul",
            "symbols", "other",
        ][self as usize]
    }

    /// The script whose tokens a feature makes.
    pub(super) fn of_feature(feature: usize) -> Self {
        match feature {
            WORDS..=ACCENTED => Self::Latin,
            NUMBERS => Self::Digits,
            MARK_RUNS..=BLANKS => Self::Marks,
            DATA | HEX => Self::Data,
            foreign => Self::ALL[Self::Greek as usize + (foreign - FOREIGN) / 2],
        }
    }

    /// The script of a character beyond ASCII; nothing for white space and for joiners.
    fn of_char(letter: char) -> Self {
        match u32::from(letter) {
            0xC0..=0x24F | 0x1E00..=0x1EFF | 0x250..=0x36F | 0xAA | 0xBA | 0xB5 | 0x2C60..=0x2C7F => {
                Self::Latin
            }
            0x370..=0x58F | 0x10A0..=0x10FF | 0x1C80..=0x1CBF | 0x1F00..=0x1FFF | 0x2DE0..=0x2DFF => {
                Self::Greek
            }
            0x590..=0x8FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFC => Self::Arabic,
            0x900..=0xDFF => Self::Indic,
            0xE00..=0x109F | 0x1780..=0x17FF => Self::Asian,
            0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF65..=0xFF9F => Self::Kana,
            0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7AF => Self::Hangul,
            0x2E80..=0x303F | 0x3200..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFF64 => {
                Self::Han
            }
            0x80..=0xBF | 0x2000..=0x2BFF | 0xFE00..=0xFE0F | 0x1F000..=0x1FAFF => Self::Symbols,
            _ => Self::Other,
        }
    }
}

/// The counts, with where the pass is.
pub(super) struct Census {
    pub(super) features: [u64; COUNT],
}

/// What the character before was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Start,
    Mark(u8),
    Blank,
    Foreign(Script),
}

/// Letters of a word above which it is unlikely to be one token.
const WORD: usize = 6;
/// A run this long of letters and digits may be data.
const DATA_RUN: usize = 40;
/// A run this long without any space is data even if it is letters alone.
const ENDLESS: usize = 64;

impl Census {
    /// Counts a text.
    pub(super) fn of(text: &str) -> Self {
        let mut census = Self { features: [0; COUNT] };
        let (bytes, mut at, mut before) = (text.as_bytes(), 0, Before::Start);
        while at < bytes.len() {
            let byte = bytes[at];
            (at, before) = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => (census.run(bytes, at), Before::Start),
                b' ' | b'\t'..=b'\r' => (census.blanks(bytes, at), Before::Blank),
                0..0x80 => (at + 1, census.mark(byte, before)),
                _ => {
                    let Some(letter) = text[at..].chars().next() else { break };
                    (at + letter.len_utf8(), census.foreign(letter, before))
                }
            };
        }
        census
    }

    /// A run of ASCII letters and digits; where it ends.
    fn run(&mut self, bytes: &[u8], from: usize) -> usize {
        let rest = &bytes[from..];
        let short = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        // Base64 has marks of its own; they matter for a run that might be it, or might begin it.
        let long =
            short + rest[short..].iter().position(|byte| !encoded(*byte)).unwrap_or(rest.len() - short);
        if let Some(kind) = data(&rest[..if long >= DATA_RUN { long } else { 0 }]) {
            self.features[kind] += long as u64;
            return from + long;
        }
        let mut at = 0;
        while at < short {
            let letters = rest[at].is_ascii_alphabetic();
            let part = &rest[at..short];
            let end =
                part.iter().position(|byte| byte.is_ascii_alphabetic() != letters).unwrap_or(part.len());
            if letters {
                self.word(&part[..end])
            } else {
                self.features[NUMBERS] += end.div_ceil(3) as u64
            }
            at += end;
        }
        from + short
    }

    fn word(&mut self, letters: &[u8]) {
        self.features[WORDS] += 1;
        self.features[LETTERS] += letters.len() as u64;
        self.features[LONG] += letters.len().saturating_sub(WORD) as u64;
        self.features[CAPITALS] +=
            letters[1..].iter().filter(|byte| byte.is_ascii_uppercase()).count() as u64;
    }

    /// A run of blanks; where it ends. One space before a word is part of the word.
    fn blanks(&mut self, bytes: &[u8], from: usize) -> usize {
        let rest = &bytes[from..];
        let end = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'..=b'\r')).unwrap_or(rest.len());
        if end > 1 || rest[0] != b' ' {
            self.features[BLANK_RUNS] += 1;
            self.features[BLANKS] += end as u64;
        }
        from + end
    }

    fn mark(&mut self, byte: u8, before: Before) -> Before {
        match before {
            Before::Mark(last) if last == byte => self.features[SAME_MARKS] += 1,
            Before::Mark(_) => self.features[MARKS] += 1,
            _ => self.features[MARK_RUNS] += 1,
        }
        Before::Mark(byte)
    }

    fn foreign(&mut self, letter: char, before: Before) -> Before {
        let script = Script::of_char(letter);
        if script == Script::Latin {
            self.features[ACCENTED] += 1;
            return Before::Start;
        }
        let place = FOREIGN + 2 * (script as usize - Script::Greek as usize);
        self.features[place] += u64::from(before != Before::Foreign(script));
        // Characters without a script of their own come to tokens by their bytes.
        self.features[place + 1] += if script == Script::Other { letter.len_utf8() as u64 } else { 1 };
        Before::Foreign(script)
    }
}

fn encoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// Which kind of encoded data a run without blanks is, if it is any.
fn data(run: &[u8]) -> Option<usize> {
    if run.is_empty() {
        return None;
    }
    let share = |count: usize| count * 16 >= run.len();
    let (mut digits, mut upper, mut lower, mut hex) = (0, 0, 0, 0);
    for &byte in run {
        digits += usize::from(byte.is_ascii_digit());
        upper += usize::from(byte.is_ascii_uppercase());
        lower += usize::from(byte.is_ascii_lowercase());
        hex += usize::from(byte.is_ascii_hexdigit());
    }
    if digits == run.len() {
        return None;
    }
    if hex == run.len() && share(digits) {
        return Some(HEX);
    }
    let mixed = share(digits) && share(upper) && share(lower);
    let endless = run.len() >= ENDLESS && digits + upper + lower == run.len();
    (mixed || endless).then_some(DATA)
}
