r"""`symderive check`: one formula, or the formulas of documents. For lists of formulas see `batch`.

With --json, one formula gives an object of the fields of a verdict:

| field | |
|---|---|
| status | proved, exact, numeric, refuted or unknown |
| formula | LaTeX, as given |
| summary | one line for a person |
| conditions | list of texts: readings and special cases under which it holds |
| diagnosis, right_form | what is wrong, and the formula put right in the writer's notation; or "" |
| example | list of texts: a worked counterexample, line by line |
| reason | why it is unknown, or the first thing wrong with the types; or "" |
| column | where in the formula, from 1, or null |
| line | line of the statement inside the formula, from 1 |
| certificate | of the proof, as JSON text; or "" |

Documents give an object of three fields: `formulas`, a list; `counts`, an object of statuses and how many
formulas have them; `failures`, how many of the formulas fail. Each formula has the fields of a verdict but
for the certificate, and

| field | |
|---|---|
| file | the path, as given |
| cell | of a notebook, counted from 1 over all its cells; else null |
| at | the line of the file (of the cell), from 1: of the statement that decides the verdict |
| expected | "refuted" where a directive says so, else "" |
| fails | whether it is refuted, or holds where it was expected to be refuted |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symderive.claims.evidence import CheckFailed
from symderive.commands.reading import read_json
from symderive.commands.scan import scan
from symderive.commands.scanning.directives import Place, spot
from symderive.errors import SymderiveError
from symderive.formulas import PRESETS, Verdict, check
from symderive.formulas.prepare import prepared
from symderive.formulas.verdict import HOLDS

if TYPE_CHECKING:
    from symderive.proof.result import Proved

COLUMNS = ("file", "formulas", "proved", "exact", "numeric", "refuted", "unknown", "failures")
NAME = r"\\?[A-Za-z]+(?:\s*[_^]\s*(?:\{[^{}=]*\}|[^\s{}=]))*"
NUMBER = r"-?\s*\d+(?:\.\d+)?(?:[eE]-?\d+)?(?:\s*(?:\\times|\\cdot)\s*\d+)?(?:\^(?:\d|\{-?\d+\}))?"
VALUE = re.compile(rf"\s*(?:(?:{NAME}\s*[=,]\s*)+{NUMBER}\s*(?:,\s*|$))+")
THEOREM = re.compile(r"T\d{1,2}[a-z]?")
LETTER = re.compile(r"\s*(\\?[A-Za-z]+)\s*=")
ASSUMED = "a value that is set in a line of text is an assumption, no claim; a displayed formula is judged"


@dataclass(frozen=True)
class Options:
    """What the command line says of all formulas: their setting, and what goes with it."""

    setting: Mapping[str, Any] | str | None = None
    context: tuple[str, ...] = ()
    conventions: tuple[tuple[str, str], ...] = ()
    macros: tuple[tuple[str, str], ...] = ()
    seconds: float = 5.0


@dataclass(frozen=True)
class Judged:
    """A formula of a document with its verdict."""

    place: Place
    verdict: Verdict

    @property
    def fails(self) -> bool:
        """Whether it should make a build fail: refuted, or not refuted where that was expected."""
        if self.place.expect == "refuted":
            return self.verdict.status in HOLDS
        return self.verdict.status == "refuted"

    @property
    def line(self) -> int:
        """The line of the statement that decides the verdict."""
        return self.place.line + max(1, self.verdict.line) - 1

    @property
    def status(self) -> str:
        """The status, and whether it was expected."""
        status = self.verdict.status
        if not self.place.expect or status == "unknown":
            return status
        return f"{status} (expected)" if status == self.place.expect else f"{status} (expected refuted)"

    def as_json(self) -> dict[str, Any]:
        """For machines; see the top of this module."""
        found = self.verdict.as_json()
        found.pop("certificate")
        place = {"file": self.place.file, "cell": self.place.cell, "at": self.line}
        return {**place, "expected": self.place.expect, "fails": self.fails, **found}

    def as_line(self) -> str:
        """For people: place, status, formula, what is wrong, the right form."""
        v = self.verdict
        words = "; ".join(x for x in (v.diagnosis, v.reason) if x) or v.summary
        words += "".join(f"; if {c}" for c in v.conditions)
        words += f"; right form: {v.right_form}" if v.right_form else ""
        formula = " ".join(v.formula.split())
        shown = formula if len(formula) <= 80 else f"{formula:.77}..."
        at = spot(self.place.file, self.place.cell, self.line)
        return plain(" ".join(f"{at}: {self.status}: {shown}: {words}".split()))

    def as_annotation(self) -> str:
        """For GitHub: a line of a workflow's log that marks the line of the file.

        A notebook's lines are not those of its file, so that only its message names them.
        """
        v = self.verdict
        level = "error" if self.fails else "warning" if v.status == "unknown" else "notice"
        right = f"right form: {v.right_form}" if v.right_form else ""
        message = f"{self.status}: " + "; ".join(x for x in (v.summary, v.diagnosis, v.reason, right) if x)
        at = f"file={_property(self.place.file)}"
        if self.place.cell is None:
            at += f",line={self.line}"
        else:
            message = f"cell {self.place.cell}, line {self.line}: {message}"
        return f"::{level} {at}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def plain(text: str) -> str:
    r"""Text that commands no terminal: control characters become visible, lines stay.

    >>> print(plain("a\x1b[2Jb"))
    a\x1b[2Jb
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def judged(formula: str, options: Options) -> Verdict:
    """The verdict on one formula. SymderiveError for a setting that cannot be used; whatever else goes wrong
    leaves the formula unknown, with the reason.
    """
    try:
        return check(
            formula,
            proved_of(options.setting) or options.setting,
            context=options.context,
            conventions=dict(options.conventions),
            macros=dict(options.macros),
            seconds=options.seconds,
        )
    except CheckFailed:
        raise
    except SymderiveError:
        raise
    except Exception as error:  # a fault of the judge's: the other formulas have a right to a verdict
        return unknown(formula, f"the judge failed, {type(error).__name__}: {error!s:.200}")


def proved_of(setting: object) -> Proved | None:
    """The theorem of the library that a network's name is the key of: then formulas are looked for in it."""
    if not isinstance(setting, str) or not THEOREM.fullmatch(setting):
        return None
    if setting not in _PROVED:
        from symderive.library import prove

        _PROVED[setting] = prove(setting)
    return _PROVED[setting]


_PROVED: dict[str, Proved] = {}


def unknown(formula: str, reason: str) -> Verdict:
    """The verdict on what could not be judged."""
    return Verdict("unknown", formula, "nothing is known of it", reason=" ".join(reason.split()))


def scan_files(files: Sequence[Path]) -> list[Place]:
    """The formulas of all documents. Mistakes in any of them are said before the first is judged."""
    places = [place for file in files for place in scan(file)]
    for place in places:
        if place.network and place.network not in PRESETS and not THEOREM.fullmatch(place.network):
            known = ", ".join(PRESETS)
            raise SymderiveError(f"{place.since}: expected a network of {known}, found {place.network!r:.40}")
    return places


def check_places(places: Sequence[Place], options: Options) -> Iterator[Judged]:
    """The verdicts, in order. What a document directs goes before what the command line says."""
    settings: dict[tuple[str, str], Any] = {}
    for place in places:
        given = place.network or options.setting
        if place.setting:
            key = (place.file, place.setting)
            if key not in settings:
                settings[key] = beside(Path(place.file), place.setting, place.since)
            given = settings[key]
        own = Options(
            given,
            (*options.context, *place.context),
            (*options.conventions, *place.conventions),
            (*place.macros.items(), *options.macros),
            options.seconds,
        )
        try:
            verdict = unknown(place.formula, ASSUMED) if assumes(place, own) else judged(place.formula, own)
        except CheckFailed:
            raise
        except SymderiveError as error:
            raise SymderiveError(f"{place.since}: {error}" if place.since else str(error)) from None
        yield Judged(place, verdict)


def assumes(place: Place, options: Options) -> bool:
    r"""Whether a formula in a line of text sets values, as $x = 4, y = -3$ does, or a layer, as $l = L$."""
    if not place.inline or place.expect:
        return False
    if VALUE.fullmatch(place.formula[:200]) and len(place.formula) <= 200:
        return True
    m = LETTER.match(place.formula[:200])
    if m is None or proved_of(options.setting) is not None:
        return False
    return m[1] in prepared(options.setting, options.context, dict(options.conventions)).indices


def beside(document: Path, name: str, where: str) -> Mapping[str, Any]:
    """The setting of a JSON file in the directory of a document, or below it; links do not lead out of it."""
    try:
        home = document.parent.resolve()
        target = (home / name).resolve()
        inside = target.is_relative_to(home)
    except (OSError, RuntimeError, ValueError):  # a name that is too long, links in a circle
        inside = False
    if not inside:
        raise SymderiveError(f"{where}: expected a setting beside the document, found {name!r:.80}")
    try:
        found = read_json(target, name=name)
    except SymderiveError as error:
        raise SymderiveError(f"{where}: {error}") from None
    if not isinstance(found, Mapping):
        raise SymderiveError(f"{where}: expected a setting as a JSON object in {name!r:.80}")
    return found


def counts(found: Sequence[Judged]) -> dict[str, int]:
    """How many formulas have each status that occurs.

    >>> counts([])
    {}
    """
    statuses = [one.verdict.status for one in found]
    return {s: statuses.count(s) for s in COLUMNS[2:-1] if s in statuses}


def summary(files: Sequence[Path], found: Sequence[Judged]) -> list[tuple[str, ...]]:
    """The rows of a table: for each file how many formulas, of each status, and how many fail."""
    rows = []
    for file in dict.fromkeys(map(str, files)):
        mine = [one for one in found if one.place.file == file]
        by_status = counts(mine)
        numbers = [len(mine), *(by_status.get(s, 0) for s in COLUMNS[2:-1]), sum(o.fails for o in mine)]
        rows.append((plain(file), *map(str, numbers)))
    return rows
