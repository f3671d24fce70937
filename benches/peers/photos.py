#!/usr/bin/env python3
"""Makes the sets of photographs that the speed of hashing is measured on.

    photos.py --out DIR --large DIR... [--small DIR...]

--large: folders with the unpacked Debian packages (`apt-get download`, `dpkg -x`) plasma-workspace-wallpapers,
mate-backgrounds, ukui-wallpapers, lomiri-wallpapers-16.04 and -20.04, and the picture folders of scikit-image and
scikit-learn. Only the photographs named below are taken: drawings and renderings compress and hash unlike them.
--small: folders of which every picture is a photograph of at least 250 pixels a side, such as GroceryStoreDataset.

    12mp     4032x3024, 4:2:0, quality 90: what a telephone writes. Enlarged sources lack the noise of a sensor, which
             is most of what an entropy decoder works on; seeded noise is added until a file has at least 3 MB.
    prog8mp  3264x2448, progressive, 4:2:0, quality 90, with noise for at least 2 MB
    1mp      one million pixels, quality 90
    0.2mp    0.2 million pixels, quality 85 to 92: half small photographs, half parts of large ones, reduced
    png0.7   0.7 million pixels, PNG
    many     a spread of sizes, qualities, samplings and modes for comparing hashes; parts of one photograph overlap
             only between classes of size, never within one

Everything is drawn from one seed, so the sets are the same wherever the sources and the pinned packages are.
"""

import argparse
import io
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 20261122
MEGAPIXEL = 1_000_000
SUFFIXES = {".jpg", ".jpeg", ".png"}

# Ends of paths, largest photographs first.
PHOTOGRAPHS = """
Kleiber_by_Lukas_Baubkus.jpg seeding_by_Clements_Engelhardt.jpg Dragonfly_by_Bolly.jpg
sunset_by_Aitzol_Berasategi.jpg Bridge_by_Sander_Klootwijk.jpg Wine_by_Jakkub_Mede.jpg
picosdeeuropa_by_Aitzol_Berasategi.jpg life_by_Aitzol_Berasategi.jpg aitzgorri_by_Aitzol_Berasategi.jpg
friends_by_Aitzol_Berasategi.jpg greentock_by_Peter_Nerlich.jpg free_by_Peter_Nerlich.jpg
Picture_0B_by_freespace.jpg summer_1am/contents/images/2560x1600.jpg Path/contents/images/2560x1600.jpg
OneStandsOut/contents/images/2560x1600.jpg Kite/contents/images/2560x1600.jpg Grey/contents/images/2560x1600.jpg
FallenLeaf/contents/images/2560x1600.jpg EveningGlow/contents/images/2560x1600.jpg
DarkestHour/contents/images/2560x1600.jpg ColorfulCups/contents/images/2560x1600.jpg
ColdRipple/contents/images/2560x1600.jpg BytheWater/contents/images/2560x1600.jpg
mate/nature/YellowFlower.jpg mate/nature/TwoWings.jpg mate/nature/LadyBird.jpg mate/nature/Garden.jpg
mate/nature/Aqua.jpg mate/nature/Wood.jpg mate/nature/Storm.jpg mate/nature/RainDrops.jpg mate/nature/Blinds.jpg
mate/nature/FreshFlower.jpg mate/nature/Dune.jpg mate/nature/GreenMeadow.jpg Picture_1A_by_freespace.jpg
skimage/data/astronaut.png skimage/data/chelsea.png skimage/data/coffee.png skimage/data/motorcycle_left.png
skimage/data/rocket.jpg datasets/images/china.jpg datasets/images/flower.jpg
""".split()

# Short sides of `many`: lowest, highest, how many at most.
CLASSES = [
    (128, 255, 360),
    (256, 511, 360),
    (512, 767, 300),
    (768, 1023, 160),
    (1024, 1535, 120),
    (1536, 2047, 70),
    (2048, 2600, 40),
]


def find(folders):
    """The named photographs, in the order of the list."""
    every = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
    found = []
    for name in PHOTOGRAPHS:
        hits = [path for path in every if path.as_posix().endswith("/" + name) and not path.is_symlink()]
        if hits:
            found.append(hits[0])
        else:
            print(f"not found, left out: {name}")
    return found


def load(path):
    return Image.open(path).convert("RGB")


def filled(picture, width, height):
    """The middle of the picture, scaled until it fills width x height; turned if it is upright."""
    if (picture.width < picture.height) != (width < height):
        width, height = height, width
    scale = max(width / picture.width, height / picture.height)
    across, down = width / scale, height / scale
    left, top = (picture.width - across) / 2, (picture.height - down) / 2
    return picture.resize((width, height), Image.Resampling.LANCZOS, (left, top, left + across, top + down))


def of_area(picture, pixels):
    """The whole picture, scaled to about that many pixels."""
    scale = (pixels / (picture.width * picture.height)) ** 0.5
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)


def jpeg(picture, quality, sampling, progressive):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, subsampling=sampling, progressive=progressive)
    return out.getvalue()


def camera(path, out, size, least, progressive, seed):
    """A file as a camera writes it, with the least noise that makes it `least` bytes long."""
    picture = np.asarray(filled(load(path), *size), dtype=np.float32)
    noise = np.random.default_rng(seed).standard_normal(picture.shape[:2], dtype=np.float32)[..., None]
    for strength in (0, 1, 1.5, 2, 2.5, 3, 4, 5, 6):
        noisy = Image.fromarray((picture + strength * noise).round().clip(0, 255).astype(np.uint8))
        data = jpeg(noisy, 90, "4:2:0", progressive)
        if len(data) >= least:
            break
    out.write_bytes(data)


def scaled(path, out, pixels, quality):
    picture = of_area(load(path), pixels)
    if quality is None:
        picture.save(out)
    else:
        out.write_bytes(jpeg(picture, quality, "4:2:0", False))


def part(path, out, box, size, quality, sampling, progressive):
    picture = load(path).resize(size, Image.Resampling.LANCZOS, box)
    out.write_bytes(jpeg(picture, quality, sampling, progressive))


def parts(size, side):
    """Boxes of short side `side` and long side 1 to 1.5 times as long that do not overlap, by rows."""
    width, height = size
    upright = width < height
    if upright:
        width, height = height, width
    rows = height // side
    if not rows:
        return []
    columns = max(1, width // (side * 4 // 3))
    across, down = min(width // columns, side * 3 // 2), height // rows
    if across < side:
        return []
    down = min(down, across)
    boxes = [
        (column * across, row * down, (column + 1) * across, (row + 1) * down)
        for row in range(rows)
        for column in range(columns)
    ]
    return [(top, left, bottom, right) for left, top, right, bottom in boxes] if upright else boxes


def many(large, small, out, draw):
    """The jobs of the set `many`."""
    jobs = []
    sizes = {path: Image.open(path).size for path in large + small}
    small = small[:]
    draw.shuffle(small)
    for lowest, highest, count in CLASSES:
        candidates = []
        for path in large:
            if min(sizes[path]) < lowest:
                continue
            side = draw.randint(lowest, min(highest, min(sizes[path])))
            # Small parts are reduced from larger ones, as pictures on the web are.
            reduce = 3 if highest < 512 else 1
            boxes = parts(sizes[path], min(side * reduce, min(sizes[path])))
            draw.shuffle(boxes)
            for box in boxes[:16]:
                short = min(box[2] - box[0], box[3] - box[1])
                target = draw.randint(lowest, min(highest, short)) if reduce > 1 else min(short, highest)
                candidates.append((path, box, target))
        draw.shuffle(candidates)
        if highest < 512:
            taken, small = small[: count * 3 // 4], small[count * 3 // 4 :]
            wholes = []
            for path in taken:
                short = min(sizes[path])
                if short >= lowest:
                    target = draw.randint(lowest, min(highest, short))
                    wholes.append((path, (0, 0, *sizes[path]), target))
            candidates = wholes + candidates
        for path, box, short in candidates[:count]:
            width, height = box[2] - box[0], box[3] - box[1]
            scale = short / min(width, height)
            size = (max(short, round(width * scale)), max(short, round(height * scale)))
            quality = draw.randint(70, 95)
            sampling = draw.choice(["4:4:4", "4:2:2", "4:2:0", "4:2:0"])
            progressive = len(jobs) % 6 == 0
            name = f"s{short:04}-q{quality}-{sampling.replace(':', '')}-{'p' if progressive else 'b'}-{len(jobs):04}.jpg"
            jobs.append((part, path, out / name, box, size, quality, sampling, progressive))
    return jobs


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--out", type=Path, required=True)
    args.add_argument("--large", type=Path, nargs="+", required=True)
    args.add_argument("--small", type=Path, nargs="*", default=[])
    args.add_argument("--only", metavar="SET", help="make this set alone")
    args.add_argument("--jobs", type=int, default=2)
    args = args.parse_args()

    large = find(args.large)
    small = sorted(path for folder in args.small for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    small = [path for path in small if min(Image.open(path).size) >= 250]
    draw = random.Random(SEED)
    sets = {name: args.out / name for name in ["12mp", "prog8mp", "1mp", "0.2mp", "png0.7", "many"]}
    for folder in sets.values():
        folder.mkdir(parents=True, exist_ok=True)
    stem = lambda number, path: f"{number:03}-{path.parts[-4] if path.stem[0].isdigit() else path.stem}"

    jobs = []
    for number, path in enumerate(large[:10]):
        name = f"{stem(number, path)}.jpg"
        jobs.append((camera, path, sets["12mp"] / name, (4032, 3024), 3_000_000, False, number))
        jobs.append((camera, path, sets["prog8mp"] / name, (3264, 2448), 2_000_000, True, 100 + number))
    for number, path in enumerate(large[:36]):
        jobs.append((scaled, path, sets["1mp"] / f"{stem(number, path)}.jpg", MEGAPIXEL, 90))
    for number, path in enumerate(large[:8]):
        jobs.append((scaled, path, sets["png0.7"] / f"{stem(number, path)}.png", 0.7 * MEGAPIXEL, None))
    for number, path in enumerate(draw.sample(small, min(60, len(small)))):
        jobs.append((scaled, path, sets["0.2mp"] / f"s{number:03}.jpg", 0.2 * MEGAPIXEL, draw.randint(85, 92)))
    boxes = [(path, box) for path in large[:36] for box in parts(Image.open(path).size, 1125)[:2]]
    for number, (path, box) in enumerate(boxes[:60]):
        scale = (0.2 * MEGAPIXEL / ((box[2] - box[0]) * (box[3] - box[1]))) ** 0.5
        size = (round((box[2] - box[0]) * scale), round((box[3] - box[1]) * scale))
        jobs.append((part, path, sets["0.2mp"] / f"p{number:03}.jpg", box, size, draw.randint(85, 92), "4:2:0", False))
    jobs += many(large, small, sets["many"], draw)

    if args.only:
        jobs = [job for job in jobs if job[2].parent == sets[args.only]]
    with ProcessPoolExecutor(args.jobs) as pool:
        for done in [pool.submit(job, *rest) for job, *rest in jobs]:
            done.result()
    for name, folder in sets.items():
        files = list(folder.iterdir())
        print(f"{name}: {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
