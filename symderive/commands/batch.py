r"""`symderive check --batch`: a JSON list of formulas in, a JSON list of verdicts out, in the same order.

| key in | |
|---|---|
| id | text, number or null; it is given back (default: the number of the entry, from 1) |
| latex | the formula (also: formula) |
| setting | a setting, the name of a preset, or the key of a theorem, as T5 (default: that of --network) |
| context | a list of further definitions, after those of --context |
| conventions, macros | objects of texts, over those of --convention and --macro |
| note | a remark; not read |

Each object that comes out has the fields of a verdict (see `check`), and `id` before them. An entry that
cannot be used is unknown, and its reason says why; the others are judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from symderive.claims.evidence import CheckFailed
from symderive.commands.check import Options, judged, proved_of, unknown
from symderive.commands.reading import parse_json
from symderive.errors import SymderiveError
from symderive.formulas.prepare import prepared

MOST_FORMULAS, MOST_TEXTS = 100_000, 500
KEYS = ("id", "latex", "formula", "setting", "context", "conventions", "macros", "note")


def entries(text: str, where: str) -> list[Any]:
    """The entries of a batch; SymderiveError, in one line, for what is no JSON list, or has too many."""
    found = parse_json(text, where)
    if not isinstance(found, list):
        raise SymderiveError(f"{where}: expected a list of formulas, found {type(found).__name__}")
    if len(found) > MOST_FORMULAS:
        raise SymderiveError(f"{where}: expected at most {MOST_FORMULAS} formulas, found {len(found)}")
    return found


def check_batch(given: Sequence[Any], options: Options) -> Iterator[dict[str, Any]]:
    """A verdict for each entry. SymderiveError where what is meant for all of them cannot be used.

    >>> [v["reason"] for v in check_batch([{"latex": 3}], Options())]
    ['expected latex as text, found 3']
    """
    if proved_of(options.setting) is None:
        prepared(options.setting, options.context, dict(options.conventions))
    for n, entry in enumerate(given, 1):
        yield _one(entry, n, options)


def _one(entry: Any, n: int, options: Options) -> dict[str, Any]:
    name: Any = n
    formula = ""
    try:
        if not isinstance(entry, dict):
            raise SymderiveError(f"expected an object, found {type(entry).__name__}")
        name = entry.get("id", n)
        if not isinstance(name, str | int | float | None):
            name = n
            raise SymderiveError(f"expected id as text or number, found {type(entry['id']).__name__}")
        formula = _formula(entry)
        verdict = judged(formula, _options(entry, options))
    except CheckFailed:
        raise
    except SymderiveError as error:
        verdict = unknown(formula, str(error))
    return {"id": name, **verdict.as_json()}


def _formula(entry: Mapping[str, Any]) -> str:
    for key in entry:
        if key not in KEYS:
            raise SymderiveError(f"expected keys of {', '.join(KEYS)}, found {key!r:.40}")
    if "latex" in entry and "formula" in entry:
        raise SymderiveError("expected latex or formula, found both")
    found = entry.get("latex", entry.get("formula"))
    if not isinstance(found, str):
        raise SymderiveError(f"expected latex as text, found {_shown(found)}")
    return found


def _options(entry: Mapping[str, Any], options: Options) -> Options:
    setting = entry.get("setting", options.setting)
    if not isinstance(setting, str | Mapping | None):
        raise SymderiveError(f"expected a setting or a preset's name, found {_shown(setting)}")
    context = entry.get("context") or []
    if not isinstance(context, list) or len(context) > MOST_TEXTS or not _all_texts(context):
        raise SymderiveError(f"expected context as a list of at most {MOST_TEXTS} texts")
    return Options(
        setting,
        (*options.context, *context),
        (*options.conventions, *_texts(entry, "conventions")),
        (*options.macros, *_texts(entry, "macros")),
        options.seconds,
    )


def _texts(entry: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    found = entry.get(key) or {}
    if not isinstance(found, dict) or len(found) > MOST_TEXTS or not _all_texts(list(found.values())):
        raise SymderiveError(f"expected {key} as an object of at most {MOST_TEXTS} texts")
    return list(found.items())


def _all_texts(values: Sequence[Any]) -> bool:
    return all(isinstance(v, str) for v in values)


def _shown(value: Any) -> str:
    plain = value is None or isinstance(value, str | int | float)
    return f"{value!r:.40}" if plain else type(value).__name__


def as_text(verdicts: Iterator[dict[str, Any]]) -> Iterator[str]:
    """The JSON list, a line at a time, each verdict on a line of its own; ASCII, whatever stands in it.

    >>> print("".join(as_text(iter([{"id": 1}, {"id": 2}]))), end="")
    [
    {"id": 1},
    {"id": 2}
    ]
    """
    before = "[\n"
    for one in verdicts:
        yield before + json.dumps(one, allow_nan=False)
        before = ",\n"
    yield "[\n]\n" if before == "[\n" else "\n]\n"


def require_place(path: Path) -> None:
    """SymderiveError where the verdicts could not be written; said before they are made."""
    if path.is_dir():
        raise SymderiveError(f"output: expected a file, found the directory {path}")
    folder = next(p for p in (path.parent, *path.parent.parents) if p.exists())
    if not folder.is_dir():
        raise SymderiveError(f"output: expected a directory, found the file {folder}")
