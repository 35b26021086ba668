//! Lays out what counting tokens looks up, so that nothing is built when a process starts: the tables of the
//! two vocabularies and the classes of characters, as bytes in `OUT_DIR`.
//!
//! The ranks are those `toktok-rs` carries; `make tokens` holds the counts against tiktoken's own.

#[path = "../src/tokens/layout.rs"]
mod layout;

mod classes;
mod memo;
mod merges;
mod trie;

use std::error::Error;
use std::path::Path;
use std::{env, fs, io};

use merges::Merges;
use toktok::Tokenizer;
use trie::Trie;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/tokens/layout.rs");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let (numbers, blocks) = classes::blocks()?;
    fs::write(out.join("classes.numbers"), numbers)?;
    fs::write(out.join("classes.blocks"), blocks)?;
    for name in ["o200k_base", "cl100k_base"] {
        let tokenizer = Tokenizer::builtin(name).map_err(|error| error.to_string())?;
        let vocabulary = tokenizer.vocab();
        let tokens: Vec<&[u8]> = (0..vocabulary.n).map(|token| vocabulary.token_bytes(token)).collect();
        let trie = Trie::build(&tokens);
        let merges = Merges::build(&tokens, &trie)?;
        write(out, name, "units", trie.units.iter().map(|number| number.to_le_bytes()))?;
        write(out, name, "tokens", merges.tokens.iter().map(|number| number.to_le_bytes()))?;
        write(out, name, "pairs", merges.pairs.iter().map(|number| number.to_le_bytes()))?;
        write(out, name, "filter", merges.filter.iter().map(|number| number.to_le_bytes()))?;
        write(out, name, "memo", memo::memo(&tokens).iter().map(|number| number.to_le_bytes()))?;
    }
    Ok(())
}

fn write<const N: usize>(
    out: &Path,
    name: &str,
    table: &str,
    numbers: impl Iterator<Item = [u8; N]>,
) -> io::Result<()> {
    fs::write(out.join(format!("{name}.{table}")), numbers.flatten().collect::<Vec<u8>>())
}
