"""What objects show in a terminal and in a notebook: short, right, and harmless."""

from __future__ import annotations

import re
from typing import Any

import html5lib
import numpy as np
import pytest

import symderive as sd
from symderive import reference
from symderive.calculus import IndexSum, ScalarFunction, indices, size, tensor
from symderive.calculus.ranges import Context
from symderive.claims.evidence import Evidence
from symderive.display import TABLE, card_of
from symderive.display.card import Card, Equation, Fold, Grid, Words
from symderive.display.page import to_html
from symderive.display.plain import LONGEST, MOST, to_text
from symderive.display.unicode import to_unicode
from symderive.proof.kernel import reflexivity
from symderive.proof.tactics import Chain
from symderive.systems.activations import activation


def _objects() -> dict[str, Any]:
    net = sd.mlp()
    d = sd.derive(net)
    proved = sd.prove("T1")
    mine = sd.mlp(widths=[2, 1], activation="tanh", cost="squared_error")
    bridged = sd.from_arrays([np.ones((1, 2))], [np.zeros(1)], "identity", layout="columns")
    x, y = np.ones((2, 1)), np.zeros((1, 1))
    return {
        "system": net, "definition": net.definitions[1], "derivation": d,
        "step": d.steps[d.definitions[0]][0], "proved": proved, "proposition": proved.propositions[0],
        "argument": proved.propositions[0].arguments[0], "theorem": proved.propositions[0].theorem,
        "hypothesis": proved.hypotheses()[0], "symmetry": sd.symmetries(net)[0],
        "verdict": sd.check(r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)"),
        "evidence": Evidence("exact", "modulo $2^{61}-1$", error=1e-20), "activation": activation("relu"),
        "bridged": bridged, "verified": bridged.verify(x, y, gradient=[([[1.0, 1.0]], [1.0])]),
        "compiled": sd.derive(mine).compile(),
        "counterexample": sd.prove("T6").witnesses[0], "experiment": sd.prove("T6").witnesses[0].found,
        "chain": Chain(proved.propositions[0].theorem.lhs, proved.propositions[0].theorem.context),
    }  # fmt: skip


OBJECTS = _objects()
names = pytest.mark.parametrize("name", OBJECTS)


@names
def test_a_terminal_shows_a_few_short_lines(name: str) -> None:
    text = repr(OBJECTS[name])
    lines = text.splitlines()
    assert lines and len(lines) <= MOST + 2
    assert max(map(len, lines)) < 220
    assert not re.search(r"\b(lhs|rhs|context|definitions)=|object at 0x|\\frac|\\left|\^\{\(l\)\}", text)


@names
def test_a_notebook_shows_valid_html(name: str) -> None:
    page = OBJECTS[name]._repr_html_()
    html5lib.HTMLParser(strict=True).parse(f"<!DOCTYPE html><title>t</title>{page}")
    assert page.startswith('<div class="symderive') and "mathjax_ignore" in page
    assert "http" not in page and "<script" not in page


@names
def test_latex_is_balanced_and_of_the_portable_dialect(name: str) -> None:
    latex = OBJECTS[name]._repr_latex_()
    if latex is not None:
        assert latex.startswith("$") and latex.endswith("$") and latex.count("$") == 2
        assert latex.count("{") == latex.count("}") and latex.count(r"\left") == latex.count(r"\right")


def test_every_type_of_the_table_exists_and_has_a_card() -> None:
    """A type that was moved would silently show nothing."""
    from importlib import import_module

    for where, card in TABLE.items():
        module, kind = where.rsplit(".", 1)
        assert isinstance(getattr(import_module(module), kind), type)
        of, name = card.split(".")
        assert callable(getattr(import_module(f"symderive.display.{of}"), name))


def test_the_equations_of_backpropagation_in_a_terminal() -> None:
    """As one would write them by hand."""
    assert repr(OBJECTS["derivation"]) == (
        "Derived from the 4 definitions of mlp\n"
        "  δ⁽ᴸ⁾ⱼ      = ∂C/∂a⁽ᴸ⁾ⱼ · σ′(z⁽ᴸ⁾ⱼ)  for 1 ≤ j ≤ n_L\n"
        "  δ⁽ˡ⁾ⱼ      = σ′(z⁽ˡ⁾ⱼ) ∑(k=1..nₗ₊₁) w⁽ˡ⁺¹⁾ₖⱼ δ⁽ˡ⁺¹⁾ₖ  for 1 ≤ l ≤ L − 1, 1 ≤ j ≤ nₗ\n"
        "  ∂C/∂w⁽ˡ⁾ⱼₖ = a⁽ˡ⁻¹⁾ₖ δ⁽ˡ⁾ⱼ  for 1 ≤ l ≤ L, 1 ≤ j ≤ nₗ, 1 ≤ k ≤ nₗ₋₁\n"
        "  ∂C/∂b⁽ˡ⁾ⱼ  = δ⁽ˡ⁾ⱼ  for 1 ≤ l ≤ L, 1 ≤ j ≤ nₗ"
    )


PAIRS = (
    (r"w^{(t,m)}_{qk}", "w⁽ᵗ,ᵐ⁾_{qk}"),
    (r"\frac{1}{2} \sum_{j=1}^{n} \left(a_{j} - y_{j}\right)^{2}", "1/2 · ∑(j=1..n) (aⱼ − yⱼ)²"),
    (r"\frac{a + b}{c d}", "(a + b)/(c d)"),
    (r"-x^{2} - \frac{1}{x}", "−x² − 1/x"),
    (r"\left(W^{(l+1)}\right)^{\top} \delta \odot \sigma'\left(z\right)", "(W⁽ˡ⁺¹⁾)ᵀ δ ⊙ σ′(z)"),
    (r"\mathrm{d} \frac{\partial C}{\partial w}", "d(∂C/∂w)"),
    (r"\tilde{w}_{jk}", "w̃ⱼₖ"),
    (r"\sqrt{x + 1}", "√(x + 1)"),
    (r"2 \cdot 3", "2 ⋅ 3"),
    (r"\left[ j = k \right] x", "[j = k] x"),
    (r"2 \left(b + c\right)", "2 (b + c)"),
)


@pytest.mark.parametrize(("latex", "text"), PAIRS)
def test_formulas_in_unicode(latex: str, text: str) -> None:
    assert to_unicode(latex) == text


def test_different_equations_look_different() -> None:
    """What is dropped or merged would show here: all equations of some theorems, by LaTeX and by Unicode."""
    seen: dict[str, str] = {}
    for key in ("T1", "T2", "T3"):
        for p in sd.prove(key).propositions:
            for e in (p.theorem.lhs, p.theorem.rhs, *(e for a in p.arguments for e, _ in a.lines)):
                latex = sd.to_latex(e)
                assert seen.setdefault(to_unicode(latex), latex) == latex
    assert len(seen) > 20


HOSTILE = ('<img src=x onerror="alert(1)">', "</div><script>alert(1)</script>", "$x$ & \x1b[31m", "\u202eab")


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_user_names_does_no_harm(name: str) -> None:
    """In a title, in a hypothesis and in a verdict."""
    j, = indices("j")  # fmt: skip
    x, y, C = tensor("x", (j, 1, 3)), tensor("y", (j, 1, 3)), tensor("C")
    definitions = (
        sd.Definition(y[j], 2 * x[j], ((j, 1, 3),), name),
        sd.Definition(C(), IndexSum(y[j], (j, 1, 3)), (), name),
    )  # fmt: skip
    system = sd.System(name, (), (x,), definitions, C)
    for thing in (system, sd.derive(system), sd.check(name), Evidence("unknown", name)):
        page = thing._repr_html_()
        assert "<img" not in page and "<script" not in page
        assert "\x1b" not in repr(thing) and "\u202e" not in repr(thing)


def test_a_long_system_is_cut_and_says_so() -> None:
    text = repr(sd.mlp(depth=30))
    assert len(text.splitlines()) == LONGEST + 2
    assert re.search(r"\.\. and \d+ more$", text)


def test_what_has_no_latex_is_still_shown() -> None:
    """A name outside the portable dialect is no error, in any form."""
    j, = indices("j")  # fmt: skip
    odd = tensor("odd", (j, 1, 3), latex=r"\bigl(x")
    t = reflexivity(odd[j], Context.of((j, 1, 3)))
    assert repr(t).startswith("odd[j] = odd[j] for 1 ≤ j ≤ 3")
    assert "odd[j] = odd[j]" in t._repr_html_() and t._repr_latex_() is None


def test_a_forged_theorem_shows_that_it_is_none() -> None:
    forged = object.__new__(sd.Theorem)
    assert "forged" in repr(forged)
    assert forged._repr_html_() is None


def test_an_object_that_is_no_good_is_shown_all_the_same() -> None:
    """It stands in the message that refuses it."""
    h = sd.prove("T1").hypotheses()[0]._replace(name=["no text"])  # type: ignore[arg-type]
    assert repr(h).startswith("<Hypothesis: ")


def test_statuses_are_told_apart() -> None:
    """By word, and by colour where there is one."""
    pages = {s: to_html(Card(("a",), (), s)) for s in ("proved", "exact", "numeric", "refuted", "unknown")}
    assert len({re.search(r"background:(#\w+)", p)[1] for p in pages.values()}) == 5  # type: ignore[index]
    assert all(f">{s}</b>" in p for s, p in pages.items())


def test_steps_unfold_on_a_page_and_stay_out_of_the_terminal() -> None:
    """A proof of many steps is one line until it is opened."""
    shown = card_of(OBJECTS["derivation"])
    folds = [p for p in shown.body if isinstance(p, Fold)]
    assert len(folds) == 4 and all(len(f.body) >= 4 for f in folds)
    assert OBJECTS["derivation"]._repr_html_().count("<details") == 4
    assert "Steps" not in repr(OBJECTS["derivation"])


def test_parts_of_a_card_in_a_terminal() -> None:
    card = Card(("t",), (Words(("x",)), Grid((("a",), ("b",)), ((("1",), ("2",)),)), Equation("a", "b")))
    assert to_text(card) == "t\n  x\n  a  b\n  1  2\n  a = b"


def test_the_stability_of_a_tie_is_a_line_not_arrays() -> None:
    net = reference.Network((1, 2, 1), "tanh")
    ones = ([[[1.0], [1.0]], [[1.0, 1.0]]], [[0.0, 0.0], [0.0]])
    found = sd.stability(net, ones, ([[1.0]], [[2.0]]))
    assert repr(found) == str(found) and "array" not in repr(found)


def test_a_network_of_ones_own_shows_in_its_own_names() -> None:
    j, k = indices("j k")
    M, N = size("M"), size("N")
    w, x, h, C = (
        tensor("w", (j, 1, M), (k, 1, N)),
        tensor("x", (k, 1, N)),
        tensor("h", (j, 1, M)),
        tensor("C"),
    )
    f = ScalarFunction("f")
    system = sd.System("own", (x,), (w,), (
        sd.Definition(h[j], f(IndexSum(w[j, k] * x[k], (k, 1, N))), ((j, 1, M),)),
        sd.Definition(C(), IndexSum(h[j], (j, 1, M)))), C)  # fmt: skip
    assert "hⱼ = f(∑(k=1..N) wⱼₖ xₖ)  for 1 ≤ j ≤ M" in repr(system)
