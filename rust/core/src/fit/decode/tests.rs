use super::*;

/// Refuses to go on at the first question, and counts what it was asked.
struct Late {
    rows: usize,
    takes_rows: bool,
}

impl Sink for Late {
    fn go_on(&mut self) -> Result<(), Refusal> {
        Deadline::past().check()
    }

    fn row(&mut self, _plane: usize, _row: &[u8]) -> Result<(), Refusal> {
        self.rows += 1;
        if self.takes_rows { Ok(()) } else { self.go_on() }
    }
}

/// What became of a picture whose time was up when its decoder was called.
fn code<R>(result: Result<R, Refusal>) -> &'static str {
    result.map_or_else(|refusal| refusal.code, |_| "whole")
}

/// A seed of the fuzzer: three bytes say what is wanted of the file behind them.
fn seed(name: &str) -> Media {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/fit/");
    let data = std::fs::read(folder.to_owned() + name).unwrap().split_off(3);
    Media::new(data, None, &Limits::default()).unwrap()
}

fn size(media: &Media) -> (usize, usize) {
    (media.facts().width.unwrap() as usize, media.facts().height.unwrap() as usize)
}

/// The JPEG with these names of its components, in the frame and in the scans.
fn named(media: &Media, names: &[u8]) -> Media {
    let mut data = media.data().to_vec();
    for at in 0..data.len() - 1 {
        // names are three bytes apart in a frame, two in the scans
        let (first, step) = match [data[at], data[at + 1]] {
            [0xFF, 0xC0 | 0xC2] => (at + 10, 3),
            [0xFF, 0xDA] => (at + 5, 2),
            _ => continue,
        };
        let count = usize::from(data[first - 1]);
        for n in 0..count {
            let old = &mut data[first + step * n];
            *old = names[usize::from(*old) - 1];
        }
    }
    Media::new(data, None, &Limits::default()).unwrap()
}

/// Components may share a name, as libjpeg has it: a scan of all of them takes them in order. Where each has
/// scans of its own, nobody could tell them apart, and a scan that names one twice is refused.
#[test]
fn components_may_share_a_name() {
    let whole = |media: &Media| {
        let source = open(media, size(media), &Limits::default(), Deadline::NEVER)?;
        source.whole(Deadline::NEVER)
    };
    for name in ["jpeg-baseline-444", "jpeg-baseline-420", "jpeg-baseline-restart-422"] {
        let media = seed(name);
        assert_eq!(whole(&media).unwrap(), whole(&named(&media, &[7, 7, 7])).unwrap(), "{name}");
        assert_eq!(whole(&media).unwrap(), whole(&named(&media, &[1, 9, 9])).unwrap(), "{name}");
        let mut data = media.data().to_vec();
        let scan = data.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
        data[scan + 7] = data[scan + 5];
        let twice = Media::new(data, None, &Limits::default()).unwrap();
        assert_eq!("media_corrupt", code(whole(&twice)), "{name}");
    }
    assert_eq!("media_corrupt", code(whole(&named(&seed("jpeg-progressive-420"), &[7, 7, 7]))));
}

/// Every decoder that takes a whole file at a call ends at the deadline with its row, and gives a whole picture
/// when it has time.
#[test]
fn whole_files_end_at_the_deadline() {
    let decoded = |name: &str, deadline: Deadline| {
        let media = seed(name);
        let (data, size) = (media.data(), size(&media));
        match name.split_once('-').unwrap().0 {
            "bmp" => code(bmp::decode(data, size, deadline)),
            "tiff" => code(tiff::decode(data, size, deadline)),
            "webp" => code(webp::open(data, size, deadline)),
            "heic" => code(heif::decode(data, size, deadline)),
            "png" => code(png::Png::open(data, size, deadline)),
            _ => code(inks::decode(jpeg::Jpeg::open(data, size, 9).unwrap(), size, deadline)),
        }
    };
    let tiffs = ["tiff-RGB-raw", "tiff-L-packbits", "tiff-P-tiff_lzw", "tiff-CMYK-tiff_adobe_deflate"];
    let others = ["bmp-P", "bmp-RGBA", "webp-lossless", "webp-lossy-alpha", "webp-animated", "heic-alpha"];
    let jpegs = ["jpeg-cmyk", "jpeg-baseline-rgb", "png-rgb-16-interlaced"];
    for name in tiffs.iter().chain(&others).chain(&jpegs) {
        assert_eq!("whole", decoded(name, Deadline::NEVER), "{name}");
        assert_eq!("image_too_large", decoded(name, Deadline::past()), "{name}");
    }
}

/// Where rows come one by one the work ends at the first that comes late, and a picture that is not whole never
/// leaves.
#[test]
fn rows_end_at_the_deadline() {
    for name in ["jpeg-420", "jpeg-progressive", "png-rgb", "gif-interlaced", "gif-plain", "webp-partitions"]
    {
        let media = seed(name);
        let source = || open(&media, size(&media), &Limits::default(), Deadline::NEVER).unwrap();
        let mut late = Late { rows: 0, takes_rows: false };
        assert_eq!("image_too_large", code(source().rows(&[1; 4], &mut late)), "{name}");
        assert!(late.rows <= 1, "{name}: {} rows", late.rows);
        assert_eq!("whole", code(source().whole(Deadline::NEVER)), "{name}");
        assert_eq!("image_too_large", code(source().whole(Deadline::past())), "{name}");
    }
}

/// Where all of a file has to come before the first row, its decoder asks in between.
#[test]
fn those_that_hold_all_rows_ask() {
    for name in ["gif-interlaced", "jpeg-progressive"] {
        let media = seed(name);
        let source = open(&media, size(&media), &Limits::default(), Deadline::NEVER).unwrap();
        let mut late = Late { rows: 0, takes_rows: true };
        assert_eq!(("image_too_large", 0), (code(source.rows(&[1; 4], &mut late)), late.rows), "{name}");
    }
}
