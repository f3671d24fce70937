//! The slow twin of the skipping reader, for tests and benches: every coefficient of luma, bit by bit.
//!
//! Shares nothing with the reader, and takes damage lightly: it says what a file that is whole must give, and not whether
//! it is whole.

/// Luma in coefficients: `blocks` row-major, in the order in which a file has them, times their quantisers. Of a
/// progressive picture only the first ones.
pub(crate) struct Luma {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) progressive: bool,
    stride: usize,
    blocks: Vec<[i64; 64]>,
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    bit: u32,
}

impl Bits<'_> {
    fn next(&mut self) -> Option<usize> {
        let byte = *self.data.get(self.at)?;
        if byte == 0xff && *self.data.get(self.at + 1)? != 0 {
            return None;
        }
        let found = usize::from(byte >> (7 - self.bit) & 1);
        self.bit += 1;
        if self.bit == 8 {
            self.bit = 0;
            self.at += if byte == 0xff { 2 } else { 1 };
        }
        Some(found)
    }

    fn number(&mut self, size: u8) -> Option<i64> {
        let mut found = 0;
        for _ in 0..size {
            found = found << 1 | self.next()? as i64;
        }
        Some(if size > 0 && found < 1 << (size - 1) { found - (1 << size) + 1 } else { found })
    }

    /// To the next marker, and past it if it is one that restarts.
    fn restart(&mut self) -> Option<()> {
        while *self.data.get(self.at)? != 0xff || [0, 0xff].contains(self.data.get(self.at + 1)?) {
            self.at += 1;
        }
        self.bit = 0;
        if (0xd0..=0xd7).contains(self.data.get(self.at + 1)?) {
            self.at += 2;
        }
        Some(())
    }
}

#[derive(Clone, Default)]
struct Code {
    counts: Vec<u8>,
    symbols: Vec<u8>,
}

impl Code {
    fn next(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in self.counts.iter().map(|count| usize::from(*count)) {
            code = code << 1 | bits.next()?;
            if code < first + count {
                return self.symbols.get(index + code - first).copied();
            }
            first = (first + count) << 1;
            index += count;
        }
        None
    }
}

/// Decodes luma; `None` if nothing can be made of the file.
pub(crate) fn luma(bytes: &[u8]) -> Option<Luma> {
    let mut quantisers = vec![vec![0_i64; 64]; 16];
    let mut codes = vec![Code::default(); 32];
    let (mut restart, mut at) = (0, 2);
    let mut components: Vec<(u8, usize, usize, usize)> = Vec::new();
    let mut luma = Luma { width: 0, height: 0, progressive: false, stride: 0, blocks: Vec::new() };
    loop {
        while bytes.get(at)? != &0xff || [0, 0xff].contains(bytes.get(at + 1)?) {
            at += 1;
        }
        let marker = bytes[at + 1];
        if marker == 0xd9 {
            break;
        }
        if (0xd0..=0xd7).contains(&marker) {
            at += 2;
            continue;
        }
        let len = usize::from(*bytes.get(at + 2)?) << 8 | usize::from(*bytes.get(at + 3)?);
        let mut body = bytes.get(at + 4..at + 2 + len)?;
        at += 2 + len;
        let two = |at: usize| Some(usize::from(*body.get(at)?) << 8 | usize::from(*body.get(at + 1)?));
        match marker {
            0xc0..=0xc2 => {
                (luma.height, luma.width, luma.progressive) = (two(1)?, two(3)?, marker == 0xc2);
                for of in body.get(6..)?.chunks_exact(3) {
                    components.push((
                        of[0],
                        usize::from(of[1] >> 4),
                        usize::from(of[1] & 15),
                        usize::from(of[2] & 15),
                    ));
                }
                let &(_, across, down, _) = components.first()?;
                luma.stride = luma.width.div_ceil(8).next_multiple_of(across);
                let rows = luma.height.div_ceil(8).next_multiple_of(down);
                if luma.stride * rows > 1 << 18 {
                    return None;
                }
                luma.blocks = vec![[0; 64]; luma.stride * rows];
            }
            0xc4 => {
                while let Some((name, rest)) = body.split_first() {
                    let (counts, rest) = rest.split_at_checked(16)?;
                    let len = counts.iter().map(|count| usize::from(*count)).sum();
                    let (symbols, rest) = rest.split_at_checked(len)?;
                    *codes.get_mut(usize::from(*name))? =
                        Code { counts: counts.into(), symbols: symbols.into() };
                    body = rest;
                }
            }
            0xdb => {
                while let Some((name, rest)) = body.split_first() {
                    let (table, rest) = rest.split_at_checked(64)?;
                    *quantisers.get_mut(usize::from(*name))? =
                        table.iter().map(|value| i64::from(*value)).collect();
                    body = rest;
                }
            }
            0xdd => restart = two(0)?,
            0xda => scan(&mut luma, &components, &codes, restart, body, &bytes[at..])?,
            _ => {}
        }
    }
    let table = &quantisers[components.first()?.3];
    for block in &mut luma.blocks {
        block.iter_mut().zip(table).for_each(|(value, by)| *value *= by);
    }
    Some(luma)
}

fn scan(
    luma: &mut Luma,
    components: &[(u8, usize, usize, usize)],
    codes: &[Code],
    restart: usize,
    header: &[u8],
    data: &[u8],
) -> Option<()> {
    let count = usize::from(*header.first()?);
    let named: Vec<_> = header.get(1..1 + 2 * count)?.chunks_exact(2).collect();
    let (start, high, low) = (header[1 + 2 * count], header.last()? >> 4, header.last()? & 15);
    if named.first()?[0] != components[0].0 || (luma.progressive && start > 0) {
        return Some(());
    }
    let (across, down) = if count == 1 { (1, 1) } else { (components[0].1, components[0].2) };
    let (columns, rows) = (luma.width.div_ceil(8 * across), luma.height.div_ceil(8 * down));
    let mut bits = Bits { data, at: 0, bit: 0 };
    let mut last = 0;
    for unit in 0..columns * rows {
        if restart > 0 && unit > 0 && unit % restart == 0 {
            bits.restart()?;
            last = 0;
        }
        for (component, name) in
            components.iter().filter_map(|of| Some((of, named.iter().find(|name| name[0] == of.0)?)))
        {
            let is_luma = component.0 == components[0].0;
            let blocks = if count == 1 { 1 } else { component.1 * component.2 };
            for block in 0..blocks {
                let mut found = [0; 64];
                if luma.progressive && high > 0 {
                    found[0] = bits.next()? as i64;
                } else {
                    let size = codes[usize::from(name[1] >> 4)].next(&mut bits)?;
                    found[0] = bits.number(size)?;
                }
                let mut at = if luma.progressive { 64 } else { 1 };
                while at < 64 {
                    let symbol = codes.get(16 + usize::from(name[1] & 15))?.next(&mut bits)?;
                    match symbol {
                        0 => break,
                        0xf0 => at += 16,
                        _ => {
                            at += usize::from(symbol >> 4);
                            *found.get_mut(at)? = bits.number(symbol & 15)?;
                            at += 1;
                        }
                    }
                }
                if is_luma {
                    let (x, y) =
                        (unit % columns * across + block % across, unit / columns * down + block / across);
                    let place = &mut luma.blocks[y * luma.stride + x];
                    if luma.progressive && high > 0 {
                        place[0] |= found[0] << low;
                        continue;
                    }
                    last += found[0];
                    found[0] = last << low;
                    *place = found;
                }
            }
        }
    }
    Some(())
}

impl Luma {
    fn block(&self, x: usize, y: usize) -> &[i64; 64] {
        &self.blocks[y * self.stride + x]
    }

    /// The mean of each block.
    pub(crate) fn eighth(&self) -> Vec<u8> {
        let mut samples = Vec::new();
        for y in 0..self.height.div_ceil(8) {
            for x in 0..self.width.div_ceil(8) {
                samples.push((((self.block(x, y)[0] + 4) >> 3) + 128).clamp(0, 255) as u8);
            }
        }
        samples
    }

    /// The mean of each quarter of a block, by adding up the 16 pixels that the inverse transform makes of the lowest 2 × 2
    /// coefficients alone; not rounded nor bounded.
    pub(crate) fn quarter(&self) -> Vec<f64> {
        let wave = |frequency: usize, pixel: usize| {
            let scale = if frequency == 0 { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
            scale / 2.0 * ((2 * pixel + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0).cos()
        };
        let mut samples = Vec::new();
        for y in 0..self.height.div_ceil(4) {
            for x in 0..self.width.div_ceil(4) {
                let block = self.block(x / 2, y / 2);
                let mut sum = 0.0;
                for pixel in 0..16 {
                    let (across, down) = (x % 2 * 4 + pixel % 4, y % 2 * 4 + pixel / 4);
                    for (place, right, below) in [(0, 0, 0), (1, 1, 0), (2, 0, 1), (4, 1, 1)] {
                        sum += block[place] as f64 * wave(right, across) * wave(below, down);
                    }
                }
                samples.push(sum / 16.0 + 128.0);
            }
        }
        samples
    }
}
