"""Files that strangers wrote: text of a bounded size, and JSON without its traps."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from symderive.errors import SymderiveError

MOST_BYTES = 20_000_000
SETTING_BYTES = 1_000_000
DEEPEST = 100


def read_text(path: Path, most: int = MOST_BYTES, name: str = "") -> str:
    """The text of a file, its lines ended by newlines; SymderiveError, in one line, where there is none.

    `name`: what messages call the file, if not by its path.
    """
    name = name or str(path)
    try:
        if path.exists() and not path.is_file():  # a device or a pipe might have no end
            raise SymderiveError(f"{name}: expected a file, found something else")
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise SymderiveError(f"{name}: expected a readable file, found: {error.strerror}") from None
    except ValueError:
        raise SymderiveError("expected the name of a file, found one with a null character") from None
    return decoded(data, name, most)


def decoded(data: bytes, where: str, most: int = MOST_BYTES) -> str:
    r"""Text of bytes; SymderiveError for too many of them, for other encodings, and for what is no text.

    >>> decoded(b"a\r\nb", "standard input")
    'a\nb'
    """
    if len(data) > most:
        raise SymderiveError(f"{where}: expected at most {most} bytes, found more")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SymderiveError(f"{where}: expected UTF-8 text, found other bytes at {error.start}") from None
    if "\0" in text:
        raise SymderiveError(f"{where}: expected text, found a null character at {text.index(chr(0))}")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_json(text: str, where: str) -> Any:
    """JSON: each key once, finite numbers, bounded depth; SymderiveError, in one line, for anything else.

    >>> parse_json('{"a": [1, 2]}', "setting.json")
    {'a': [1, 2]}
    >>> parse_json('{"a": 1, "a": 2}', "setting.json")
    Traceback (most recent call last):
        ...
    symderive.errors.SymderiveError: setting.json: expected each key once, found 'a' twice
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise SymderiveError(f"{where}: expected each key once, found {key!r:.60} twice")
            found[key] = value
        return found

    def finite(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise SymderiveError(f"{where}: expected finite numbers, found {digits:.40}")
        return value

    try:
        found = json.loads(text, object_pairs_hook=once, parse_constant=finite, parse_float=finite)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise SymderiveError(f"{where}: expected JSON, found at {at}: {error.msg}") from None
    except ValueError as error:  # a whole number of thousands of digits
        raise SymderiveError(f"{where}: expected JSON, found: {error!s:.80}") from None
    except RecursionError:
        found = None
        deep = True
    else:
        deep = _deeper(found, DEEPEST)
    if deep:
        raise SymderiveError(f"{where}: expected JSON at most {DEEPEST} deep, found deeper") from None
    return found


def _deeper(value: Any, most: int) -> bool:
    """Whether lists and objects are nested deeper; level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(most + 1):
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def read_json(path: Path, most: int = SETTING_BYTES, name: str = "") -> Any:
    """The JSON of a file; SymderiveError as of `read_text` and `parse_json`."""
    return parse_json(read_text(path, most, name), name or str(path))
