r"""The formulas of a document, with their places: LaTeX, Markdown and notebooks.

Comments of a LaTeX file (`% symderive: ..`) and of Markdown (`<!-- symderive: .. -->`) give directions:

| direction | from there on |
|---|---|
| network NAME | formulas are about this preset |
| setting FILE.json | formulas are about the setting of a file beside the document |
| context z = W x + b | one more definition |
| off, on | formulas are not judged, are judged again |
| ignore | the next formula is not judged |
| expect refuted | the next formula is meant to be wrong |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symderive.errors import SymderiveError

ENDINGS = (".tex", ".md", ".ipynb")
MOST_BYTES = 20_000_000
ENVIRONMENTS = "equation|align|alignat|gather|eqnarray|multline|flalign|displaymath|math"
DISPLAYS = re.compile(
    r"(?P<dollars>\$\$(?P<a>.+?)\$\$)"
    r"|(?P<brackets>\\\[(?P<b>.+?)\\\])"
    rf"|(?P<environment>\\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}}(?P<c>.+?)\\end\{{(?P=name)\}})"
    r"|(?P<parens>\\\((?P<d>.+?)\\\))"
    r"|(?P<dollar>(?<!\\)\$(?P<e>(?:\\.|[^$\\\n]|\n(?!\s*\n))+?)\$)",
    re.DOTALL,
)
MACRO = re.compile(
    r"\\(?:re)?newcommand\*?\s*\{?(\\[A-Za-z]+)\}?\s*(?:\[\d\])?\s*(?=\{)|\\def\s*(\\[A-Za-z]+)\s*(?:#\d)*\s*(?=\{)"
)
OPERATOR = re.compile(r"\\DeclareMathOperator\*?\s*\{?(\\[A-Za-z]+)\}?\s*\{([^{}]*)\}")
DIRECTION = re.compile(r"symderive:\s*(?P<words>[^\n]*?)\s*$")
RELATION = re.compile(r"=|\\equiv|\\propto|\\leftarrow|\\triangleq")


@dataclass(frozen=True)
class Place:
    """A formula in a document: its text, where it stands, and what was directed for it."""

    formula: str
    line: int
    where: str
    network: str = ""
    setting: str = ""
    context: tuple[str, ...] = ()
    expect: str = ""


@dataclass
class _State:
    network: str = ""
    setting: str = ""
    context: list[str] = field(default_factory=list)
    on: bool = True
    ignore: bool = False
    expect: str = ""


def scan(path: Path) -> tuple[list[Place], dict[str, str]]:
    """The formulas of a file that claim something, and its macros; SymderiveError in one line for what is
    no document.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise SymderiveError(f"{path}: expected at most {MOST_BYTES} bytes, found {size}")
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise SymderiveError(f"{path}: expected text in UTF-8, found other bytes") from None
    except OSError as error:
        raise SymderiveError(f"{path}: cannot be read: {error.strerror}") from None
    if path.suffix == ".ipynb":
        return _notebook(path, text)
    state = _State()
    plain = _without_verbatim(text) if path.suffix == ".tex" else _without_code(text)
    return list(_formulas(plain, path.suffix, state, str(path), 0)), macros(text)


def _notebook(path: Path, text: str) -> tuple[list[Place], dict[str, str]]:
    try:
        cells = json.loads(text)["cells"]
        sources = [(n, "".join(c["source"])) for n, c in enumerate(cells, 1) if c["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SymderiveError(f"{path}: expected a notebook, found something else") from None
    state = _State()
    found: list[Place] = []
    for n, source in sources:
        found += _formulas(_without_code(source), ".md", state, f"{path}:cell {n}", 0)
    return found, macros("\n".join(s for _, s in sources))


def _blank(m: re.Match[str]) -> str:
    """As many lines, and nothing in them: places stay."""
    return re.sub(r"[^\n]", " ", m[0])


def _without_verbatim(text: str) -> str:
    text = re.sub(
        r"\\begin\{(verbatim|lstlisting|minted|comment)\*?\}.*?\\end\{\1\*?\}", _blank, text, flags=re.DOTALL
    )
    return re.sub(r"\\verb\*?(\S).*?\1", _blank, text)


def _without_code(text: str) -> str:
    text = re.sub(
        r"^```math\s*\n(.*?)^```", lambda m: "      $$\n" + m[1] + "$$ ", text, flags=re.DOTALL | re.MULTILINE
    )
    text = re.sub(r"^(```|~~~).*?^\1", _blank, text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(?<!`)`[^`\n]+`(?!`)", _blank, text)


def macros(text: str) -> dict[str, str]:
    r"""The macros that a document defines.

    >>> macros(r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}")
    {'\\pd': '\\frac{\\partial #1}{\\partial #2}'}
    """
    found: dict[str, str] = {}
    for m in MACRO.finditer(text):
        depth, start = 0, m.end()
        for place in range(start, min(len(text), start + 2_000)):
            depth += {"{": 1, "}": -1}.get(text[place], 0) if text[place - 1] != "\\" else 0
            if depth == 0:
                found[m[1] or m[2]] = text[start + 1 : place]
                break
    for m in OPERATOR.finditer(text):
        found[m[1]] = rf"\operatorname{{{m[2]}}}"
    return dict(list(found.items())[:500])


def _formulas(text: str, suffix: str, state: _State, where: str, before: int) -> Iterator[Place]:
    events: list[tuple[int, str, str]] = []
    if suffix == ".tex":
        for m in re.finditer(r"(?<!\\)%[^\n]*", text):
            own = DIRECTION.search(m[0][1:])
            if own:
                events.append((m.start(), "direction", own["words"]))
        text = re.sub(r"(?<!\\)%[^\n]*", _blank, text)
        text = re.sub(r"\\(?:re)?newcommand.*", _blank, text)
    else:
        for m in re.finditer(r"<!--(.*?)-->", text, re.DOTALL):
            for piece in m[1].split("\n"):
                own = DIRECTION.search(piece)
                if own:
                    events.append((m.start(), "direction", own["words"]))
        text = re.sub(r"<!--.*?-->", _blank, text, flags=re.DOTALL)
    for m in DISPLAYS.finditer(text):
        inner = next(g for g in (m["a"], m["b"], m["c"], m["d"], m["e"]) if g is not None)
        events.append((m.start(m[0] and _group(m)), "formula", inner))
    for start, kind, value in sorted(events, key=lambda e: e[0]):
        line = text.count("\n", 0, start) + 1 + before
        if kind == "direction":
            _directed(state, value, f"{where}:{line}")
            continue
        if not RELATION.search(value):
            continue
        ignored, expected = state.ignore, state.expect
        state.ignore, state.expect = False, ""
        if state.on and not ignored:
            yield Place(value, line, where, state.network, state.setting, tuple(state.context), expected)


def _group(m: re.Match[str]) -> str:
    return next(g for g in "abcde" if m[g] is not None)


def _directed(state: _State, words: str, where: str) -> None:
    head, _, rest = words.partition(" ")
    rest = rest.strip()
    if head == "network" and rest:
        state.network, state.setting = rest, ""
    elif head == "setting" and rest:
        state.setting = rest
    elif head == "context" and rest:
        state.context.append(rest)
    elif head in ("off", "on") and not rest:
        state.on = head == "on"
    elif head == "ignore" and not rest:
        state.ignore = True
    elif head == "expect" and rest in ("refuted", "unknown"):
        state.expect = rest
    else:
        known = "network NAME, setting FILE, context DEFINITION, off, on, ignore, expect refuted"
        raise SymderiveError(f"{where}: expected a direction ({known}), found {words!r:.60}")


def beside(document: Path, name: str) -> Mapping[str, Any]:
    """The setting of a JSON file in the directory of a document, or below it."""
    home = document.resolve().parent
    target = (home / name).resolve()
    if not target.is_relative_to(home):
        raise SymderiveError(f"{document}: expected a setting beside the document, found {name}")
    found: Mapping[str, Any] = read_json(target, 1_000_000)
    return found


def read_json(path: Path, most: int) -> Any:
    """The JSON of a file: bounded, each key once, no numbers that are none."""
    try:
        if path.stat().st_size > most:
            raise SymderiveError(f"{path}: expected at most {most} bytes")
        return parse_json(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SymderiveError(
            f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'no UTF-8'}"
        ) from None


def parse_json(text: str, where: str) -> Any:
    """JSON, strictly."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key that stands twice")
        return found

    def no_constant(name: str) -> Any:
        raise ValueError(f"{name}")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise SymderiveError(f"{where}: expected JSON, found {str(error)[:80] or 'deep nesting'}") from None
