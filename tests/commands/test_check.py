"""symderive check: one formula, documents, batches; what it prints, and how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from symderive.cli import main
from symderive.commands.check import Judged
from symderive.commands.scan import Place, macros, scan
from symderive.errors import SymderiveError
from symderive.formulas import Verdict

RIGHT = r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)"
WRONG = r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status and what was printed."""
    status = main(["check", *arguments])
    out = capsys.readouterr()
    return status, out.out, out.err


def test_exit_status_says_what_became_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, RIGHT)
    assert (status, err) == (0, "") and out.startswith("proved: ")
    status, out, err = run(capsys, WRONG)
    assert (status, err) == (1, "")
    assert "what is wrong: missing transpose" in out
    assert "right form: " in out and "left side: " in out
    status, out, err = run(capsys, r"\foo = 1")
    assert (status, err) == (3, "") and out.startswith("unknown: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected a formula, files or --batch, found none"),
        (("a", "b"), "expected one formula, found 2"),
        (("a = b", "x.tex"), "expected one formula, or files, found both"),
        (("missing.tex",), "missing.tex: cannot be read"),
        (("a = b", "--network", "foo"), "expected a preset of mlp"),
        (("a = b", "--network", "foo.json"), "foo.json: cannot be read"),
        (("a = b", "--context", "q"), "expected a definition 'name = formula'"),
        (("a = b", "--batch", "-"), "expected --batch or formulas, found both"),
        (("--batch", "missing.json"), "missing.json: cannot be read"),
    ],
)
def test_mistakes_get_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments:
    tuple[str, ...],
    message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err and err.count("\n") == 1


def test_macros_context_and_certificate(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    formula = r"\pd{C}{b^l} = g^l"
    macro = r"\pd=\frac{\partial #1}{\partial #2}"
    place = tmp_path / "proof.json"
    status, out, _ = run(
        capsys, formula, "--macro", macro, "--context", r"g^l = \delta^l", "--certificate", str(place)
    )
    assert status == 0, out
    assert main(["replay", str(place)]) == 0
    with pytest.raises(SystemExit) as stopped:
        main(["check", formula, "--macro", "pd"])
    assert stopped.value.code == 2


def test_a_verdict_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, WRONG, "--json")
    found = json.loads(out)
    assert status == 1
    assert (found["status"], found["diagnosis"], found["line"]) == ("refuted", "missing transpose", 1)


# ------------------------------------------------------------------------------------------- documents

PAPER = r"""
\documentclass{article}
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
\DeclareMathOperator{\act}{act}
% symderive: network mlp
\begin{document}
Let $x$ be given, and $z^l = W^l a^{l-1} + b^l$. It costs 5\% $y$.  % $a = b$
\begin{verbatim}
$\delta^l = 3$
\end{verbatim}
\begin{align}
  \delta^l &= W^{l+1} \delta^{l+1} \odot \sigma'(z^l) \\
  \pd{C}{W^l} &= \delta^l (a^{l-1})^T
\end{align}
% symderive: expect refuted
\[ \pd{C}{b^l} = a^l \]
% symderive: ignore
\[ \pd{C}{b^l} = 7 \]
% symderive: off
\[ \pd{C}{b^l} = 8 \]
% symderive: on
% symderive: context E = 2 C
$$\pd{E}{b^l} = 2 \delta^l$$
\(\unknownname = 1\)
\end{document}
"""


def test_formulas_of_a_paper_with_their_lines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    paper = tmp_path / "paper.tex"
    paper.write_text(PAPER, "utf-8")
    status, out, _ = run(capsys, str(paper))
    lines = [line.removeprefix(f"{paper}:") for line in out.splitlines()]
    starts = [line.split(": ")[:2] for line in lines[:-1]]
    assert starts == [
        ["7", "proved"],
        ["11", "refuted"],
        ["16", "refuted (expected)"],
        ["23", "exact"],
        ["24", "unknown"],
    ]
    assert "missing transpose" in lines[1]
    assert lines[-1] == "5 formulas: 1 exact, 1 proved, 2 refuted, 1 unknown"
    assert status == 1


def test_a_paper_without_a_refuted_formula_passes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    paper = tmp_path / "paper.tex"
    paper.write_text(rf"\[ {RIGHT} \] \[ \foo = 1 \]", "utf-8")
    assert run(capsys, str(paper))[0] == 0
    assert run(capsys, str(paper), "--strict")[0] == 3
    paper.write_text("% symderive: expect refuted\n" + rf"\[ {RIGHT} \]", "utf-8")
    assert run(capsys, str(paper))[0] == 1


def test_markdown_and_notebooks(tmp_path: Path) -> None:
    text = (
        "<!-- symderive: network batch -->\n`$a = 1$`\n\n```python\nx = '$b = 2$'\n```\n"
        "\n```math\nc = 3\n```\n"
        "and $d = 4$ or \\$5 and $e$.\n"
    )
    page = tmp_path / "page.md"
    page.write_text(text, "utf-8")
    places, _ = scan(page)
    assert [(p.formula.strip(), p.line, p.network) for p in places] == [
        ("c = 3", 8, "batch"),
        ("d = 4", 11, "batch"),
    ]
    cells = [
        {"cell_type": "code", "source": ["a = 1"]},
        {"cell_type": "markdown", "source": ["# Title\n", "$$a = b$$\n"]},
    ]
    book = tmp_path / "book.ipynb"
    book.write_text(json.dumps({"cells": cells}), "utf-8")
    places, _ = scan(book)
    assert [(p.formula, p.line, p.where) for p in places] == [("a = b", 2, f"{book}:cell 2")]


def test_macros_of_a_document() -> None:
    text = r"\newcommand{\a}{A}\renewcommand\b[1]{B{#1}}\def\c#1{C}\DeclareMathOperator*{\argmax}{arg max}"
    assert macros(text) == {r"\a": "A", r"\b": "B{#1}", r"\c": "C", r"\argmax": r"\operatorname{arg max}"}


def test_a_setting_beside_the_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    own = {"declare": {"w": "", "x": ""}, "definitions": ["C = w x"]}
    (tmp_path / "own.json").write_text(json.dumps(own), "utf-8")
    paper = tmp_path / "paper.tex"
    paper.write_text("% symderive: setting own.json\n$\\frac{\\partial C}{\\partial w} = x$", "utf-8")
    assert run(capsys, str(paper))[0] == 0
    inner = tmp_path / "inner"
    inner.mkdir()
    paper = inner / "paper.tex"
    paper.write_text("% symderive: setting ../own.json\n$C = w$", "utf-8")
    status, _, err = run(capsys, str(paper))
    assert status == 2 and "beside the document" in err
    (inner / "link.json").symlink_to(tmp_path / "own.json")
    paper.write_text("% symderive: setting link.json\n$C = w$", "utf-8")
    assert run(capsys, str(paper))[0] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("% symderive: dance\n", "expected a direction"),
        ("% symderive: expect sunshine\n", "expected a direction"),
        ("% symderive: network foo\n$a = b$", "expected a network of"),
        ("% symderive: setting none.json\n$a = b$", "cannot be read"),
    ],
)
def test_directions_that_are_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, message: str
) -> None:
    paper = tmp_path / "paper.tex"
    paper.write_text("first\n" + text, "utf-8")
    status, _, err = run(capsys, str(paper))
    assert status == 2 and message in err and err.count("\n") == 1


def test_files_that_are_no_documents(tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SymderiveError, match="UTF-8"):
        scan(tmp_path / "a.tex")
    (tmp_path / "b.ipynb").write_text("[]", "utf-8")
    with pytest.raises(SymderiveError, match="expected a notebook"):
        scan(tmp_path / "b.ipynb")
    (tmp_path / "c.tex").write_text("$a = b", "utf-8")
    assert scan(tmp_path / "c.tex")[0] == []
    (tmp_path / "d.md").write_text("$" * 5_000 + "```" * 500, "utf-8")
    scan(tmp_path / "d.md")


def test_annotations_are_escaped() -> None:
    place = Place("a = b", 3, "a,b:c.tex")
    verdict = Verdict("refuted", "a = b", "50% wrong\nreally", diagnosis="x: y, z")
    line = Judged(place, verdict).as_annotation()
    assert line == "::error file=a%2Cb%3Ac.tex,line=3::refuted: 50%25 wrong%0Areally; x: y, z"
    kind = Judged(place, Verdict("unknown", "a = b", "?")).as_annotation()
    assert kind.startswith("::warning ")


def test_annotations_from_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    paper = tmp_path / "paper.tex"
    paper.write_text(f"${WRONG}$", "utf-8")
    status, out, _ = run(capsys, str(paper), "--format", "github")
    assert status == 1 and out.startswith(f"::error file={paper},line=1::refuted: ")
    status, out, _ = run(capsys, str(paper), "--json")
    found = json.loads(out)
    assert found["counts"] == {"refuted": 1} and found["formulas"][0]["at"] == 1


# ------------------------------------------------------------------------------------------- batches


def test_a_batch_gives_a_verdict_for_each(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        {"id": "a", "latex": RIGHT},
        {"id": "b", "latex": WRONG, "setting": "mlp"},
        {
            "id": "c",
            "latex": "dW = x",
            "setting": {"declare": {"W": "", "x": ""}, "definitions": ["C = W x"]},
        },
        {
            "id": "d",
            "latex": r"\pd{C}{b^l} = \delta^l",
            "macros": {r"\pd": r"\frac{\partial #1}{\partial #2}"},
        },
        {"id": "e", "latex": "a ="},
        {"id": "f", "latex": RIGHT, "setting": "nothing"},
        {"id": "g", "formula": 3},
        {"id": "h", "latex": "a = b", "colour": "red"},
        "no object",
    ]
    file = tmp_path / "batch.json"
    file.write_text(json.dumps(entries), "utf-8")
    status, out, _ = run(capsys, "--batch", str(file))
    found = json.loads(out)
    assert [v["id"] for v in found] == ["a", "b", "c", "d", "e", "f", "g", "h", 9]
    assert [v["status"] for v in found] == ["proved", "refuted", "proved", "proved", *["unknown"] * 5]
    assert all(v["reason"] for v in found[4:])
    assert status == 1
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(entries[:1])))
    status, out, _ = run(capsys, "--batch", "-")
    assert status == 0 and json.loads(out)[0]["status"] == "proved"


@pytest.mark.parametrize(
    "text", ["{", '{"a": 1}', '[{"id": 1, "id": 2}]', "[NaN]", "[" * 100_000, "3", '"x"']
)
def test_batches_that_are_none(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    file = tmp_path / "batch.json"
    file.write_text(text, "utf-8")
    status, _, err = run(capsys, "--batch", str(file))
    assert status == 2 and err.count("\n") == 1
