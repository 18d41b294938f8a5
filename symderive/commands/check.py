r"""`symderive check`: one formula, the formulas of documents, or a batch of them.

A batch is a JSON list; for each formula one object comes out, in the same order:

| key in | |
|---|---|
| id | anything; it is given back |
| latex | the formula (also: formula) |
| setting | a setting, or the name of a preset (default: mlp); see `symderive.formulas.setting` |
| context | a list of further definitions |
| conventions, macros | objects of texts |

| key out | |
|---|---|
| id, status, formula, summary | as in a verdict |
| conditions | readings and special cases under which it holds |
| diagnosis, right_form | what is wrong, and the formula put right |
| example | a worked counterexample, line by line |
| reason, column, line | why it is unknown, or the first thing wrong with the types, and where |
| certificate | of the proof, "" where there is none |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symderive.commands.scan import Place, beside, parse_json, scan
from symderive.errors import SymderiveError
from symderive.formulas import PRESETS, Verdict, check
from symderive.formulas.verdict import HOLDS

MOST_FORMULAS = 100_000
BATCH_KEYS = frozenset({"id", "latex", "formula", "setting", "context", "conventions", "macros", "note"})


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

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        found = self.verdict.as_json()
        found.pop("certificate")
        return {
            "file": self.place.where,
            "at": self.place.line,
            "expected": self.place.expect,
            "fails": self.fails,
            **found,
        }

    def as_line(self) -> str:
        """For people: place, status, formula, what is wrong."""
        v = self.verdict
        words = "; ".join(x for x in (v.diagnosis, v.reason) if x) or v.summary
        formula = " ".join(v.formula.split())
        expected = " (expected)" if self.place.expect == v.status else ""
        return f"{self.place.where}:{self.place.line}: {v.status}{expected}: {formula:.80}: {words}"

    def as_annotation(self) -> str:
        """For GitHub: a line of a workflow's log that marks the line of the file."""
        v = self.verdict
        level = "error" if self.fails else "warning" if v.status == "unknown" else "notice"
        message = "; ".join(x for x in (v.summary, v.diagnosis, v.reason, v.right_form) if x)
        file = self.place.where.split(":cell ")[0]
        return f"::{level} file={_property(file)},line={self.place.line}::{_data(v.status + ': ' + message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def check_files(
    files: Sequence[Path],
    setting: Mapping[str, Any] | str | None,
    context: Sequence[str] = (),
    macros: Mapping[str, str] | None = None,
    seconds: float = 5.0,
) -> Iterator[Judged]:
    """The verdicts on all formulas of documents, in order. A document's own directions go before the
    arguments.
    """
    for file in files:
        places, own = scan(file)
        for place in places:
            given: Mapping[str, Any] | str | None = setting
            if place.setting:
                given = beside(file, place.setting)
            elif place.network:
                if place.network not in PRESETS:
                    known = ", ".join(PRESETS)
                    raise SymderiveError(
                        f"{place.where}:{place.line}: expected a network of {known}, found {place.network!r}"
                    )
                given = place.network
            try:
                verdict = check(
                    place.formula, given, context=(*context, *place.context), macros={**own, **(macros or
                    {})},
                    seconds=seconds,
                )  # fmt: skip
            except SymderiveError as error:
                raise SymderiveError(f"{place.where}:{place.line}: {error}") from None
            yield Judged(place, verdict)


def check_batch(text: str, where: str, seconds: float = 5.0) -> Iterator[dict[str, Any]]:
    """A verdict for each formula of a JSON list; a bad entry is unknown, and says why."""
    entries = parse_json(text, where)
    if not isinstance(entries, list) or len(entries) > MOST_FORMULAS:
        raise SymderiveError(f"{where}: expected a list of at most {MOST_FORMULAS} formulas")
    for n, e in enumerate(entries, 1):
        yield _one(e, n, seconds)


def _one(e: Any, n: int, seconds: float) -> dict[str, Any]:
    name = e.get("id", n) if isinstance(e, dict) else n
    try:
        if not isinstance(e, dict) or not set(e) <= BATCH_KEYS:
            raise SymderiveError(f"expected an object with keys of {', '.join(sorted(BATCH_KEYS))}")
        formula = e.get("latex", e.get("formula"))
        context = e.get("context", [])
        if (
            not isinstance(formula, str)
            or not isinstance(context, list)
            or not all(isinstance(c, str) for c in context)
        ):
            raise SymderiveError("expected latex as a text and context as a list of texts")
        verdict = check(
            formula, e.get("setting"), context=context, conventions=e.get("conventions"),
            macros=e.get("macros"),
            seconds=seconds,
        )  # fmt: skip
    except SymderiveError as error:
        formula = str(e.get("latex", "")) if isinstance(e, dict) else ""
        verdict = Verdict("unknown", formula, "nothing is known of it", reason=" ".join(str(error).split()))
    return {"id": name, **verdict.as_json()}
