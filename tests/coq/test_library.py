"""The library of formal proofs compiles, rests on no axiom, and says what it claims to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from symderive.coq import library as library_module
from symderive.coq.audit import audit, library_audit
from symderive.coq.compiler import CoqError, compile_file
from symderive.coq.library import NAME, build, decrees, sources, theorems


def test_every_theorem_of_the_library_rests_on_no_axiom(library: Path) -> None:
    found = library_audit(library)
    assert len(found) == sum(len(theorems(text)) for text in sources().values()) > 60
    assert {s.name for s in found if s.axioms} == set()


def test_every_file_is_listed(checkout: Path) -> None:
    there = {path.stem for path in (checkout / "proofs" / "coq").glob("*.v")}
    assert set(sources()) == there


@pytest.mark.parametrize(
    "text",
    ["Lemma f : False. Admitted.", "Axiom f : False.", "Parameter f : False.",
     "Lemma f : False. admit. Qed.", "Unset Guard Checking.", "#[bypass_check(guard)] Fixpoint f := f."],
)  # fmt: skip
def test_what_would_decree_a_statement_is_found(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert decrees(text)
    assert not decrees(f"(* {text} *)")
    monkeypatch.setattr(library_module, "sources", lambda: {"Bad": text})
    with pytest.raises(CoqError, match=r"Bad\.v: expected proofs, found"):
        build(tmp_path)


@pytest.mark.parametrize(
    ("text", "axioms"),
    [
        ("Axiom open : False.\nLemma f : False. Proof. exact open. Qed.", ("open",)),
        ("Variable open : False.\nLemma f : False. Proof. exact open. Qed.", ("open",)),
        ("Section S. Hypothesis open : False.\nLemma f : False. Proof. exact open. Qed. End S.", ()),
        ("From Coq Require Import Classical.\nLemma f (P : Prop) : P \\/ ~ P. Proof. exact (classic P). Qed.",
         ("classic",)),
    ],
)  # fmt: skip
def test_the_audit_names_what_a_theorem_rests_on(
    text: str, axioms: tuple[str, ...], coq: None, tmp_path: Path
) -> None:
    (tmp_path / "Bad.v").write_text(text)
    assert compile_file(tmp_path / "Bad.v", {"Bad": tmp_path}).accepted
    (found,) = audit({"Bad": ["f"]}, {"Bad": tmp_path}, "Bad")
    assert tuple(name.split(".")[-1] for name in found.axioms) == axioms


def test_a_wrong_proof_is_refused(coq: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The right file with one sign changed."""
    text = sources()["Network"]
    wrong = text.replace("p 0%N j = j", "p 0%N j = j.+1")
    assert wrong != text
    monkeypatch.setattr(library_module, "sources", lambda: {"Network": wrong})
    with pytest.raises(CoqError, match=r"Network\.v: Coq refuses it"):
        build(tmp_path)


def test_coq_is_stopped_when_its_time_is_up(coq: None, tmp_path: Path) -> None:
    (tmp_path / "Slow.v").write_text("Goal True. do 1000000000 idtac. exact I. Qed.")
    run = compile_file(tmp_path / "Slow.v", {NAME: tmp_path}, seconds=0.5)
    assert not run.accepted and "stopped after 0.5 seconds" in run.error


def test_without_coq_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("symderive.coq.compiler.shutil.which", lambda name: None)
    with pytest.raises(CoqError, match=r"^coqc is not installed: on Debian, install coq"):
        compile_file(tmp_path / "Any.v", {})
