//! The slow twin of the skipping reader, for tests and benches: every coefficient, bit by bit.
//!
//! Shares nothing with the reader, and takes damage lightly: it says what a file that is whole must give, and not whether
//! it is whole.

/// A picture in coefficients. Of a progressive one only the first ones of each block.
pub(crate) struct Luma {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) progressive: bool,
    /// Luma first.
    parts: Vec<Part>,
}

/// A component: `blocks` row-major, in the order in which a file has them, times their quantisers.
struct Part {
    id: u8,
    across: usize,
    down: usize,
    quantiser: usize,
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

/// Decodes a picture; `None` if nothing can be made of the file.
pub(crate) fn luma(bytes: &[u8]) -> Option<Luma> {
    let mut quantisers = vec![vec![0_i64; 64]; 16];
    let mut codes = vec![Code::default(); 32];
    let (mut restart, mut at) = (0, 2);
    let mut luma = Luma { width: 0, height: 0, progressive: false, parts: Vec::new() };
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
                let named: Vec<_> = body.get(6..)?.chunks_exact(3).collect();
                let most = named.first()?[1];
                let units = (
                    luma.width.div_ceil(8 * usize::from(most >> 4)),
                    luma.height.div_ceil(8 * usize::from(most & 15)),
                );
                for of in named {
                    let (across, down) = (usize::from(of[1] >> 4), usize::from(of[1] & 15));
                    let (stride, rows) = (units.0 * across, units.1 * down);
                    if stride * rows > 1 << 18 {
                        return None;
                    }
                    let quantiser = usize::from(of[2] & 15);
                    let blocks = vec![[0; 64]; stride * rows];
                    luma.parts.push(Part { id: of[0], across, down, quantiser, stride, blocks });
                }
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
            0xda => scan(&mut luma, &codes, restart, body, &bytes[at..])?,
            _ => {}
        }
    }
    for part in &mut luma.parts {
        let table = &quantisers[part.quantiser];
        for block in &mut part.blocks {
            block.iter_mut().zip(table).for_each(|(value, by)| *value *= by);
        }
    }
    luma.parts.first()?;
    Some(luma)
}

fn scan(luma: &mut Luma, codes: &[Code], restart: usize, header: &[u8], data: &[u8]) -> Option<()> {
    let count = usize::from(*header.first()?);
    let named: Vec<_> = header.get(1..1 + 2 * count)?.chunks_exact(2).collect();
    let (start, high, low) = (header[1 + 2 * count], header.last()? >> 4, header.last()? & 15);
    if luma.progressive && start > 0 {
        return Some(());
    }
    let most = (luma.parts.first()?.across, luma.parts[0].down);
    let chosen: Vec<_> = luma
        .parts
        .iter()
        .enumerate()
        .filter_map(|(at, of)| Some((at, named.iter().find(|name| name[0] == of.id)?[1])))
        .collect();
    let alone = chosen.len() == 1;
    let (columns, rows) = if alone {
        let of = &luma.parts[chosen[0].0];
        ((luma.width * of.across).div_ceil(8 * most.0), (luma.height * of.down).div_ceil(8 * most.1))
    } else {
        (luma.width.div_ceil(8 * most.0), luma.height.div_ceil(8 * most.1))
    };
    let mut bits = Bits { data, at: 0, bit: 0 };
    let mut lasts = [0; 3];
    for unit in 0..columns * rows {
        if restart > 0 && unit > 0 && unit % restart == 0 {
            bits.restart()?;
            lasts = [0; 3];
        }
        for (part, tables) in &chosen {
            let of = &mut luma.parts[*part];
            let (across, down) = if alone { (1, 1) } else { (of.across, of.down) };
            for block in 0..across * down {
                let mut found = [0; 64];
                if luma.progressive && high > 0 {
                    found[0] = bits.next()? as i64;
                } else {
                    let size = codes[usize::from(tables >> 4)].next(&mut bits)?;
                    found[0] = bits.number(size)?;
                }
                let mut at = if luma.progressive { 64 } else { 1 };
                while at < 64 {
                    let symbol = codes.get(16 + usize::from(tables & 15))?.next(&mut bits)?;
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
                let (x, y) =
                    (unit % columns * across + block % across, unit / columns * down + block / across);
                let place = of.blocks.get_mut(y * of.stride + x)?;
                if luma.progressive && high > 0 {
                    place[0] |= found[0] << low;
                    continue;
                }
                let last = lasts.get_mut(*part)?;
                *last += found[0];
                found[0] = *last << low;
                *place = found;
            }
        }
    }
    Some(())
}

fn wave(frequency: usize, pixel: usize) -> f64 {
    let scale = if frequency == 0 { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
    scale / 2.0 * ((2 * pixel + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0).cos()
}

impl Luma {
    fn block(&self, x: usize, y: usize) -> &[i64; 64] {
        &self.parts[0].blocks[y * self.parts[0].stride + x]
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

    /// Every pixel, by the inverse transform as it is defined; not rounded nor bounded.
    pub(crate) fn full(&self) -> Vec<f64> {
        let mut samples = vec![0.0; self.width * self.height];
        let waves: [[f64; 8]; 8] = std::array::from_fn(|of| std::array::from_fn(|at| wave(of, at)));
        for (number, block) in self.parts[0].blocks.iter().enumerate() {
            let (left, top) = (number % self.parts[0].stride * 8, number / self.parts[0].stride * 8);
            for (y, x) in (0..64).map(|at| (at / 8, at % 8)) {
                if left + x >= self.width || top + y >= self.height {
                    continue;
                }
                let mut sum = 128.0;
                // The file goes along the diagonals, turning at the edges.
                let (mut right, mut below) = (0, 0);
                for value in block {
                    sum += *value as f64 * waves[right][x] * waves[below][y];
                    let up = (right + below) % 2 == 0;
                    (right, below) = match (up, right, below) {
                        (true, 7, _) => (right, below + 1),
                        (true, _, 0) => (right + 1, below),
                        (true, ..) => (right + 1, below - 1),
                        (false, _, 7) => (right + 1, below),
                        (false, 0, _) => (right, below + 1),
                        (false, ..) => (right - 1, below + 1),
                    };
                }
                samples[(top + y) * self.width + left + x] = sum;
            }
        }
        samples
    }

    /// What a sample of `luma` at `(x, y)`, with `side` samples along a block, becomes: its block's mean colour is turned
    /// into red, green and blue, which are cut off where they cannot be shown, and those into luma.
    pub(crate) fn seen(&self, luma: f64, (x, y): (usize, usize), side: usize) -> f64 {
        let [first, blue, red] = &self.parts[..] else { return luma };
        let tint = |part: &Part| {
            let (x, y) = (x / side * part.across / first.across, y / side * part.down / first.down);
            (((part.blocks[y * part.stride + x][0] + 4) >> 3).clamp(-128, 127)) as f64
        };
        let (blue, red) = (tint(blue), tint(red));
        let stated = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
        let [r, g, b] = stated.map(|channel| channel.clamp(0.0, 255.0));
        0.299 * r + 0.587 * g + 0.114 * b
    }
}
