"""The command line: exit statuses, one line for a mistake, files whole or not at all, output for machines."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from symderive import cli, show
from symderive.claims import crosscheck
from symderive.commands import derive, plain, prove, workers
from symderive.documents import pdf
from symderive.errors import SymderiveError

KEYS = [
    "T1", "T2", "T2b", "T3", "T4", "T5", "T5b", "T5c", "T6", "T7", "T8", "T8b", "T9", "T10", "T10b", "T11",
    "T12", "T13", "T14", "T18", "T19",
]  # fmt: skip
SMALL = ("derive", "--widths", "2,3,1", "--activation", "tanh", "--cost", "squared_error")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """main([...]) with its output in a directory of its own, unless said otherwise."""

    def called(*arguments: str, output: Path | None = tmp_path / "out") -> SimpleNamespace:
        given = [*arguments, *(["-o", str(output)] if output is not None else [])]
        try:
            status = cli.main(given)
        except SystemExit as stop:
            status = stop.code
        written = capsys.readouterr()
        files = sorted(p.name for p in output.iterdir()) if output is not None and output.is_dir() else []
        return SimpleNamespace(status=status, out=written.out, err=written.err, files=files)

    return called


def assert_mistake(done: SimpleNamespace, *words: str) -> None:
    """Exit status 2, exactly one line on standard error, nothing on standard output, nothing written."""
    assert done.status == 2
    assert done.out == ""
    assert done.err.endswith("\n") and done.err.count("\n") == 1
    assert done.err.startswith("symderive")
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err
    assert done.files == []


# ------------------------------------------------------------------------------------------- prove


@pytest.mark.parametrize("name", ["T1", "t1", "layer_equations"])
def test_one_theorem_by_key_or_name(name: str, run: Any) -> None:
    done = run("prove", name)
    assert done.status == 0 and done.err == ""
    assert done.files == [f"T1_layer_equations.{ending}" for ending in ("html", "json", "tex")]
    title, header, row, files = done.out.splitlines()
    assert title.startswith("1 theorem, seed 20260, ")
    assert header.split() == ["key", "theorem", "status", "equations", "evidence", "largest", "error", "Coq"]
    assert row.startswith("T1   The layer equations  proved  12")
    assert "9 exact, 9 proved" in row
    assert files.startswith("3 files in ")


def test_a_theorem_named_twice_is_proved_once(run: Any) -> None:
    assert len(prove.select(["T1", "t1", "layer_equations", "T3"])) == 2


def test_an_unknown_theorem_is_a_mistake_and_nothing_is_written(run: Any) -> None:
    done = run("prove", "T1", "T99")
    assert_mistake(done, "expected a theorem of the library", "T5 tied_neurons", "found 'T99'")


def test_the_list_of_theorems(run: Any) -> None:
    done = run("prove", "--list")
    assert done.status == 0 and done.files == []
    lines = done.out.splitlines()
    assert lines[0] == "The library"
    assert [line.split()[0] for line in lines[2:]] == KEYS
    machine = run("prove", "--list", "--json")
    listed = json.loads(machine.out)["theorems"]
    assert [t["key"] for t in listed] == KEYS
    assert set(listed[0]) == {"key", "name", "statement"}
    assert len(run("prove", "T3", "--list").out.splitlines()) == 3


def test_the_result_for_machines(run: Any) -> None:
    done = run("prove", "T1", "--json", "--seed", "7")
    assert done.status == 0 and done.err == ""
    result = json.loads(done.out)
    assert set(result) == {"theorems", "files", "seed", "seconds"}
    assert result["seed"] == 7
    assert result["files"] == done.files
    (theorem,) = result["theorems"]
    assert set(theorem) == {
        "key", "name", "title", "status", "steps", "equations", "evidence", "largest_error", "hypotheses",
        "witnesses", "statements", "coq",
    }  # fmt: skip
    assert theorem["evidence"] == {"exact": 9, "proved": 9}


def test_another_seed_is_another_run_and_the_same_seed_the_same(run: Any, tmp_path: Path) -> None:
    texts = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert run("prove", "T3", "--seed", seed, output=tmp_path / name).status == 0
        texts.append((tmp_path / name / "T3_permutation_invariance.tex").read_text("utf-8"))
    assert texts[0] == texts[1] != texts[2]


# ------------------------------------------------------------------------------------------ derive


def test_a_network_is_derived(run: Any) -> None:
    done = run(*SMALL)
    assert done.status == 0 and done.err == ""
    assert done.files == ["derivation.html", "derivation.tex"]
    assert done.out.startswith("Derived equations, seed 20260\n")
    assert r"\delta^{(1)}_{j} = " in done.out
    assert "complex step of the NumPy reference, 1 sample" in done.out


def test_the_derivation_for_machines(run: Any) -> None:
    result = json.loads(run(*SMALL, "--json").out)
    assert set(result) == {"equations", "comparisons", "files", "seed"}
    assert len(result["equations"]) == 6
    assert set(result["equations"][0]) == {"latex", "ranges", "evidence"}
    (evidence,) = result["equations"][0]["evidence"]
    assert set(evidence) == {"status", "method", "error", "points", "seed"}
    assert evidence["status"] == "numeric" and 0 <= evidence["error"] < 1e-9
    (comparison,) = result["comparisons"]
    assert comparison["method"] == "complex step" and comparison["largest_error"] < 1e-9


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        ((), "Backpropagation for every depth"),
        (("--depth", "1"), "Backpropagation in a network of 1 layer"),
        (("--widths", "3,2", "--activation", "relu", "--relu-at-zero", "1/2"), "in the network 3-2"),
        (("--widths", "2,3", "--cost", "cross_entropy"), "in the network 2-3"),
        (("--widths", "2,3,2", "--activation", "tanh,softmax", "--cost", "cross_entropy"), "2-3-2"),
        (("--widths", "2,2", "--activation", "gelu", "--cost", "binary_cross_entropy"), "2-2"),
        (("--widths", "3,2", "--samples", "4", "--reduction", "sum"), "3-2"),
        (("--widths", "3,2", "--factor", "0.25", "--cost", "squared_error", "--composed"), "3-2"),
        (("--widths", "2,1", "--explicit"), "2-1"),
    ],
)
def test_networks_of_every_kind(arguments: Sequence[str], title: str, run: Any, tmp_path: Path) -> None:
    done = run("derive", *arguments)
    assert done.status == 0, done.err
    assert title in (tmp_path / "out" / "derivation.html").read_text("utf-8")


def test_data_are_compared_and_the_document_says_so(run: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    np.savetxt(tmp_path / "d.csv", rng.normal(size=(7, 3)), delimiter=",")
    done = run(*SMALL, "--data", str(tmp_path / "d.csv"), "--json")
    assert done.status == 0, done.err
    assert [c["samples"] for c in json.loads(done.out)["comparisons"]] == [7, 7]
    assert "7 samples" in (tmp_path / "out" / "derivation.html").read_text("utf-8")
    assert run(*SMALL, "--data", str(tmp_path / "d.csv"), "--samples", "7").status == 0
    wrong = run(*SMALL, "--data", str(tmp_path / "d.csv"), "--samples", "6", output=tmp_path / "none")
    assert_mistake(wrong, "samples: expected 6 rows in the file, found 7")


NUMBERS = "expected whole numbers with commas, such as 4,5,3, found"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--widths", "4"), ("widths: expected at least an input and an output width, found (4,)",)),
        (("--widths", "4,0,3"), ("width n_1: expected a whole number from 1, found 0",)),
        (("--widths", "4,x,3"), (NUMBERS, "found '4,x,3'")),
        (("--widths", "4,,3"), (NUMBERS,)),
        (("--widths", "4,-5,3"), (NUMBERS,)),
        (("--widths", "4,5.0,3"), (NUMBERS,)),
        (("--widths", ""), (NUMBERS, "found ''")),
        (("--widths", "3000,3000,3"), ("expected at most 1,000,000 parameters times samples", "found 9,0")),
        (("--widths",), ("argument --widths: expected a value, found none",)),
        (("--depth", "0"), ("depth: expected a whole number from 1 to 1000, found 0",)),
        (("--depth", "1001"), ("expected a whole number from 1 to 1000, found 1001",)),
        (("--depth", "two"), ("argument --depth: expected a whole number, found 'two'",)),
        (("--depth", "2", "--widths", "3,2"), ("expected --widths or --depth, found both",)),
        (("--activation", "foo"), ("activation: expected one of generic, ", "found 'foo'")),
        (("--activation", "softmax"), ("expected softmax in the last layer",)),
        (("--activation", "tanh,relu"), ("activation: expected one name for all layers", "found")),
        (("--depth", "3", "--activation", "tanh,relu"), ("expected 3 names, one for each layer, found 2",)),
        (("--widths", "2,1", "--output-activation", "x"), ("activation: expected one of", "found 'x'")),
        (("--widths", "2,2", "--output-activation", "softmax"), ("expected a softmax output together with",)),
        (("--widths", "2,2", "--cost", "cross_entropy", "--output-activation", "tanh"), ("found tanh with",)),
        (("--cost", "foo"), ("cost: expected one of generic, squared_error, ", "found 'foo'")),
        (("--factor", "half"), ("expected a number such as 1/2 or 0.5, found 'half'",)),
        (("--factor", "1/0"), ("expected a number such as 1/2 or 0.5, found '1/0'",)),
        (("--factor", "1e400"), ("expected a number such as 1/2 or 0.5",)),
        (("--factor", "0", "--cost", "squared_error"), ("factor: expected a number other than 0, found 0",)),
        (("--factor", "2"), ("factor: expected it with squared_error alone, found it with 'generic'",)),
        (("--samples", "0"), ("samples: expected a whole number from 1, found 0",)),
        (("--samples", "b"), ("expected a whole number, or the letter B, found 'b'",)),
        (("--widths", "9,9", "--samples", "99999"), ("parameters times samples", "found 90 times 99,999")),
        (("--reduction", "max"), ("argument --reduction: expected one of", "mean", "sum", "found 'max'")),
        (("--relu-at-zero", "x"), ("expected a number such as 1/2 or 0.5, found 'x'",)),
        (("--seed", "-1"), ("expected a whole number, found '-1'",)),
        (("--seed", "1000000"), ("expected at most 999999, found 1000000",)),
        (("--widths", "4,99999999"), ("expected at most 999999, found 99999999",)),
        (("--seed", "1.5"), ("expected a whole number, found '1.5'",)),
        (("--explicit",), ("expected --widths with --explicit, found none",)),
        (("--composed",), ("composed form needs a number of layers",)),
        (("--data", "x.csv"), ("expected --widths with --data, found none",)),
        (("--widths", "2,1", "--data", "no.csv"), ("expected a data file, found no file no.csv",)),
        (("--nonsense",), ("expected no more arguments, found --nonsense",)),
        (("more",), ("expected no more arguments, found more",)),
        (("line\nbreak",), ("found line break",)),
        (("--list",), ("expected no more arguments, found --list",)),
    ],
)
def test_a_wrong_argument_gets_one_line(arguments: Sequence[str], words: Sequence[str], run: Any) -> None:
    done = run("derive", *arguments)
    assert_mistake(done, *words)
    assert "expected" in done.err or "needs" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("expected COMMAND, found none",)),
        (("foo",), ("expected one of", "prove", "derive", "found 'foo'")),
        (("prove", "--nonsense"), ("found --nonsense",)),
    ],
)
def test_a_wrong_command_gets_one_line(arguments: Sequence[str], words: Sequence[str], run: Any) -> None:
    assert_mistake(run(*arguments, output=None), *words)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ragged.csv", "1,2,3\n1,2\n", ("expected 3 columns at row 2 of", "found 2")),
        ("nan.csv", "1,2,3\n1,nan,3\n", ("expected a finite number at row 2 column 2", "found nan")),
        ("word.csv", "1,2,3\n1,two,3\n", ("expected a number at row 2 column 2", "found 'two'")),
        ("narrow.csv", "1,2\n3,4\n", ("expected 3 columns in", "found 2")),
        ("wide.csv", "1,2,3,4\n", ("expected 3 columns in", "found 4")),
        ("empty.csv", "", ("expected rows of numbers in", "found none")),
        ("binary.csv", "\0\0", ("found",)),
        ("broken.npz", "no archive", ("expected an .npz file of plain arrays, found another format",)),
    ],
)
def test_wrong_data_get_one_line(
    name: str, content: str, words: Sequence[str], run: Any, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert_mistake(run(*SMALL, "--data", str(path)), "expected", name, *words)


def test_a_directory_is_no_data_file(run: Any, tmp_path: Path) -> None:
    assert_mistake(run(*SMALL, "--data", str(tmp_path)), "expected a data file, found no file")


# ------------------------------------------------------------------------------ files whole or not at all


@pytest.mark.parametrize("command", [("prove", "T1"), SMALL])
def test_an_output_directory_that_is_a_file_is_a_mistake(
    command: Sequence[str], run: Any, tmp_path: Path
) -> None:
    place = tmp_path / "taken"
    place.write_text("mine")
    done = run(*command, output=place)
    assert_mistake(done, "output: expected a directory, found the file", "taken")
    assert place.read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a directory that nobody can write to")
def test_a_directory_that_cannot_be_made_is_a_mistake(run: Any) -> None:
    done = run("prove", "T1", output=Path("/proc/symderive"))
    assert_mistake(done, "cannot make the directory /proc/symderive")


@pytest.mark.parametrize("writer", ["to_html", "to_latex"])
def test_a_failure_while_rendering_leaves_nothing(
    writer: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second document fails: the first is not written either, and what was there stays."""
    real, calls = getattr(plain, writer), []

    def failing(document: Any) -> str:
        calls.append(document.title)
        if len(calls) == 2:
            raise SymderiveError("expected a page, found none")
        return str(real(document))

    monkeypatch.setattr(plain, writer, failing)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "T1_layer_equations.tex").write_text("old")
    done = run("prove", "T1", "T3", "--jobs", "1")  # in this process, where the writer fails
    assert done.status == 2 and done.err == "symderive: expected a page, found none\n"
    assert done.files == ["T1_layer_equations.tex"]
    assert (tmp_path / "out" / "T1_layer_equations.tex").read_text() == "old"
    assert len(calls) == 2


def test_a_place_taken_by_a_directory_leaves_the_rest_as_it_was(run: Any, tmp_path: Path) -> None:
    (tmp_path / "out" / "derivation.tex").mkdir(parents=True)
    done = run(*SMALL)
    assert done.status == 2 and "expected a file, found a directory" in done.err
    assert done.files == ["derivation.tex"]


def test_a_run_again_replaces_the_files(run: Any, tmp_path: Path) -> None:
    assert run(*SMALL).status == 0
    page = tmp_path / "out" / "derivation.html"
    first = page.read_text("utf-8")
    page.write_text("spoiled")
    done = run(*SMALL)
    assert done.status == 0 and done.files == ["derivation.html", "derivation.tex"]
    assert page.read_text("utf-8") == first


# --------------------------------------------------------------------------------- a check that fails


@pytest.mark.parametrize("command", [("prove", "T1"), SMALL])
def test_a_failed_check_is_exit_status_1_and_writes_nothing(
    command: Sequence[str], run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A printer that drops the bias: the run stops, and no document says otherwise."""
    real = crosscheck.equation_to_latex

    def lying(*arguments: Any, **named: Any) -> tuple[str, str]:
        left, right = real(*arguments, **named)
        return left, re.sub(r" \+ b\^\{.*?\}_\{j\}", "", right)

    monkeypatch.setattr(crosscheck, "equation_to_latex", lying)
    done = run(*command)
    assert done.status == 1
    assert done.out == "" and done.files == []
    assert done.err.startswith("symderive: a check failed: the right side of ")
    assert done.err.count("\n") == 1


def test_a_wrong_gradient_is_exit_status_1(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = derive.reference_network
    monkeypatch.setattr(
        derive,
        "reference_network",
        lambda request: real(derive.replace(request, activation="sigmoid")),
    )
    done = run(*SMALL)
    assert done.status == 1 and done.files == []
    assert re.fullmatch(
        r"symderive: a check failed: \w+ of layer \d: relative error .* against the complex step .*\n",
        done.err,
    )


def test_an_interrupt_is_no_traceback(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any) -> Iterator[Any]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(workers, "prove_plain", stopped)
    done = run("prove")
    assert (done.status, done.err, done.files) == (130, "symderive: stopped\n", [])


# ------------------------------------------------------------------------------------------------ PDF


def test_a_pdf_is_built(run: Any, tmp_path: Path) -> None:
    try:
        pdf.available_engine()
    except SymderiveError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no PDF engine is installed")
    done = run(*SMALL, "--pdf")
    assert done.status == 0, done.err
    assert done.files == ["derivation.html", "derivation.pdf", "derivation.tex"]
    assert (tmp_path / "out" / "derivation.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("command", [("prove", "T1"), SMALL])
def test_without_any_engine_it_says_what_to_install(
    command: Sequence[str], run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.setattr(pdf.importlib.util, "find_spec", lambda name: None)
    done = run(*command, "--pdf")
    assert_mistake(done, "a PDF needs TeX", "apt install", "pip install 'symderive-nn[pdf]'", "found neither")


def test_the_embedded_engine_is_taken_where_there_is_no_tex(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("typst")
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    assert pdf.available_engine() == "typst"
    done = run(*SMALL, "--pdf")
    assert done.status == 0 and "derivation.pdf" in done.files


# ------------------------------------------------------------------------------- terminals and pipes


class Terminal:
    """A stream that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""
        self.encoding = "utf-8"

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_gets_a_ruled_table_and_a_bar(
    colour: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    assert cli.main(["prove", "T1", "-o", str(tmp_path)]) == 0
    assert "━" in out.text and "The layer equations" in out.text
    assert "1/1" in err.text
    colours = re.findall(r"\x1b\[[\d;]*3\d[\d;]*m", out.text + err.text)
    assert bool(colours) == colour


def test_a_terminal_shows_latex_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setenv("COLUMNS", "120")
    formula = r"\left[ j = k \right] \[ [bold]x[/bold] \\[ a^{[l]}"
    show.table(("formula",), [(formula,)], "Title", out)  # type: ignore[arg-type]
    assert formula in re.sub(r"\x1b\[[\d;]*m", "", out.text)


def test_a_pipe_gets_aligned_columns_and_no_bar(run: Any) -> None:
    done = run("prove", "T1")
    assert done.err == ""
    assert "\x1b" not in done.out and "━" not in done.out
    header, row = done.out.splitlines()[1:3]
    assert header.index("status") == row.index("proved")
    assert all(line == line.rstrip() for line in done.out.splitlines())


# --------------------------------------------------------------------------------- in a process of its own


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "symderive", *arguments],
        capture_output=True, text=True, timeout=120, env={**os.environ, **environment}, check=False,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    done = process("prove", "T1", "--json", "-o", str(tmp_path / "out"), PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and done.stderr == ""
    assert json.loads(done.stdout)["theorems"][0]["key"] == "T1"
    assert {p.suffix for p in (tmp_path / "out").iterdir()} == {".tex", ".html", ".json"}


def test_a_mistake_in_a_process(tmp_path: Path) -> None:
    done = process("derive", "--widths", "4,ü", "-o", str(tmp_path / "out"), PYTHONIOENCODING="ascii")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and r"found '4,\xfc'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_version_and_help() -> None:
    done = process("--version")
    assert done.returncode == 0 and re.fullmatch(r"symderive \d+\.\d+\.\d+\n", done.stdout)
    for command in ((), ("prove",), ("derive",)):
        helped = process(*command, "--help")
        assert helped.returncode == 0 and "usage: symderive" in helped.stdout


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    pipe = subprocess.Popen(
        [sys.executable, "-m", "symderive", "prove", "--list"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert pipe.stdout is not None and pipe.stderr is not None
    pipe.stdout.close()
    complaint = pipe.stderr.read()
    pipe.stderr.close()
    assert pipe.wait(60) == 2
    assert complaint == b""
