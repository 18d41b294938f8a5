"""symderive check --batch: a verdict for each entry, in order; entries and files that are none."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from symderive.cli import main
from symderive.commands.batch import MOST_TEXTS
from symderive.errors import SymderiveError
from symderive.formulas import Verdict

RIGHT = r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)"
WRONG = r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)"

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """main(["check", "--batch", ...]) on these entries, or on this text, in a directory of its own."""
    monkeypatch.chdir(tmp_path)

    def called(entries: Any, *arguments: str, file: str = "batch.json") -> SimpleNamespace:
        data = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
        if file == "-":
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "ascii"))
        else:
            Path(file).write_bytes(data)
        status = main(["check", "--batch", file, *arguments])
        written = capsys.readouterr()
        return SimpleNamespace(status=status, out=written.out, err=written.err)

    return called


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """A judge that finds what the formula says; what it was asked."""
    questions: list[tuple[Any, dict[str, Any]]] = []

    def check(formula: str, setting: Any = None, **given: Any) -> Verdict:
        questions.append((setting, given))
        if formula == "bad":
            raise SymderiveError("setting: expected sense,\nfound none")
        if formula == "broken":
            raise RecursionError("too deep")
        return Verdict(formula, formula, "said so")

    monkeypatch.setattr("symderive.commands.check.check", check)
    return questions


def assert_mistake(done: SimpleNamespace, *words: str) -> None:
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("symderive: ") and done.err.count("\n") == 1
    for word in words:
        assert word in done.err


def test_a_batch_gives_a_verdict_for_each(run: Run) -> None:
    own = {"declare": {"W": "", "x": ""}, "definitions": ["C = W x"]}
    pd = {r"\pd": r"\frac{\partial #1}{\partial #2}"}
    entries = [
        {"id": "a", "latex": RIGHT},
        {"id": "b", "latex": WRONG, "setting": "mlp", "note": "as in a lecture"},
        {"id": "c", "latex": "dW = x", "setting": own},
        {"id": "d", "formula": r"\pd{C}{b^l} = g^l", "macros": pd, "context": [r"g^l = \delta^l"]},
        {"id": "e", "latex": "a ="},
        {"id": "f", "latex": RIGHT, "setting": "nothing"},
    ]
    done = run(entries)
    found = json.loads(done.out)
    assert [v["id"] for v in found] == list("abcdef")
    assert [v["status"] for v in found] == ["proved", "refuted", "proved", "proved", "unknown", "unknown"]
    assert found[1]["diagnosis"] == "missing transpose" and found[1]["right_form"] == RIGHT
    assert "expected a preset" in found[5]["reason"]
    assert (done.status, done.err) == (1, "")
    assert (
        done.out.startswith('[\n{"id": "a", "status": "proved", ')
        and done.out.count("\n") == len(entries) + 2
    )


def test_exit_status_of_a_batch(run: Run, asked: list[Any]) -> None:
    def status(*formulas: str, strict: bool = False) -> int:
        code: int = run([{"latex": f} for f in formulas], *(["--strict"] if strict else [])).status
        return code

    assert status() == status("proved", "exact", "numeric", strict=True) == 0
    assert status("proved", "unknown") == 0
    assert status("proved", "unknown", strict=True) == 3
    assert status("unknown", "refuted", "proved", strict=True) == 1
    assert run([]).out == "[\n]\n"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("text", "expected an object, found str"),
        ([], "expected an object, found list"),
        (None, "expected an object, found NoneType"),
        ({}, "expected latex as text, found None"),
        ({"latex": 3}, "expected latex as text, found 3"),
        ({"latex": ["a"]}, "expected latex as text, found list"),
        ({"latex": "exact", "formula": "exact"}, "expected latex or formula, found both"),
        ({"latex": "exact", "colour": "red"}, "expected keys of id, latex, "),
        ({"latex": "exact", "id": {"a": 1}}, "expected id as text or number, found dict"),
        ({"latex": "exact", "setting": 3}, "expected a setting or a preset's name, found 3"),
        ({"latex": "exact", "setting": []}, "expected a setting or a preset's name, found list"),
        ({"latex": "exact", "context": "a = b"}, "expected context as a list"),
        ({"latex": "exact", "context": [3]}, "expected context as a list"),
        (
            {"latex": "exact", "context": ["a = b"] * (MOST_TEXTS + 1)},
            "expected context as a list of at most",
        ),
        ({"latex": "exact", "macros": ["a"]}, "expected macros as an object"),
        ({"latex": "exact", "macros": {"a": 1}}, "expected macros as an object"),
        ({"latex": "exact", "conventions": "a"}, "expected conventions as an object"),
        ({"latex": "bad"}, "setting: expected sense, found none"),
        ({"latex": "broken"}, "the judge failed, RecursionError: too deep"),
    ],
)
def test_a_bad_entry_is_unknown_and_stops_no_other(
    run: Run, asked: list[Any], entry: Any, reason: str
) -> None:
    done = run([{"id": "x", "latex": "exact"}, entry, {"id": None, "latex": "proved"}])
    before, bad, after = json.loads(done.out)
    assert (before["id"], before["status"], after["id"], after["status"]) == ("x", "exact", None, "proved")
    assert (bad["id"], bad["status"]) == (2, "unknown")
    assert bad["reason"].startswith(reason) and "\n" not in bad["reason"]
    assert (done.status, done.err) == (0, "")


def test_the_command_line_speaks_for_entries_that_say_nothing(run: Run, asked: list[Any]) -> None:
    entries = [
        {"latex": "exact"},
        {"latex": "exact", "setting": "mlp", "context": ["b = x"], "macros": {r"\a": "1"},
         "conventions": {"c": "3"}},
    ]  # fmt: skip
    options = ("--network", "batch", "--context", "a = X", "--macro", r"\a=0", "--macro", r"\b=0",
               "--convention", "c=2", "--seconds", "3")  # fmt: skip
    assert run(entries, *options).status == 0
    assert asked == [
        ("batch", {"context": ("a = X",), "conventions": {"c": "2"}, "macros": {r"\a": "0", r"\b": "0"},
                   "seconds": 3}),
        ("mlp", {"context": ("a = X", "b = x"), "conventions": {"c": "3"},
                 "macros": {r"\a": "1", r"\b": "0"}, "seconds": 3}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "expected JSON, found at line 1, column 2"),
        (b'{"a": 1}', "expected a list of formulas, found dict"),
        (b"3", "expected a list of formulas, found int"),
        (b'[{"id": 1, "id": 2}]', "expected each key once, found 'id' twice"),
        (b"[NaN]", "expected finite numbers, found NaN"),
        (b"[-Infinity]", "expected finite numbers, found -Infinity"),
        (b'[{"id": 1e999}]', "expected finite numbers, found 1e999"),
        (b"[" + b"9" * 5_000 + b"]", "expected JSON, found: "),
        (b"[" * 100_000, "expected JSON at most 100 deep"),
        (b"[" * 300 + b"]" * 300, "expected JSON at most 100 deep"),
        (b'["\xff"]', "expected UTF-8 text, found other bytes at 2"),
        (b"", "expected JSON, found at line 1, column 1"),
        (b"\0", "expected text, found a null character"),
        (b" " * 20_000_001, "expected at most 20000000 bytes"),
        (b"[" + b"1," * 100_000 + b"1]", "expected at most 100000 formulas, found 100001"),
    ],
    ids=range(15),
)
def test_batches_that_are_none(run: Run, asked: list[Any], text: bytes, message: str) -> None:
    assert_mistake(run(text), f"batch.json: {message}")
    assert_mistake(run(text, file="-"), f"standard input: {message}")
    assert asked == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a = b",), "expected --batch or formulas, found both"),
        (("--format", "github"), "expected --format json with --batch"),
        (("--certificate", "c.json"), "expected one formula with --certificate"),
        (("--network", "nothing"), "expected a preset of mlp"),
        (("--network", "none.json"), "none.json: expected a readable file"),
        (("-o", "."), "output: expected a file, found the directory"),
        (("-o", "batch.json/x.json"), "output: expected a directory, found the file batch.json"),
    ],
)
def test_mistakes_are_said_before_the_work(run: Run, asked: list[Any], arguments: Any, message: str) -> None:
    assert_mistake(run([{"latex": "exact"}], *arguments), message)
    assert asked == []


def test_missing_files_are_mistakes(run: Run) -> None:
    run([])
    assert main(["check", "--batch", "missing.json"]) == 2
    assert main(["check", "--batch", "."]) == 2


def test_standard_input_is_a_batch_in_utf_8(run: Run, asked: list[Any]) -> None:
    done = run('[{"id": "δ", "latex": "exact"}]'.encode(), file="-")
    assert json.loads(done.out)[0]["id"] == "δ" and done.out.isascii()
    done = run("\ufeff[]".encode())  # as some editors write it
    assert (done.status, done.out) == (0, "[\n]\n")
    done = run(rb'[{"id": "\ud800", "latex": "exact"}]', file="-")  # half a character
    assert json.loads(done.out)[0]["id"] == "\ud800"


def test_an_output_file_is_written_whole_or_not_at_all(
    run: Run, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run([{"latex": "refuted"}, {"latex": "exact"}], "--output", "new/out.json")
    assert (done.status, done.out, done.err) == (1, "", "")
    assert [v["status"] for v in json.loads(Path("new/out.json").read_text("utf-8"))] == ["refuted", "exact"]
    before = Path("new/out.json").read_bytes()

    def stopped(*_: Any, **__: Any) -> Verdict:
        raise KeyboardInterrupt

    monkeypatch.setattr("symderive.commands.check.check", stopped)
    assert run([{"latex": "exact"}], "--output", "new/out.json").status == 130
    assert Path("new/out.json").read_bytes() == before
    assert [p.name for p in Path("new").iterdir()] == ["out.json"]
