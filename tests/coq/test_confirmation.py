"""What Coq confirms of the library of theorems, in the words of the documents, the command and the tables."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from symderive.claims.evidence import CheckFailed
from symderive.cli import main
from symderive.coq import export
from symderive.coq.compiler import MISSING
from symderive.coq.confirmation import confirmations, summary
from symderive.coq.export import Refused, confirm, export_theorem
from symderive.library import prove

# every proposition of these is confirmed, and those of T5b, T5c, T9 and T10 in files of their own
CONFIRMED = {
    "T1": 3, "T2": 3, "T2b": 2, "T3": 3, "T4": 5, "T5": 9, "T6": 10, "T7": 8, "T8": 10, "T8b": 6, "T11": 22,
    "T12": 8, "T13": 8, "T14": 24, "T18": 3, "T19": 3,
}  # fmt: skip
NOT_CONFIRMED = ("T10b",)


@pytest.mark.parametrize("key", CONFIRMED)
def test_every_proposition_is_confirmed(key: str, library: Path) -> None:
    proved = prove(key)
    found = confirmations(proved)
    assert [c.proposition for c in found] == [p.name for p in proved.propositions]
    assert summary(found) == f"{CONFIRMED[key]} of {CONFIRMED[key]}"
    for c in found:
        assert c.theorem.startswith(f"{key}_")
        assert c.axioms == ()
        assert c.statement.startswith("forall (real : realFieldType)")


@pytest.mark.parametrize("key", NOT_CONFIRMED)
def test_what_is_not_confirmed_is_listed(key: str) -> None:
    found = confirmations(prove(key))
    assert {c.reason for c in found} == {"the library of Coq has no theorem for it"}
    assert not any(c.confirmed or c.statement for c in found)


def test_a_statement_that_rests_on_an_axiom_is_refused(library: Path) -> None:
    made = export_theorem(prove("T3"))
    cheat = made.text.replace("Proof. by_library T3_cost. Qed.", "Admitted.")
    assert cheat != made.text
    with pytest.raises(Refused, match=r"expected no axioms, found .*cost"):
        confirm(export.Exported(made.name, cheat, made.stated))


def test_a_theorem_that_coq_refuses_stops_the_run(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "confirming", lambda key, name: "T1_one_layer")
    with pytest.raises(CheckFailed, match="the kernel proved what Coq refuses"):
        confirmations(prove("T3"))


def test_without_coq_nothing_is_confirmed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("symderive.coq.compiler.shutil.which", lambda name: None)
    found = confirmations(prove("T1"))
    assert [c.reason for c in found] == [MISSING] * 3
    assert summary(found) == "coqc is missing"


def test_the_command_writes_what_it_confirmed(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "coq", "T3", "-o", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["confirmed"] and told["name"] == "T3_permutation_invariance"
    assert [t["axioms"] for t in told["theorems"]] == [[], [], []]
    assert (tmp_path / "T3_permutation_invariance.v").read_text() == export_theorem(prove("T3")).text
    assert (tmp_path / "library" / "T3.v").is_file() and (tmp_path / "_CoqProject").is_file()


def test_the_command_without_coq_says_that_nothing_is_confirmed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("symderive.coq.compiler.shutil.which", lambda name: None)
    assert main(["export", "coq", "T1", "-o", str(tmp_path)]) == 3
    assert "not confirmed: coqc is not installed" in capsys.readouterr().out
    assert (tmp_path / "T1_layer_equations.v").is_file()


def test_what_coq_refuses_is_not_written(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "confirming", lambda key, name: "T1_one_layer")
    assert main(["export", "coq", "T3", "-o", str(tmp_path / "out")]) == 1
    assert "Coq refuses it" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["T99"], "expected a theorem of the library"),
        (["T3", "--widths", "2,3"], "expected a theorem, or the options of a network, found both"),
        (["--depth", "3"], "expected --widths with the other options of a network, found none"),
        (["--widths", "2,3", "--depth", "1"], "expected --widths or --depth, found both"),
        (["--widths", "2,3", "--cost", "squared_error", "--factor", "0"], "expected a number other than 0"),
        (["--widths", "2,3", "--cost", "cross_entropy"], "such as softmax"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "coq", *arguments, "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_theorem_that_the_library_of_coq_does_not_have_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "confirming", lambda key, name: None)
    assert main(["export", "coq", "T1", "-o", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "T1: expected a theorem that the library of Coq confirms, found none of it" in error
    assert error.count("\n") == 1 and not (tmp_path / "out").exists()


def test_a_document_says_what_coq_confirms(library: Path, tmp_path: Path) -> None:
    assert main(["prove", "T3", "-o", str(tmp_path)]) == 0
    page = (tmp_path / "T3_permutation_invariance.html").read_text()
    assert "What Coq says" in page and "T3_cost" in page and "no axioms" in page
    assert main(["prove", "T10b", "-o", str(tmp_path)]) == 0
    page = (tmp_path / "T10b_inertia.html").read_text()
    assert "not confirmed: the library of Coq has no theorem for it" in page
    assert shutil.which("coqc")
