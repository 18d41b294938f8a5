"""symderive check: one formula and documents; what it prints, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from symderive.cli import main
from symderive.commands.check import Judged, plain
from symderive.commands.scan import ENDINGS
from symderive.commands.scanning.directives import Place
from symderive.errors import SymderiveError
from symderive.formulas import Verdict
from symderive.show import Progress

RIGHT = r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)"
WRONG = r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)"
FIELDS = {"status", "formula", "summary", "conditions", "diagnosis", "right_form", "example", "reason",
          "column", "line", "certificate"}  # fmt: skip

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """main(["check", ...]) in a directory of its own."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> SimpleNamespace:
        try:
            status: Any = main(["check", *arguments])
        except SystemExit as stop:
            status = stop.code
        written = capsys.readouterr()
        return SimpleNamespace(status=status, out=written.out, err=written.err)

    return called


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, dict[str, Any]]]:
    """A judge that knows the first word of a formula and nothing else; what it was asked."""
    questions: list[tuple[str, Any, dict[str, Any]]] = []

    def check(formula: str, setting: Any = None, **given: Any) -> Verdict:
        questions.append((formula, setting, given))
        status = formula.split()[0]
        if status == "bad":
            raise SymderiveError("setting: expected sense, found none")
        if status == "broken":
            raise ZeroDivisionError("in the judge")
        return Verdict(status, formula, f"it is {status}", line=1 + formula.count("\n"))

    monkeypatch.setattr("symderive.commands.check.check", check)
    return questions


def paper(text: str, name: str = "paper.tex") -> str:
    Path(name).write_text(text, "utf-8")
    return name


def assert_mistake(done: SimpleNamespace, *words: str) -> None:
    """Exit status 2, one line on standard error, nothing on standard output."""
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("symderive") and done.err.endswith("\n") and done.err.count("\n") == 1
    for word in words:
        assert word in done.err


# ------------------------------------------------------------------------------------------- one formula


def test_exit_status_says_what_became_of_it(run: Run) -> None:
    done = run(RIGHT)
    assert (done.status, done.err) == (0, "") and done.out.startswith("proved: ")
    done = run(WRONG)
    assert (done.status, done.err) == (1, "")
    assert done.out.startswith("refuted: ") and "what is wrong: missing transpose" in done.out
    assert f"right form: {RIGHT}" in done.out and "left side: " in done.out
    done = run(r"\foo = 1")
    assert (done.status, done.err) == (3, "")
    assert (
        done.out.startswith("unknown: ")
        and r"because: expected a name of the network, found \foo" in done.out
    )


@pytest.mark.parametrize(
    ("status", "code"), [("proved", 0), ("exact", 0), ("numeric", 0), ("refuted", 1), ("unknown", 3)]
)
def test_every_status_has_its_exit_status(run: Run, asked: list[Any], status: str, code: int) -> None:
    assert run(f"{status} = b").status == code
    assert run(f"{status} = b", "--json").status == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected a formula, files or --batch, found none"),
        (("a", "b"), "expected one formula, found 2; put it in quotes"),
        (("a = b", "x.tex"), "expected one formula, or files, found both"),
        (("missing.tex",), "missing.tex: expected a readable file, found: No such file"),
        (("a = b", "--network", "foo"), "expected a preset of mlp"),
        (("a = b", "--network", "foo.json"), "foo.json: expected a readable file"),
        (("a = b", "--context", "q"), "expected a definition 'name = formula'"),
        (("a = b", "--convention", "q"), "--convention: expected KEY=VALUE, found 'q'"),
        (("a = b", "--macro", "pd"), r"--macro: expected \NAME=BODY, found 'pd'"),
        (("a = b", "--format", "xml"), "expected one of"),
        (("a = b", "--seconds", "-1"), "--seconds"),
        (("a = b", "-o", "x.json"), "expected --batch with --output"),
        (("x.tex", "--certificate", "c.json"), "expected one formula with --certificate"),
    ],
)
def test_mistakes_get_one_line_and_status_2(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert_mistake(run(*arguments), message)


def test_what_goes_to_the_judge(run: Run, asked: list[Any]) -> None:
    Path("own.json").write_text('{"declare": {"w": ""}}', "utf-8")
    done = run("exact = b", "--network", "own.json", "--context", "z = W x", "--context", "y = z",
               "--convention", "products=hadamard", "--macro", r"\pd=\frac{#1}{#2}",
               "--seconds", "9")  # fmt: skip
    assert done.status == 0
    assert asked == [
        ("exact = b", {"declare": {"w": ""}}, {
            "context": ("z = W x", "y = z"), "conventions": {"products": "hadamard"},
            "macros": {r"\pd": r"\frac{#1}{#2}"}, "seconds": 9,
        })
    ]  # fmt: skip


def test_options_before_the_formula_do_not_swallow_it(run: Run, asked: list[Any]) -> None:
    # as in a pre-commit hook, where the files come last
    assert run("--context", "z = W x", "--macro", r"\a=b", "--convention", "a=b", "exact = b").status == 0
    assert asked[0][0] == "exact = b"


def test_macros_context_and_certificate(run: Run) -> None:
    formula, macro = r"\pd{C}{b^l} = g^l", r"\pd=\frac{\partial #1}{\partial #2}"
    given = ("--macro", macro, "--context", r"g^l = \delta^l", "--certificate")
    done = run(formula, *given, "proof.json")
    assert (done.status, done.err) == (0, "")
    assert main(["replay", "proof.json"]) == 0
    done = run(WRONG, "--certificate", "none.json")
    assert done.status == 1 and not Path("none.json").exists()
    assert done.err == "symderive: refuted: there is no certificate to write\n"


def test_a_verdict_for_machines(run: Run) -> None:
    done = run(WRONG, "--json")
    found = json.loads(done.out)
    assert done.status == 1 and set(found) == FIELDS
    assert (found["status"], found["diagnosis"], found["line"]) == ("refuted", "missing transpose", 1)
    assert json.loads(run("é = \udcff", "--json").out)["formula"] == "é = \udcff"


def test_a_fault_of_the_judge_leaves_the_formula_unknown(run: Run, asked: list[Any]) -> None:
    done = run("broken = b")
    assert done.status == 3 and "the judge failed, ZeroDivisionError: in the judge" in done.out
    assert_mistake(run("bad = b"), "setting: expected sense")


def test_a_hostile_formula_commands_no_terminal(run: Run, asked: list[Any]) -> None:
    paper("$$numeric \x1b[2J = \x07b\u202e$$")
    out = run("paper.tex").out
    assert r"\x1b[2J = \x07b\u202e" in out and out.isascii()
    assert plain("a\nδ \\") == "a\nδ \\"


def test_the_first_verdict_needs_no_library_of_documents() -> None:
    program = (
        "import sys; from symderive.commands.scan import scan_text; from symderive.cli import _parser; "
        "_parser(); scan_text('$a = b$', '.md', ''); print(*[m for m in sys.modules if m in "
        "('sympy', 'numpy', 'rich', 'jinja2', 'symderive.formulas', 'symderive.documents')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


# --------------------------------------------------------------------------------------------- documents

PAPER = r"""
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
% symderive: network mlp
Let $x$ be given, and $z^l = W^l a^{l-1} + b^l$. With $\eta = 0.1$, at $l = L$: 5\% $y$.  % $a = b$
\begin{align}
  \pd{C}{W^l} &= \delta^l (a^{l-1})^T \\
  \delta^l &= W^{l+1} \delta^{l+1} \odot \sigma'(z^l)
\end{align}
% symderive: expect refuted
\[ \pd{C}{b^l} = a^l \]
% symderive: context E = 2 C
$$\pd{E}{b^l} = 2 \delta^l$$
"""


def test_formulas_of_a_paper_with_their_lines(run: Run) -> None:
    done = run(paper(PAPER))
    *lines, last, title, header, row = done.out.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["paper.tex:4", "proved"],
        ["paper.tex:4", "unknown"],
        ["paper.tex:4", "unknown"],
        ["paper.tex:6", "proved"],
        ["paper.tex:7", "refuted"],
        ["paper.tex:10", "refuted (expected)"],
    ]
    assert last.startswith(("paper.tex:12: exact: ", "paper.tex:12: proved: "))
    assert "missing transpose" in lines[4] and "; right form: " in lines[4]
    assert r"\eta = 0.1: a value that is set in a line of text is an assumption" in lines[1]
    assert title == "formulas: 7, failures: 1"
    assert header.split() == [
        "file",
        "formulas",
        "proved",
        "exact",
        "numeric",
        "refuted",
        "unknown",
        "failures",
    ]
    assert row.split()[:2] == ["paper.tex", "7"]
    assert row.split()[5:] == ["2", "2", "1"]
    assert (done.status, done.err) == (1, "")


def test_what_fails_a_document(run: Run, asked: list[Any]) -> None:
    assert run(paper("$proved = b$ $exact = b$ $numeric = b$ $unknown = b$")).status == 0
    assert run("paper.tex", "--strict").status == 3
    assert run(paper("$proved = b$"), "--strict").status == 0
    assert run(paper("nothing here"), "--strict").status == 0
    assert run(paper("$refuted = b$ $unknown = b$"), "--strict").status == 1
    for status, code in (("refuted", 0), ("proved", 1), ("exact", 1), ("numeric", 1), ("unknown", 0)):
        text = paper(f"% symderive: expect refuted\n${status} = b$")
        assert run(text).status == code
        assert run(text, "--strict").status == (3 if status == "unknown" else code)
    assert (
        "paper.tex:2: proved (expected refuted): "
        in run(paper("% symderive: expect refuted\n$proved = b$")).out
    )
    assert run(paper("$broken = b$ $exact = b$")).out.count("ZeroDivisionError") == 1
    assert len(asked) == 4 + 4 + 1 + 2 + 10 + 1 + 2


def test_several_documents_have_a_row_each(run: Run, asked: list[Any]) -> None:
    done = run(paper("$exact = b$ $refuted = c$", "a.tex"), paper("", "b.md"), "a.tex")
    assert done.status == 1
    rows = [row.split() for row in done.out.splitlines()[-2:]]
    assert rows == [["a.tex", *"4020202"[0:1], "0", "2", "0", "2", "0", "2"], ["b.md", *"0000000"]]


def test_what_a_document_directs_goes_to_the_judge(run: Run, asked: list[Any]) -> None:
    Path("own.json").write_text('{"declare": {"w": ""}}', "utf-8")
    text = (
        "\\newcommand{\\a}{A}\\newcommand{\\b}{B} $exact = 0 x$\n% symderive: network batch\n"
        "% symderive: context z = x\n% symderive: convention a=b\n$exact = 1 x$\n"
        "% symderive: setting own.json\n$exact = 2 x$ $exact = 3 x$"
    )
    done = run(paper(text), "--network", "mlp-rows", "--context", "y = x", "--convention", "c=d",
               "--macro", r"\a=Z", "--seconds", "7")  # fmt: skip
    assert (done.status, done.err) == (0, "")
    macros = {r"\a": "Z", r"\b": "B"}
    assert [setting for _, setting, _ in asked] == ["mlp-rows", "batch", *[{"declare": {"w": ""}}] * 2]
    first, second, third, _ = [given for _, _, given in asked]
    assert first == {"context": ("y = x",), "conventions": {"c": "d"}, "macros": macros, "seconds": 7}
    assert second == {**first, "context": ("y = x", "z = x"), "conventions": {"c": "d", "a": "b"}}
    assert third == first  # a setting starts over


def test_values_in_a_line_of_text_are_no_claims(run: Run, asked: list[Any]) -> None:
    text = r"$\eta = 0.1$ $n_{1} = 4$ $l = L$ $x = -3$ $L=1{,}000$ \[\eta = 0.1\]"
    text += r" $x = 4, y = -3.5$ $w_1, b_1 = 0$ $\eta = 3 \cdot 10^{-3}$ $y = 2 x$ $x^2 + y = 1$"
    text += "\n% symderive: expect refuted\n$x = 3$ $x = 3 y$ $a = l$"
    done = run(paper(text), "--json")
    values = ["x = 4, y = -3.5", "w_1, b_1 = 0", r"\eta = 3 \cdot 10^{-3}"]
    told = [f["formula"] for f in json.loads(done.out)["formulas"] if "assumption" in f["reason"]]
    assert told == [r"\eta = 0.1", "n_{1} = 4", "l = L", "x = -3", *values]
    judged = ["L=1{,}000", r"\eta = 0.1", "y = 2 x", "x^2 + y = 1", "x = 3", "x = 3 y", "a = l"]
    assert [f for f, _, _ in asked] == judged


def test_a_macro_without_end_leaves_its_formula_unknown(run: Run) -> None:
    done = run(paper(rf"\newcommand{{\a}}{{\b}}\newcommand{{\b}}{{\a\a}} $\a = x$ ${RIGHT}$"))
    assert done.status == 0
    assert "expected macros at most" in done.out.splitlines()[0] and ": proved: " in done.out.splitlines()[1]


def test_a_setting_beside_the_document(run: Run) -> None:
    own = {"declare": {"w": "", "x": ""}, "definitions": ["C = w x"]}
    Path("below/deep").mkdir(parents=True)
    for name in ("own.json", "below/own.json", "below/deep/own.json"):
        Path(name).write_text(json.dumps(own), "utf-8")
    formula = "\n$\\frac{\\partial C}{\\partial w} = x$"
    for name in ("own.json", "./deep/own.json", "deep/../own.json"):
        assert run(paper(f"% symderive: setting {name}{formula}", "below/a.tex")).status == 0
    Path("below/inside.json").symlink_to("deep/own.json")
    assert run(paper("% symderive: setting inside.json" + formula, "below/a.tex")).status == 0
    Path("below/link.json").symlink_to("../own.json")
    Path("below/out").symlink_to("..")
    Path("below/round.json").symlink_to("round.json")
    outside = (
        "../own.json",
        str(Path("own.json").resolve()),
        "link.json",
        "out/own.json",
        "round.json",
    )
    for name in outside:
        done = run(paper(f"first\n% symderive: setting {name}{formula}", "below/a.tex"))
        assert_mistake(done, "symderive: below/a.tex:2: expected ")
        assert "a setting beside the document" in done.err


def test_settings_that_are_none(run: Run, asked: list[Any]) -> None:
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe.json")  # reading it would wait for ever
    else:
        Path("pipe.json").mkdir()
    Path("large.json").write_text(" " * 1_000_001, "utf-8")
    Path("list.json").write_text("[]", "utf-8")
    Path("twice.json").write_text('{"a": 1, "a": 2}', "utf-8")
    Path("deep.json").write_text('{"a":' * 200 + "1" + "}" * 200, "utf-8")
    for name, message in (
        ("pipe.json", "expected a file, found something else"),
        ("none.json", "none.json: expected a readable file, found: No such file"),
        ("a" * 999, "expected a readable file, found: File name too long"),
        ("large.json", "expected at most 1000000 bytes"),
        ("list.json", "expected a setting as a JSON object"),
        ("twice.json", "expected each key once, found 'a' twice"),
        ("deep.json", "expected JSON at most 100 deep"),
    ):
        done = run(paper(f"% symderive: setting {name}\n$exact = b$"))
        assert_mistake(done, "symderive: paper.tex:1: ", message)
    assert asked == []


def test_mistakes_in_directives_name_their_line(run: Run, asked: list[Any]) -> None:
    done = run(paper("$exact = b$", "a.tex"), paper("one\n% symderive: dance\n", "b.tex"))
    assert_mistake(done, "symderive: b.tex:2: expected a directive")
    done = run("a.tex", paper("one\n<!-- symderive: network foo -->\n\n$exact = b$", "b.md"))
    known = "mlp, mlp-rows, batch, batch-rows, units, units-prml"
    assert_mistake(done, f"symderive: b.md:2: expected a network of {known}, found 'foo'")
    assert asked == []  # said before the first formula is judged
    done = run(paper("one\n% symderive: convention a=b\n\n$bad = b$", "b.tex"))
    assert_mistake(done, "symderive: b.tex:2: setting: expected sense, found none")
    assert run(paper("$bad = b$", "b.tex")).err == "symderive: setting: expected sense, found none\n"
    assert_mistake(run("a.tex", "missing.md"), "missing.md: expected a readable file")


def test_beside_a_bar_nothing_is_lost(run: Run, asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    # rich sends to its own stream what is printed while a bar is shown: into a pipe nothing would come
    text = paper("$exact = b$ $refuted = b$")
    Path("batch.json").write_text('[{"latex": "exact"}, {"latex": "proved"}]', "utf-8")
    runs = ((text,), (text, "--format", "github"), (text, "--json"), ("--batch", "batch.json"))
    without = [run(*arguments) for arguments in runs]
    told: list[int] = []

    class Shown(Progress):
        def __init__(self, total: int, quiet: bool = False) -> None:
            super().__init__(total, quiet)
            self.shown = not quiet

        def __enter__(self) -> Shown:
            return self

        def done(self) -> None:
            told.append(self.total)
            assert not self.shown or stream.getvalue() == ""

    monkeypatch.setattr("symderive.show.Progress", Shown)
    for arguments, before in zip(runs, without, strict=True):
        stream = io.StringIO()
        with redirect_stdout(stream):
            assert run(*arguments).status == before.status
        assert stream.getvalue() == before.out
    assert told == [2] * 8


def test_the_table_says_what_names_were_taken_for(run: Run, asked: list[Any]) -> None:
    words = "names are those of the network mlp where nothing else is said"
    assert words in run(paper("$exact = b$")).out
    assert words not in run("paper.tex", "--network", "mlp").out
    assert words not in run(paper("% symderive: network mlp\n$exact = b$")).out
    assert words not in run(paper("nothing")).out


# --------------------------------------------------------------------------------- JSON and annotations


def test_documents_for_machines(run: Run, asked: list[Any]) -> None:
    cells = [
        {"cell_type": "code", "source": "x"},
        {"cell_type": "markdown", "source": ["\n", "$refuted = b$"]},
    ]
    paper(json.dumps({"cells": cells}), "book.ipynb")
    text = paper("% symderive: expect refuted\n$exact = b$\n\n\\[ exact\n= b \\] $unknown = b$")
    done = run(text, "book.ipynb", "--format", "json")
    found = json.loads(done.out)
    assert done.status == 1 and set(found) == {"formulas", "counts", "failures"}
    assert found["counts"] == {"exact": 2, "refuted": 1, "unknown": 1} and found["failures"] == 2
    assert [(f["file"], f["cell"], f["at"], f["expected"], f["fails"]) for f in found["formulas"]] == [
        ("paper.tex", None, 2, "refuted", True),
        ("paper.tex", None, 5, "", False),  # the fake judge decides by the last line
        ("paper.tex", None, 5, "", False),
        ("book.ipynb", 2, 2, "", True),
    ]
    assert set(found["formulas"][0]) == FIELDS - {"certificate"} | {"file", "cell", "at", "expected", "fails"}
    assert json.loads(run(paper(""), "--json").out) == {"formulas": [], "counts": {}, "failures": 0}


def test_annotations_are_escaped() -> None:
    place = Place("a = b", 3, "a,b:c%.tex")
    verdict = Verdict(
        "refuted", "a = b", "50% wrong\r\nreally", diagnosis="x: y, z", right_form="b = a", line=2
    )
    line = Judged(place, verdict).as_annotation()
    assert line == (
        "::error file=a%2Cb%3Ac%25.tex,line=4::"
        "refuted: 50%25 wrong%0D%0Areally; x: y, z; right form: b = a"
    )  # fmt: skip
    for status, level in (("unknown", "warning"), ("proved", "notice"), ("refuted", "error")):
        assert Judged(place, Verdict(status, "", "?")).as_annotation().startswith(f"::{level} ")
    expected = Place("a = b", 3, "a.tex", expect="refuted")
    assert Judged(expected, Verdict("refuted", "", "?")).as_annotation().startswith("::notice ")
    assert Judged(expected, Verdict("exact", "", "?")).as_annotation().startswith("::error ")
    cell = Judged(Place("a = b", 3, "a.ipynb", 2), Verdict("refuted", "", "?")).as_annotation()
    assert cell == "::error file=a.ipynb::cell 2, line 3: refuted: ?"


def test_annotations_from_the_command(run: Run, asked: list[Any]) -> None:
    done = run(paper("\n$refuted = b$ $exact = \x1b$"), "--format", "github")
    assert done.status == 1
    assert done.out.splitlines() == [
        "::error file=paper.tex,line=2::refuted: it is refuted",
        "::notice file=paper.tex,line=2::exact: it is exact",
    ]


# ------------------------------------------------------------------------------------------- pre-commit


def test_the_hook_runs_the_command_on_documents(checkout: Path) -> None:
    text = (checkout / ".pre-commit-hooks.yaml").read_text("utf-8")
    fields = dict(re.findall(r"^[- ] (\w+): (.*)$", text, re.MULTILINE))
    assert fields["id"] == "symderive-check"
    assert fields["entry"].split() == ["symderive", "check"]
    assert all(re.search(fields["files"], f"paper{ending}") for ending in ENDINGS)
    assert not re.search(fields["files"], "paper.texture")
