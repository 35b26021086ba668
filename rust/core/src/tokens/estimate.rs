//! How many tokens, about? For text beyond what is worth counting, and whose tokens by script.
//!
//! A weighted sum over the census, one set of weights per encoding, fitted by `make calibrate` to the exact
//! counts; each script's error is what 90 of 100 held-out texts of it stay within, of languages the
//! fit has not seen. The errors of a text's scripts are taken to agree with one another: the bounds add up.

use super::census::{Census, Script};
use super::{Encoding, count, weights};

/// An estimate with its stated error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Tokens expected.
    pub tokens: usize,
    /// How far the true count may be off, either way.
    pub error: usize,
    /// Tokens by script, in the order of [`Script::ALL`]; their sum is `tokens` before it was rounded.
    pub scripts: [f64; Script::ALL.len()],
}

/// The estimate for `text`, in one pass.
#[must_use]
pub fn estimate(text: &str, encoding: Encoding) -> Estimate {
    let (weights, errors) = match encoding {
        Encoding::O200kBase => (&weights::O200K, &weights::O200K_ERRORS),
        Encoding::Cl100kBase => (&weights::CL100K, &weights::CL100K_ERRORS),
    };
    let mut scripts = [0.0; Script::ALL.len()];
    for (feature, (count, weight)) in Census::of(text).features.iter().zip(weights).enumerate() {
        scripts[Script::of_feature(feature) as usize] += *count as f64 * weight;
    }
    let total: f64 = scripts.iter().sum();
    let error: f64 = scripts.iter().zip(errors).map(|(tokens, error)| tokens * error).sum();
    // No text has more tokens than bytes, and none but the empty one has no token.
    let tokens = (total.round() as usize).clamp(usize::from(!text.is_empty()), text.len());
    Estimate { tokens, error: error.ceil() as usize, scripts }
}

/// What the estimate is made from, for the fit.
#[must_use]
pub fn features(text: &str) -> [u64; super::census::feature::COUNT] {
    Census::of(text).features
}

/// Texts weighed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// Tokens of all texts.
    pub tokens: usize,
    /// How far that may be off, either way; 0 where everything was counted.
    pub error: usize,
    /// About how many of the tokens each script makes, in the order of [`Script::ALL`].
    pub scripts: [usize; Script::ALL.len()],
}

/// Counts texts while their bytes add up to no more than `cap`, and estimates the others.
#[must_use]
pub fn weigh<'a>(texts: impl IntoIterator<Item = &'a str>, encoding: Encoding, cap: usize) -> Weighed {
    let (mut tokens, mut error, mut bytes, mut scripts) = (0, 0, 0_usize, [0.0; Script::ALL.len()]);
    for text in texts {
        let guess = estimate(text, encoding);
        let counts = bytes.saturating_add(text.len()) <= cap;
        let own = if counts { count(text, encoding) } else { guess.tokens };
        if counts {
            bytes += text.len();
        } else {
            error += guess.error;
        }
        tokens += own;
        let sum: f64 = guess.scripts.iter().sum();
        let scale = if sum > 0.0 { own as f64 / sum } else { 0.0 };
        for (whole, part) in scripts.iter_mut().zip(guess.scripts) {
            *whole += part * scale;
        }
    }
    Weighed { tokens, error, scripts: scripts.map(|tokens| tokens.round() as usize) }
}

#[cfg(test)]
#[path = "estimate_tests.rs"]
mod tests;
