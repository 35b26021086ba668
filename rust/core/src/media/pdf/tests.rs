use proptest::prelude::*;

use super::*;
use crate::media::samples::golden;

const A4: PageSize = PageSize { width: 595_276, height: 841_890 };

/// A document of these objects, numbered from 1, whose catalogue is the first.
fn document(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let start = file.len();
    file.extend(table.bytes());
    file.extend(format!("trailer\n<< /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

/// One page under a tree that claims `count` of them.
fn claiming(count: &str) -> Vec<u8> {
    let tree = format!("<< /Type /Pages /MediaBox [0 0 10 20] /Kids [3 0 R] /Count {count} >>");
    document(&["<< /Pages 2 0 R >>", &tree, "<< /Type /Page >>"], "")
}

fn count(data: &[u8]) -> Option<u32> {
    read(data).count
}

/// Counts and sizes are what PDFium says of the same files: tables, object streams, linearised, saved twice.
#[test]
fn goldens() {
    let turned = PageSize { width: 841_890, height: 595_276 };
    let cropped = PageSize { width: 200_000, height: 300_000 };
    for name in ["five.pdf", "five-packed.pdf", "five-linear.pdf"] {
        let pages = read(&golden(name));
        let sizes = pages.sizes.unwrap();
        assert_eq!((Some(5), &[A4, turned, cropped, A4, A4][..]), (pages.count, &sizes[..]), "{name}");
    }
    let many = read(&golden("two-hundred-packed.pdf"));
    assert_eq!((Some(200), SIZES), (many.count, many.sizes.unwrap().len()));
    assert_eq!(Some(8), count(&golden("eight-saved-twice.pdf")));
    assert_eq!(Pages::default(), read(&golden("encrypted.pdf")));
}

/// Junk before the header moves every offset.
#[test]
fn junk_in_front() {
    let file = golden("five.pdf");
    assert_eq!(Some(5), count(&[b"\r\njunk\n", &file[..]].concat()));
}

/// The count of a tree that was walked whole must be its pages.
#[test]
fn lying_counts() {
    assert_eq!(Some(1), count(&claiming("1")));
    for claim in ["0", "2", "-1", "1.5", "99999999999999", "9 0 R", "(1)"] {
        assert_eq!(None, count(&claiming(claim)), "{claim}");
    }
}

/// Dictionaries with strings, comments, nested and doubled entries are read as readers do.
#[test]
fn syntax() {
    let tree = "<</Kids[3 0 R%]\n]/T(a\\)(b)>>)/H<2f>/X<</Count 7/Y[<</Z[]>>]>>/Count 9/Count +1/MediaBox[10 20 0 0.5]>>";
    let pages = read(&document(&["<</Pages 2 0 R>>", tree, "<</Rotate -90>>"], ""));
    let size = PageSize { width: 19_500, height: 10_000 };
    assert_eq!((Some(1), &[size][..]), (pages.count, &pages.sizes.unwrap()[..]));
}

/// A tree that bites its tail, a table that is off, another object at an offset: nothing is told.
#[test]
fn broken() {
    let loops = document(&["<</Pages 2 0 R>>", "<</Kids [2 0 R] /Count 1>>"], "");
    assert_eq!(None, read(&loops).sizes);
    let swapped = String::from_utf8(claiming("1")).unwrap().replace("2 0 obj", "7 0 obj");
    assert_eq!(None, count(swapped.as_bytes()));
    let shifted = String::from_utf8(claiming("1")).unwrap().replace("startxref\n1", "startxref\n2");
    assert_eq!(None, count(shifted.as_bytes()));
    assert_eq!(None, count(&document(&["<</Pages 2 0 R>>", "<</Kids [] /Count 0>>"], "/Encrypt 3 0 R")));
    assert_eq!(None, count(&document(&["<</Pages 2 0 R>>", "<</Kids [] /Count 3>>"], "/Prev 99999")));
    assert_eq!(None, count(&document(&[&"<<".repeat(100), "<</Kids []>>"], "")));
}

/// More pages than are walked: the root is believed.
#[test]
fn many_pages() {
    let kids = "3 0 R ".repeat(1_000);
    let tree = format!("<</Kids [{kids}] /Count 1000 /MediaBox [0 0 1 1]>>");
    let pages = read(&document(&["<</Pages 2 0 R>>", &tree, "<<>>"], ""));
    assert_eq!((Some(1_000), SIZES), (pages.count, pages.sizes.unwrap().len()));
}

/// A stream that inflates beyond the budget of its document is not read.
#[test]
fn bomb() {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 50_000_000], 9);
    let dictionary =
        format!("<< /Type /XRef /W [1 2 1] /Size 9 /Filter /FlateDecode /Length {} >>", packed.len());
    let mut file = format!("%PDF-1.5\n1 0 obj\n{dictionary}\nstream\n").into_bytes();
    file.extend(packed);
    file.extend(b"\nendstream\nendobj\nstartxref\n9\n%%EOF");
    assert_eq!(Pages::default(), read(&file));
}

proptest! {
    /// Changed and cut documents give facts or none, never a panic.
    #[test]
    fn changed(
        which in 0_usize..5,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        words in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..8), 0..3),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let names = ["five.pdf", "five-packed.pdf", "five-linear.pdf", "eight-saved-twice.pdf", "encrypted.pdf"];
        let pieces: [&[u8]; 8] = [b"<<", b">>", b"[", b"]", b"(", b" 0 R", b"9999999999999999", b"-1 "];
        let mut file = golden(names[which]);
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        for (at, word) in words {
            let at = at.index(file.len() - 16);
            file[at..at + pieces[word].len()].copy_from_slice(pieces[word]);
        }
        if !whole {
            file.truncate(cut.index(file.len()));
        }
        let pages = read(&file);
        prop_assert!(pages.sizes.is_none_or(|sizes| sizes.len() <= SIZES));
    }
}
