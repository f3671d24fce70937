"""From a Pillow picture to the pixels that are hashed, in the two ways that matter."""

import numpy as np
from PIL import ImageOps


def over(picture, background):
    """Alpha over one grey, rounded to the nearest: (v a + b (255 - a) + 127) / 255."""
    rgba = np.asarray(picture.convert("RGBA")).astype(np.int64)
    colour, alpha = rgba[:, :, :3], rgba[:, :, 3:]
    return ((colour * alpha + background * (255 - alpha) + 127) // 255).astype(np.uint8)


def seen(picture):
    """The picture as a person sees it: (decoding, pixels), one for each background where it has alpha."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode == "I;16":
        levels = (np.asarray(picture).astype(np.int64) + 128) // 257
        return [("rgb", np.repeat(levels.astype(np.uint8)[:, :, None], 3, axis=2))]
    if picture.has_transparency_data:
        return [("rgb", over(picture, 255)), ("rgb-black", over(picture, 0))]
    return [("rgb", np.asarray(picture.convert("RGB")))]


def frames(picture):
    """Further distinct frames of an animation, and pages, as a person sees them: (decoding, pixels)."""
    found, known = [], {over(ImageOps.exif_transpose(picture), 255).tobytes()}
    # The further pictures of an MPO are of no interest to viewers.
    count = picture.n_frames if picture.format in ("GIF", "PNG", "WEBP", "TIFF") else 1
    for number in range(1, count):
        picture.seek(number)
        pixels = over(ImageOps.exif_transpose(picture), 255)
        if pixels.tobytes() not in known:
            known.add(pixels.tobytes())
            found.append((f"frame-{number + 1}", pixels))
    return found


def as_tx(picture):
    """What python-threatexchange feeds to pdqhash (`_convert_image_to_correct_array_dimension`)."""
    if picture.mode in ("LA", "I;16"):
        picture = picture.convert("RGB")
    pixels = np.asarray(picture)
    return np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else pixels
