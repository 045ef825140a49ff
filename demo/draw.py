"""Draw the demo's pictures: each .svg in an app's demo/pictures/ becomes a small .png beside it.

    python demo/draw.py            all of them
    python demo/draw.py FILE ...   only these

Needs Chromium on PATH and Pillow. The drawings are flat, so a palette of 64 colors
loses nothing that can be seen and keeps each file under 60 KB.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
MAX_BYTES = 60_000  # bytes
COLORS = 64
CHROMIUM = [
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def size_of(svg: str) -> tuple[int, int]:
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    if found is None:
        raise ValueError("The drawing has no viewBox that begins at 0 0.")
    return int(found[1]), int(found[2])


def render(source: Path) -> Path:
    svg = source.read_text()
    width, height = size_of(svg)
    target = source.with_suffix(".png")

    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        style = "body{margin:0}svg{display:block}"
        page.write_text(f'<!doctype html><meta charset="utf-8"><style>{style}</style>{svg}')
        subprocess.run(
            [
                *CHROMIUM,
                f"--user-data-dir={folder}/profile",
                f"--window-size={width},{height}",
                f"--screenshot={shot}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        with Image.open(shot) as picture:
            flat = picture.convert("RGB").crop((0, 0, width, height))

    flat.quantize(COLORS, dither=Image.Dither.NONE).save(target, optimize=True)
    return target


def main(files: list[str]) -> int:
    sources = [Path(file) for file in files] or sorted(ROOT.glob("*/demo/pictures/*.svg"))
    too_large = []
    for source in sources:
        target = render(source)
        print(f"{target.name:40} {target.stat().st_size:>7,} bytes")
        if target.stat().st_size > MAX_BYTES:
            too_large.append(target.name)
    if too_large:
        print("Too large:", ", ".join(too_large), file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
