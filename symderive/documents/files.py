"""Files appear whole or not at all: written beside their target under another name, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from symderive.errors import SymderiveError


def write_files(directory: Path | str, contents: Mapping[str, str | bytes]) -> tuple[Path, ...]:
    """Write the files of one set, names to contents, into a directory that is made if it is missing.

    Every content is made before this is called, and every file is written out before the first appears under
    its name. SymderiveError, in one line, if the directory or a file cannot be written; then no name changed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     [path.name for path in write_files(place, {"a.tex": "x", "a.html": "y"})]
    ['a.tex', 'a.html']
    """
    directory = Path(directory)
    for name in contents:
        if not name or name in (".", "..") or "/" in name or os.sep in name or "\0" in name:
            raise SymderiveError(f"expected the name of a file, found {name!r}")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SymderiveError(f"cannot make the directory {directory}: {_reason(error)}") from None
    targets = [directory / name for name in contents]
    for target in targets:
        if target.is_dir():
            raise SymderiveError(f"cannot write {target}: expected a file, found a directory")
        if target.exists() and not os.access(target, os.W_OK):
            raise SymderiveError(f"cannot write {target}: the file that is there is not writable")
    waiting: list[Path] = []
    target = directory
    try:
        for target, content in zip(targets, contents.values(), strict=True):
            beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
            waiting.append(beside)
            data = content.encode("utf-8") if isinstance(content, str) else content
            with open(beside, "xb") as file:  # the usual permissions, unlike those of a temporary file
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for target, beside in zip(targets, waiting, strict=True):
            os.replace(beside, target)
    except OSError as error:
        raise SymderiveError(f"cannot write {target}: {_reason(error)}") from None
    finally:
        for beside in waiting:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    return tuple(targets)


def write_file(path: Path | str, content: str | bytes) -> Path:
    """Write one file, whole or not at all."""
    path = Path(path)
    return write_files(path.parent, {path.name: content})[0]


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
