"""Draws the results of near.py: processor time a near look-up against the entries, both on logarithmic scales."""

import math
from html import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 215, 56, 48

# Colours that colour-blind readers tell apart (M. Okabe and K. Ito, "Color Universal Design", 2008), and marks that differ.
LINES = {
    ("innerward", "skewed"): ("#0072b2", "circle", ""),
    ("innerward", "random"): ("#0072b2", "ring", "5 4"),
    ("FAISS IndexBinaryMultiHash", "skewed"): ("#d55e00", "square", ""),
    ("FAISS IndexBinaryFlat", "skewed"): ("#009e73", "diamond", ""),
    ("tx (PDQIndex.query)", "skewed"): ("#cc79a7", "triangle", ""),
}
NAMES = {"skewed": "", "random": ", random codes"}
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.title{font-size:16px;font-weight:600}"
    ".small{font-size:12px;fill:#555}.grid{stroke:#ddd}.line{fill:none;stroke-width:2.5}"
)


def mark(shape, x, y, colour):
    if shape in ("circle", "ring"):
        fill = colour if shape == "circle" else "#fff"
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
    corners = {
        "square": [(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)],
        "diamond": [(0, -6), (6, 0), (0, 6), (-6, 0)],
        "triangle": [(0, -6), (5.5, 4.5), (-5.5, 4.5)],
    }[shape]
    points = " ".join(f"{x + across:.1f},{y + down:.1f}" for across, down in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'


def entries_text(count):
    return f"{count // 1_000_000} million" if count >= 1_000_000 else f"{count:,}"


def time_text(micros):
    return f"{micros / 1000:,.0f} ms" if micros >= 1000 else f"{micros:,g} µs"


def draw(results):
    """The picture as the text of an SVG file."""
    series = {}
    for result in results:
        for row in result["rows"]:
            key = (row["tool"], result["hashes"])
            if row["kind"] == "pdq" and key in LINES:
                series.setdefault(key, []).append((result["entries"], row["micros"]))
    counts = sorted({count for points in series.values() for count, _ in points})
    times = [micros for points in series.values() for _, micros in points]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    first, last = math.log10(counts[0]), max(math.log10(counts[-1]), math.log10(counts[0]) + 1)

    def place(count, micros):
        across = (math.log10(count) - first) / (last - first)
        up = (math.log10(micros) - low) / (high - low)
        return LEFT + 14 + across * (WIDTH - LEFT - RIGHT - 14), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    title = "Finding every PDQ hash within 31 bits"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{title}</title>',
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
        f'<text class="title" x="12" y="24">{title}</text>',
        '<text class="small" x="12" y="43">Processor time a look-up, one core; lower is faster. Both scales are logarithmic.</text>',
    ]
    for power in range(low, high + 1):
        y = place(counts[0], 10**power)[1]
        lines += [f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT + 6}" y1="{y:.1f}" y2="{y:.1f}"/>']
        lines += [f'<text class="small" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{time_text(10**power)}</text>']
    for count in counts:
        x = place(count, 10**low)[0]
        lines += [f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>']
        lines += [f'<text class="small" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{entries_text(count)}</text>']
    middle = (LEFT + WIDTH - RIGHT) / 2
    lines += [f'<text class="small" x="{middle:.1f}" y="{HEIGHT - 10}" text-anchor="middle">hashes in the list</text>']
    labels = []
    for key, points in series.items():
        colour, shape, dashes = LINES[key]
        places = [place(*point) for point in sorted(points)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        lines += [f'<polyline class="line" points="{path}" stroke="{colour}" stroke-dasharray="{dashes or "none"}"/>']
        lines += [mark(shape, x, y, colour) for x, y in places]
        labels.append([places[-1][1], key, shape, colour])
    # A name stands at the height of the end of its line, unless another does.
    labels.sort(key=lambda label: label[0])
    for before, label in zip(labels, labels[1:]):
        label[0] = max(label[0], before[0] + 18)
    for y, (tool, hashes), shape, colour in labels:
        lines += [mark(shape, WIDTH - RIGHT + 18, y, colour)]
        lines += [f'<text x="{WIDTH - RIGHT + 30}" y="{y + 4.5:.1f}">{escape(tool + NAMES[hashes])}</text>']
    return "\n".join([*lines, "</svg>"]) + "\n"
