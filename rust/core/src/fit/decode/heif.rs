//! HEIC, as phones write it, through `heic-rs`.
//!
//! The pixels come as they are stored: the facts of the header say how they are to be turned. An HEVC
//! decoder of one author's and of this year's: its version is pinned, a panic in it is a refusal, and it is
//! told how many pixels to expect, and it is asked for one tile after the other, so that the deadline holds
//! between them: phones cut their pictures into tiles of 512 x 512. Of a picture that is not cut, the pixels
//! come in one call that nothing can end: on one core of a server about 0.14 s a megapixel, which is how
//! late the refusal may be. (Using HEVC may need a patent licence; that is the operator's matter.)

mod sequence;

use std::borrow::Cow;

use heic_rs::context::Context;
use heic_rs::hevc::{self, Frame};
use heic_rs::image::check_pixels;
use heic_rs::{Error, PixelLayout, color, grid};
use memchr::memmem;

use super::{corrupt, unsupported};
use crate::Refusal;
use crate::fit::deadline::Deadline;
use crate::fit::picture::{Colour, Picture};

/// The side of a tile: a picture of tiles is decoded as large as they are together, then cut.
const TILE: usize = 512;

pub(super) fn decode(data: &[u8], size: (usize, usize), deadline: Deadline) -> Result<Picture, Refusal> {
    let (known, profile) = with_range(data);
    let pixels = Heif { most: ((size.0 + TILE) * (size.1 + TILE)) as u64, deadline }.pixels(&known);
    let (found, pixels) = pixels.map_err(|fault| match fault {
        Fault::Late(refusal) => refusal,
        Fault::Decoder(Error::Unsupported(_)) => {
            unsupported("this kind of HEIC cannot be decoded; send it as JPEG")
        }
        Fault::Decoder(_) => corrupt("HEIC"),
    })?;
    if found != size || pixels.len() != size.0 * size.1 * 4 {
        return Err(corrupt("HEIC"));
    }
    Ok(Picture { profile, ..Picture::single(size.0, size.1, Colour::Rgba, pixels) })
}

/// Why there are no pixels.
enum Fault {
    Decoder(Error),
    Late(Refusal),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Decoder(error)
    }
}

/// What bounds the work.
#[derive(Clone, Copy)]
struct Heif {
    /// Pixels of the tiles together.
    most: u64,
    deadline: Deadline,
}

impl Heif {
    /// The primary picture's size, and its pixels as red, green, blue, alpha: what `heic_rs::decode` does, in
    /// steps.
    fn pixels(self, data: &[u8]) -> Result<((usize, usize), Vec<u8>), Fault> {
        let context = Context::open(data)?;
        let id = context.meta.primary;
        if context.meta.props.unknown_essential(id).is_some() {
            return Err(Error::Unsupported("an essential property that nobody acts on").into());
        }
        let properties = context.props(id)?;
        let (width, height) = context.coded_size(id, &properties)?;
        check_pixels(width, height, self.most)?;
        let picture = self.item(&context, id)?;
        let alpha = context.alpha_item(id)?.map(|id| self.item(&context, id)).transpose()?;
        self.in_time()?;
        let nclx = properties.nclx.unwrap_or_default();
        let image = color::convert(&picture, alpha.as_ref(), nclx, PixelLayout::Rgba8, self.most, Some(1))?;
        Ok(((image.width as usize, image.height as usize), image.data))
    }

    /// One picture, put together from its tiles if it has any.
    fn item(self, context: &Context<'_>, id: u32) -> Result<Frame, Fault> {
        let mut left = self.most;
        let Some((grid, tiles)) = context.grid(id)? else { return self.coded(context, id, &mut left) };
        let tile = |tile: &u32| self.coded(context, *tile, &mut left);
        let tiles: Vec<Frame> = tiles.iter().map(tile).collect::<Result<_, _>>()?;
        self.in_time()?;
        Ok(grid::compose(&grid, &tiles, self.most)?)
    }

    /// One picture as it is coded, taken off the pixels that are left.
    fn coded(self, context: &Context<'_>, id: u32, left: &mut u64) -> Result<Frame, Fault> {
        self.in_time()?;
        let properties = context.props(id)?;
        let coder = properties.hvcc.as_ref().ok_or(Error::MissingBox("hvcC"))?;
        let parameters = coder.parameter_sets();
        for sequence in parameters.iter().filter(|set| sequence::is_one(set)) {
            // the decoder takes as much memory as these say, whatever the file says of the picture's size
            let pixels = sequence::pixels(sequence).ok_or(Error::Truncated("SPS"))?;
            *left = left.checked_sub(pixels).ok_or(Error::PixelLimit { pixels, max_pixels: *left })?;
        }
        let data = context.item_data(id)?;
        let frame = hevc::decode_still(&parameters, &coder.split_nals(&data)?)?;
        frame.validate()?;
        Ok(frame)
    }

    fn in_time(self) -> Result<(), Fault> {
        self.deadline.check().map_err(Fault::Late)
    }
}

/// The file with the range of its samples said, and its colour profile.
///
/// Phones give a profile and leave the rest to the bitstream, which `heic-rs` passes over to take the range of
/// television. What is not said is BT.601 in full range (ISO 23000-22, 7.3.6.4); so is what phones write. The
/// box of the profile is long enough to say so in a copy.
fn with_range(data: &[u8]) -> (Cow<'_, [u8]>, Option<Vec<u8>>) {
    let Some(at) = memmem::find(data, b"colrprof").filter(|at| *at >= 4) else { return (data.into(), None) };
    let length = u32::from_be_bytes([data[at - 4], data[at - 3], data[at - 2], data[at - 1]]) as usize;
    let content = data.get(at + 8..(at - 4).saturating_add(length));
    let said = memmem::find(data, b"colrnclx").is_some();
    match content {
        Some(profile) if !said && profile.len() >= NCLX.len() => {
            let mut copy = data.to_vec();
            copy[at + 4..at + 8].copy_from_slice(b"nclx");
            copy[at + 8..at + 8 + NCLX.len()].copy_from_slice(&NCLX);
            (copy.into(), Some(profile.to_vec()))
        }
        profile => (data.into(), profile.map(<[u8]>::to_vec)),
    }
}

/// Primaries and transfer of sRGB, matrix of BT.601, full range.
const NCLX: [u8; 7] = [0, 1, 0, 13, 0, 6, 0x80];

#[cfg(test)]
mod tests {
    use heic_rs::DecodeOptions;

    use super::*;

    fn boxed(name: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        [&(content.len() as u32 + 8).to_be_bytes()[..], name, &content].concat()
    }

    /// The picture of `plain.heic`, 96 x 72, twice side by side: two tiles, of which the last column is cut.
    fn tiled() -> Vec<u8> {
        tiled_by(&PLAIN[172..292])
    }

    const PLAIN: &[u8] = include_bytes!("../../../../../tests/golden/heic/plain.heic");

    /// The same, with these parameters of the coder.
    fn tiled_by(coder: &[u8]) -> Vec<u8> {
        let plain = PLAIN;
        let coded = &plain[378..];
        let grid = [0, 0, 0, 1, 0, 191, 0, 72];
        let file = |start: usize| {
            let place = |id: u8, at: usize, length: usize| {
                let [at, length] = [at, length].map(|number| (number as u32).to_be_bytes());
                [&[0, id, 0, 0, 0, 1][..], &at, &length].concat()
            };
            let entry = |id: u8, kind: &[u8; 4]| boxed(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], kind, &[0]]);
            let tile = place(1, start, coded.len());
            let places = [tile, place(2, start, coded.len()), place(3, start + coded.len(), 8)].concat();
            let size = |width: u8| boxed(b"ispe", &[&[0; 7], &[width, 0, 0, 0, 72]]);
            let properties = boxed(b"ipco", &[coder, &plain[292..311], &size(96), &size(191)]);
            let owners = [0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 2, 0x81, 3, 0, 2, 2, 0x81, 3, 0, 3, 2, 2, 4];
            let meta = [
                boxed(b"hdlr", &[&[0; 8], b"pict", &[0; 13]]),
                boxed(b"pitm", &[&[0, 0, 0, 0, 0, 3]]),
                boxed(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0, 3], &places]),
                boxed(
                    b"iinf",
                    &[&[0, 0, 0, 0, 0, 3], &entry(1, b"hvc1"), &entry(2, b"hvc1"), &entry(3, b"grid")],
                ),
                boxed(b"iref", &[&[0; 4], &boxed(b"dimg", &[&[0, 3, 0, 2, 0, 1, 0, 2]])]),
                boxed(b"iprp", &[&properties, &boxed(b"ipma", &[&owners])]),
            ];
            let head = [&plain[..28], &boxed(b"meta", &[&[0; 4], &meta.concat()])].concat();
            (head.len() + 8, [head, boxed(b"mdat", &[coded, &grid])].concat())
        };
        file(file(0).0).1
    }

    /// Pixels in steps are those that the decoder gives in one call: of one picture, of tiles, with alpha.
    #[test]
    fn steps_are_the_whole() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/heic/");
        let golden = |name: &str| std::fs::read(folder.to_owned() + name).unwrap();
        for file in [golden("plain.heic"), golden("alpha.heic"), golden("grey.heic"), tiled()] {
            let options = DecodeOptions::default().with_layout(PixelLayout::Rgba8).with_transforms(false);
            let whole = heic_rs::decode(&file, &options).unwrap();
            let size = (whole.width as usize, whole.height as usize);
            let steps = Heif { most: 1_000_000, deadline: Deadline::NEVER }.pixels(&file);
            assert!(steps.is_ok_and(|steps| steps == (size, whole.data)));
        }
    }

    /// Tiles that are larger than they may be together are refused before they are decoded, though all that the
    /// file says of sizes is right and the window of what is shown hides the rest.
    #[test]
    fn tiles_are_held_to_the_picture() {
        let mut coder = PLAIN[172..292].to_vec();
        let at = memmem::find(&coder, b"\x42\x01").unwrap();
        let length = usize::from(u16::from_be_bytes([coder[at - 2], coder[at - 1]]));
        let lying = sequence::tests::resized(&coder[at..at + length], 32_768, 32_768);
        coder[at - 2..at].copy_from_slice(&(lying.len() as u16).to_be_bytes());
        coder.splice(at..at + length, lying);
        let bytes = coder.len() as u32;
        coder[..4].copy_from_slice(&bytes.to_be_bytes());
        let file = tiled_by(&coder);
        let context = Context::open(&file).unwrap();
        let heif = Heif { most: 1_000_000, deadline: Deadline::NEVER };
        let refused = heif.item(&context, 3);
        assert!(matches!(refused, Err(Fault::Decoder(Error::PixelLimit { pixels: 1_073_741_824, .. }))));
        assert_eq!("media_corrupt", decode(&file, (191, 72), Deadline::NEVER).unwrap_err().code);
        // two tiles have more than one may have
        let (file, most) = (tiled(), 96 * 72);
        let context = Context::open(&file).unwrap();
        assert!(Heif { most, ..heif }.item(&context, 1).is_ok());
        assert!(Heif { most: 2 * most, ..heif }.item(&context, 3).is_ok());
        assert!(Heif { most: 2 * most - 1, ..heif }.item(&context, 3).is_err());
    }

    /// The clock is looked at before every tile.
    #[test]
    fn no_tile_is_begun_late() {
        let (file, late) = (tiled(), Heif { most: 1_000_000, deadline: Deadline::past() });
        let context = Context::open(&file).unwrap();
        for id in [1, 3] {
            assert!(matches!(late.item(&context, id), Err(Fault::Late(_))));
        }
        assert_eq!("image_too_large", decode(&file, (191, 72), late.deadline).unwrap_err().code);
    }

    /// A file that has a profile and says nothing of its range has the pixels of one that says what phones mean.
    #[test]
    fn range_of_phones() {
        let said = include_bytes!("../../../../../tests/golden/heic/plain.heic");
        let at = memmem::find(said, b"colrnclx").unwrap();
        let mut silent = said.to_vec();
        silent[at + 4..at + 8].copy_from_slice(b"prof");
        let size = |data: &[u8]| {
            let media = crate::Media::new(data.to_vec(), None, &crate::Limits::default()).unwrap();
            (media.facts().width.unwrap() as usize, media.facts().height.unwrap() as usize)
        };
        let pixels = |data: &[u8]| decode(data, size(data), Deadline::NEVER).unwrap().planes;
        assert_eq!(pixels(said), pixels(&silent));
    }
}
