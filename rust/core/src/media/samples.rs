//! Small files of every format that is read, built by hand so that each byte is known.

/// A PNG with these chunks between its header and its end.
pub(crate) fn png(width: u32, height: u32, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let all = [(b"IHDR", &header[..])].into_iter().chain(chunks.iter().copied()).chain([(b"IEND", &[][..])]);
    for (name, data) in all {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend(name);
        file.extend(data);
        file.extend([0; 4]);
    }
    file
}

/// A still PNG of this size.
pub(crate) fn still_png(width: u32, height: u32) -> Vec<u8> {
    png(width, height, &[(b"IDAT", b"pixels")])
}

/// A TIFF structure with one directory of SHORT entries, little- or big-endian.
pub(crate) fn tiff(entries: &[(u16, u16)], big: bool) -> Vec<u8> {
    let two = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut file = if big { b"MM\0*\0\0\0\x08".to_vec() } else { b"II*\0\x08\0\0\0".to_vec() };
    file.extend(two(u16::try_from(entries.len()).unwrap()));
    for (tag, value) in entries {
        file.extend(two(*tag));
        file.extend(two(3));
        file.extend(if big { [0, 0, 0, 1] } else { [1, 0, 0, 0] });
        file.extend(two(*value));
        file.extend([0, 0]);
    }
    file.extend([0; 4]);
    file
}

/// A JPEG of this size with these extra segments before its frame header.
pub(crate) fn jpeg(width: u16, height: u16, segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut frame = vec![8];
    frame.extend(height.to_be_bytes());
    frame.extend(width.to_be_bytes());
    frame.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
    let scan: &[u8] = &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0];
    let mut file = b"\xff\xd8".to_vec();
    for (marker, data) in segments.iter().copied().chain([(0xC0, &frame[..]), (0xDA, scan)]) {
        file.extend([0xFF, marker]);
        file.extend(u16::try_from(data.len() + 2).unwrap().to_be_bytes());
        file.extend(data);
    }
    file.extend(b"entropy\xff\x00coded\xff\xd9");
    file
}

/// A WebP of these chunks.
pub(crate) fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut content = b"WEBP".to_vec();
    for (name, data) in chunks {
        content.extend(*name);
        content.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        content.extend(*data);
        content.extend(&[0][..data.len() % 2]);
    }
    let mut file = b"RIFF".to_vec();
    file.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    file.extend(content);
    file
}

/// The head of a lossy bitstream.
pub(crate) fn vp8(width: u16, height: u16) -> Vec<u8> {
    let mut data = b"\0\0\0\x9d\x01\x2a".to_vec();
    data.extend(width.to_le_bytes());
    data.extend(height.to_le_bytes());
    data
}

/// The head of a lossless bitstream.
pub(crate) fn vp8l(width: u32, height: u32) -> Vec<u8> {
    let mut data = vec![0x2F];
    data.extend(((width - 1) | ((height - 1) << 14)).to_le_bytes());
    data
}

/// The extended header for this canvas.
pub(crate) fn vp8x(width: u32, height: u32) -> Vec<u8> {
    let mut data = vec![0; 4];
    data.extend(&(width - 1).to_le_bytes()[..3]);
    data.extend(&(height - 1).to_le_bytes()[..3]);
    data
}

/// The head of a frame at the origin of an animation.
pub(crate) fn anmf(width: u32, height: u32) -> Vec<u8> {
    let mut data = vec![0; 6];
    data.extend(&(width - 1).to_le_bytes()[..3]);
    data.extend(&(height - 1).to_le_bytes()[..3]);
    data.extend([0; 4]);
    data
}

/// A GIF of this many frames, each as large as the canvas.
pub(crate) fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend([0x80, 0, 0]);
    file.extend([0; 6]);
    file.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
    for _ in 0..frames {
        file.extend([0x2C, 0, 0, 0, 0]);
        file.extend(width.to_le_bytes());
        file.extend(height.to_le_bytes());
        file.extend([0, 2, 2, 0x4C, 0x01, 0]);
    }
    file.push(0x3B);
    file
}

/// A BMP header; a negative height means rows from the top.
pub(crate) fn bmp(width: i32, height: i32) -> Vec<u8> {
    let mut file = b"BM".to_vec();
    file.extend([0; 12]);
    file.extend(40u32.to_le_bytes());
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend([0; 28]);
    file
}

/// An ISO base media file of this brand, with size properties.
pub(crate) fn boxes(brand: &[u8; 4], sizes: &[(u32, u32)]) -> Vec<u8> {
    let mut file = b"\0\0\0\x18ftyp".to_vec();
    file.extend(brand);
    file.extend(b"\0\0\0\0mif1miaf");
    for (width, height) in sizes {
        file.extend(b"\0\0\0\x14ispe\0\0\0\0");
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
    }
    file
}

/// A HEIC whose primary item, the second of two, has the second size of these and then these properties.
pub(crate) fn heic(sizes: [(u32, u32); 2], properties: &[(&[u8; 4], u8)]) -> Vec<u8> {
    let named = |name: &[u8; 4], body: &[u8]| {
        let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&length[..], name, body].concat()
    };
    let mut list = Vec::new();
    for (width, height) in sizes {
        list.extend(named(b"ispe", &[&[0; 4][..], &width.to_be_bytes(), &height.to_be_bytes()].concat()));
    }
    let mut uses = vec![0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 2];
    uses.push(u8::try_from(properties.len() + 1).unwrap());
    uses.push(0x82);
    for (index, (name, value)) in (3..).zip(properties) {
        list.extend(named(name, &[*value]));
        uses.push(0x80 | index);
    }
    let properties = [named(b"ipco", &list), named(b"ipma", &uses)].concat();
    let meta = [&[0; 4][..], &named(b"pitm", &[0, 0, 0, 0, 0, 2]), &named(b"iprp", &properties)].concat();
    [named(b"ftyp", b"heic\0\0\0\0mif1heic"), named(b"meta", &meta)].concat()
}

/// A file of `tests/golden/containers`, made by other programs.
pub(crate) fn golden(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/containers/");
    std::fs::read(folder.to_owned() + name).unwrap()
}
