"""The mathematical font that a page carries with it, so that formulas look alike on every machine.

The font (STIX Two Math, SIL Open Font License) comes from the package `ziamath`, and `fonttools` cuts it down
to the signs of the dialect: extra `html`. Without the two a page falls back on the fonts of its reader.
"""

from __future__ import annotations

import base64
import importlib.util
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from symderive.documents import dialect
from symderive.documents.mathml import styled

FONT = Path("fonts", "STIXTwoMath-Regular.ttf")


def signs() -> frozenset[int]:
    """The code points that a formula of the dialect can print.

    >>> {ord("a"), ord("𝑎"), ord("∑"), ord("′")} <= signs()
    True
    """
    letters = [chr(code) for code in (*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x30, 0x3A))]
    greek = [char for _, char in dialect.GREEK.values()]
    points = set(range(0x20, 0x7F)) | set(map(ord, "\u00a0′″‴⁗−·ıȷ𝚤𝚥"))
    points |= {ord(char) for _, char in (*dialect.SYMBOLS.values(), *dialect.CHARACTERS.values())}
    points |= {ord(char) for char in (*dialect.DELIMITERS.values(), *dialect.ACCENTS.values()) if char}
    for style in ("bold", "bold-italic", "calligraphic", "double-struck", "sans"):
        points |= {ord(styled(char, style)) for char in (*letters, *greek)}
    points |= (
        set(range(0x1D434, 0x1D468)) | set(range(0x1D6E2, 0x1D71C)) | {0x210E}
    )  # italic, as <mi> shows it
    return frozenset(points)


def _location() -> Path | None:
    spec = importlib.util.find_spec("ziamath")
    if spec is None or not spec.origin or importlib.util.find_spec("fontTools") is None:
        return None
    path = Path(spec.origin).parent / FONT
    return path if path.is_file() else None


@lru_cache(maxsize=1)
def math_font() -> str | None:
    """The font as a data URL (WOFF2, or WOFF where brotli is missing); None without the extra `html`."""
    path = _location()
    if path is None:
        return None
    subset: Any = importlib.import_module("fontTools.subset")

    options = subset.Options()
    options.flavor = "woff2" if importlib.util.find_spec("brotli") else "woff"
    options.layout_features = ["math", "ssty", "dtls", "flac", "kern", "mark", "mkmk", "ccmp"]
    options.hinting = False
    options.recalc_timestamp = False  # the same bytes at every run
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=signs())
    subsetter.subset(font)
    buffer = BytesIO()
    subset.save_font(font, buffer, options)
    font.close()
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f"data:font/{options.flavor};base64,{data}"
