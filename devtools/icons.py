"""Draw the site's icons as static/img/favicon.svg has them, in the sizes that programs ask for.

    .venv/bin/python -m devtools.icons

The results are committed: a site that runs needs no drawing.
"""

from pathlib import Path

from PIL import Image, ImageDraw

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
PAPER, INK, ACCENT = "#fbfaf6", "#1b1d22", "#b23a12"
FINE = 8  # drawn this much larger and scaled down: Pillow draws without smoothing


def icon(side: int, *, rounded: bool = False, scale: float = 1.0) -> Image.Image:
    """The c and its dot on paper. The drawing is 32 units wide, smaller with a `scale` below 1."""
    full = side * FINE
    unit = full / 32 * scale
    offset = full * (1 - scale) / 2

    def at(*units: float) -> tuple[float, ...]:
        return tuple(offset + unit * one for one in units)

    drawn = Image.new("RGBA", (full, full), "#0000" if rounded else PAPER)
    pen = ImageDraw.Draw(drawn)
    if rounded:
        pen.rounded_rectangle((0, 0, full - 1, full - 1), radius=full * 7 / 32, fill=PAPER)
    # An arc of radius 8 about (13.5, 16) from 48° to 312°, 3.6 wide and round at both ends.
    reach = 8 + 1.8
    pen.arc(at(13.5 - reach, 16 - reach, 13.5 + reach, 16 + reach), 48, 312, INK, round(3.6 * unit))
    for y in (10.05, 21.95):
        pen.ellipse(at(18.85 - 1.8, y - 1.8, 18.85 + 1.8, y + 1.8), INK)
    pen.ellipse(at(25 - 3, 21.9 - 3, 25 + 3, 21.9 + 3), ACCENT)
    return drawn.resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    for side in (192, 512):
        _save(icon(side, rounded=True), f"icon-{side}.png")
    # W3C, Web Application Manifest, section on icon masks: what matters lies within 80 % of it.
    _save(icon(512, scale=0.72), "icon-maskable-512.png")
    _save(icon(180), "apple-touch-icon.png")  # the system rounds its corners
    sizes = [(16, 16), (32, 32), (48, 48)]
    pictures = [icon(side, rounded=True) for side, _ in sizes]
    pictures[-1].save(
        IMAGES / "favicon.ico", sizes=sizes, append_images=pictures[:-1], bitmap_format="png"
    )


def _save(picture: Image.Image, name: str) -> None:
    picture.quantize(64).save(IMAGES / name, optimize=True)


if __name__ == "__main__":
    main()
