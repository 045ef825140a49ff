"""How much memory one upload takes at most, and two at once.

    .venv/bin/python benchmarks/upload_memory.py

Makes the largest pictures of each format that an upload may be (`images.reencoding`), and has each
decoded and written anew in a process of its own, as a web process does. What is told is the highest
resident memory of that process (VmHWM, proc(5)) above what it had before, with the file itself.
Linux only.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import django
import PIL.Image
from django.core.files import File
from PIL.Image import Resampling

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

MIB = 1024**2
Kind = tuple[str, str, tuple[int, int], str, dict[str, Any]]
KINDS: list[Kind] = [
    ("JPEG, 250 million pixels", "a.jpg", (20_000, 12_500), "RGB", {"quality": 30}),
    ("progressive JPEG, 64", "b.jpg", (9_240, 6_920), "RGB", {"quality": 50, "progressive": True}),
    ("WebP, 40", "c.webp", (7_300, 5_470), "RGB", {"quality": 50, "method": 0}),
    ("AVIF, 64", "d.avif", (9_240, 6_920), "RGB", {"quality": 40, "speed": 10}),
    ("HEIC, 64", "e.heic", (9_240, 6_920), "RGB", {"quality": 40}),
    ("PNG, 64", "f.png", (9_240, 6_920), "RGB", {"compress_level": 1}),
    ("PNG with transparency, 40", "g.png", (7_300, 5_470), "RGBA", {"compress_level": 1}),
    ("JPEG of a telephone, 12", "h.jpg", (4_032, 3_024), "RGB", {"quality": 85}),
    ("AVIF, 24", "i.avif", (6_000, 4_000), "RGB", {"quality": 40, "speed": 10}),
]
# Of two that are large, the second waits.
AT_ONCE = {
    "WebP, 40, and AVIF, 64": ("c.webp", "d.avif"),
    "WebP, 40, and AVIF, 24": ("c.webp", "i.avif"),
}


def main() -> None:
    print("| uploaded | file, MiB | highest memory, MiB |\n| --- | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            READ_DOT_ENV="0",
            SECRET_KEY=secrets.token_urlsafe(50),
            SITE_URL="http://127.0.0.1:8000",
            VAR_DIR=folder,
        )
        for what, name, *_ in KINDS:
            path = Path(folder, name)
            _child("make", name, path)
            print(f"| {what} | {path.stat().st_size / MIB:.1f} | {_child('read', path)} |")
        for what, names in AT_ONCE.items():
            print(
                f"| {what}, at once | | {_child('read', *(Path(folder, one) for one in names))} |"
            )


def _child(*arguments: str | Path) -> str:
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def make(name: str, path: str) -> None:
    """Soft noise, like a photograph: it can be packed, though not to nothing. Of a PNG, whose file
    would be too large, the noise is in squares.
    """
    from images import reencoding  # for HEIC

    [(size, mode, options)] = [kind[2:] for kind in KINDS if kind[1] == name]
    PIL.Image.MAX_IMAGE_PIXELS = reencoding.MAX_STREAMED_PIXELS
    coarse, how = (64, Resampling.NEAREST) if name.endswith("png") else (24, Resampling.BICUBIC)
    small = (size[0] // coarse, size[1] // coarse)
    bands = [PIL.Image.effect_noise(small, 80).resize(size, how) for _ in mode]
    PIL.Image.merge(mode, bands).save(path, **options)


def read(*paths: str) -> None:
    """All at once, each in a thread of its own."""
    from images import reencoding

    def upload(path: str) -> None:
        with open(path, "rb") as opened:
            reencoding.reencode(File(opened))

    threads = [threading.Thread(target=upload, args=[path]) for path in paths]
    Path("/proc/self/clear_refs").write_text("5")  # the highest from now on
    before = _memory("VmRSS")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{(_memory('VmHWM') - before) / 1024:,.0f}")


def _memory(name: str) -> int:
    """In kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(dict(line.split(":", 1) for line in lines)[name].split()[0])


if __name__ == "__main__":
    if sys.argv[1:]:
        django.setup()
        do, *paths = sys.argv[1:]
        read(*paths) if do == "read" else make(*paths)
    else:
        main()
