"""Mistakes that people make, and the line that they see: each names the fix, or what was expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import symderive as sd
from symderive.errors import SymderiveError

MISTAKES: tuple[tuple[str, Callable[[], Any], str], ...] = (
    ("a verb misspelled", lambda: sd.dervie, "symderive has no dervie; did you mean derive?"),  # type: ignore[attr-defined]
    ("a verb unknown", lambda: sd.train, "symderive has no train"),  # type: ignore[attr-defined]
    ("a name for a system", lambda: sd.derive("mlp"),  # type: ignore[arg-type]
     "derive: expected a system, such as symderive.mlp(), found 'mlp'"),
    ("a function for its value", lambda: sd.derive(sd.mlp),  # type: ignore[arg-type]
     "derive: expected a system, such as symderive.mlp(), found <function mlp at"),
    ("nothing to derive", lambda: sd.derive(),  # type: ignore[call-arg]
     "derive: expected system, found nothing; help(symderive.derive) has an example"),
    ("a derivation derived", lambda: sd.derive(sd.derive(sd.mlp())),  # type: ignore[arg-type]
     "derive: expected a system, such as symderive.mlp(), found a Derivation"),
    ("a number for a formula", lambda: sd.check(3),  # type: ignore[arg-type]
     "check: expected a formula as text, found 3"),
    ("a preset misspelled", lambda: sd.check("a = b", "mpl"),
     "setting: expected a preset of mlp, mlp-rows, batch, batch-rows, units, units-prml, found 'mpl'"),
    ("no such theorem", lambda: sd.prove("T99"), "expected a theorem of the library (T1 layer_equations, "),
    ("a theorem misspelled", lambda: sd.prove("tied_neuron"), "'tied_neuron'; did you mean tied_neurons?"),
    ("a theorem without a name", lambda: sd.prove(),  # type: ignore[call-arg]
     "prove: expected name, found nothing"),
    ("a name for a system to prove of", lambda: sd.prove("T5", "mlp"),  # type: ignore[arg-type]
     "T5: expected a system, found 'mlp'"),
    ("a theorem about one network", lambda: sd.prove("T1", sd.mlp(widths=[2, 3, 1])),
     "T1: expected a theorem about any system (permutation_invariance, "),
    ("no layer", lambda: sd.mlp(depth=0), "depth: expected a whole number from 1 to 1000, found 0"),
    ("text for a number", lambda: sd.mlp(depth="3"),  # type: ignore[arg-type]
     "depth: expected a whole number from 1 to 1000, found '3'"),
    ("width for widths", lambda: sd.mlp(width=[2, 3, 1]),  # type: ignore[call-arg]
     "mlp: expected no argument width; did you mean widths?"),
    ("one width", lambda: sd.mlp(widths=3),  # type: ignore[arg-type]
     "widths: expected at least an input and an output width, found 3"),
    ("an empty layer", lambda: sd.mlp(widths=[4, 0, 2]),
     "width n_1: expected a whole number from 1, found 0"),
    ("an activation misspelled", lambda: sd.mlp(activation="rellu"), "found 'rellu'; did you mean relu?"),
    ("an activation by another name", lambda: sd.mlp(activation="swish"), "'swish'; did you mean silu?"),
    ("a cost by another name", lambda: sd.mlp(cost="mse"), "found 'mse'; did you mean squared_error?"),
    ("an argument in the plural", lambda: sd.mlp(activations="tanh"),  # type: ignore[call-arg]
     "mlp: expected no argument activations; did you mean activation?"),
    ("LaTeX of a number", lambda: sd.to_latex(3),
     "expected a term, definition, hypothesis, theorem, system or derivation, found 3"),
    ("symmetries of a derivation", lambda: sd.symmetries(sd.derive(sd.mlp())),  # type: ignore[arg-type]
     "symmetries: expected a system, such as symderive.mlp(), found a Derivation"),
    ("stability of a system", lambda: sd.stability(sd.mlp(), ([], []), ([], [])),  # type: ignore[arg-type]
     "stability: expected a symderive.reference.Network, found a System"),
    ("an unknown tensor", lambda: sd.derive(sd.mlp()).gradient("weights"),
     "mlp: expected a tensor of x, y, w, b, a, z, C, found 'weights'"),
    ("a layer out of range", lambda: sd.derive(sd.mlp()).gradient("w", 0),
     "w: expected superscripts in their ranges, found 0"),
    ("an attribute in the plural", lambda: sd.derive(sd.mlp()).gradients,  # type: ignore[attr-defined]
     "Derivation has no gradients; did you mean gradient?"),
    ("a verb as a method", lambda: sd.mlp().derive(),  # type: ignore[attr-defined]
     "System has no derive; write symderive.derive(..)"),
    ("an attribute that is elsewhere", lambda: sd.prove("T1").theorem,  # type: ignore[attr-defined]
     "Proved has no theorem; it has derivation, hypotheses, key, name, order, propositions,"),
    ("a side of a theorem misspelled", lambda: sd.prove("T1").propositions[0].theorem.left,
     "Theorem has no left; it has arguments, audit, context, hypotheses, lhs, premises, rhs, rule"),
    ("a width that is still a symbol", lambda: sd.derive(sd.mlp()).compile(),
     "compile: range of l in the definition of z[l, j]: expected a number, found L: give its value in sizes"),
    ("a vector for a matrix", lambda: sd.from_arrays([[1.0]], [1.0], "tanh"),
     "weights[0]: expected a matrix, found the shape (1,)"),
    ("a number for a model", lambda: sd.from_sklearn(3),
     "from_sklearn: expected an MLPClassifier or MLPRegressor, found int"),
    ("a theorem forged", lambda: sd.Theorem(), "theorem: forged: only the rules of the kernel make theorems"),
    ("a number defined", lambda: sd.Definition(1, 2),  # type: ignore[arg-type]
     "definition: expected a tensor entry on the left, found 1"),
)  # fmt: skip


@pytest.mark.parametrize(("call", "line"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_in_one_line(call: Callable[[], Any], line: str) -> None:
    if call.__code__.co_names[-1:] == ("from_sklearn",):
        pytest.importorskip("sklearn")
    with pytest.raises((SymderiveError, AttributeError)) as caught:
        call()
    message = str(caught.value)
    assert line in message and "\n" not in message
    assert message.count("did you mean") <= 1


def test_python_adds_no_second_hint() -> None:
    """Where an object stands in the error, the traceback would end in a hint of Python's own."""
    for call in (lambda: sd.dervie, lambda: sd.mlp().definition):  # type: ignore[attr-defined]
        with pytest.raises(AttributeError) as caught:
            call()
        assert caught.value.obj is None and caught.value.name


def test_what_is_right_is_no_mistake() -> None:
    """A call with every argument by its name passes through, and keeps name, help and signature."""
    assert sd.derive(system=sd.mlp()).definitions == sd.derive(sd.mlp()).definitions
    assert sd.derive.__name__ == "derive" and "reverse" in (sd.derive.__doc__ or "")
    assert not hasattr(sd.mlp(), "no_such_name") and hasattr(sd.mlp(), "definitions")


def test_completion_offers_the_verbs_and_little_else() -> None:
    offered = [name for name in dir(sd) if not name.startswith("_")]
    assert {"derive", "prove", "check", "mlp", "to_latex", "symmetries", "stability"} <= set(offered)
    assert sorted(offered) == sorted(n for n in sd.__all__ if not n.startswith("_"))


def test_completion_of_an_object_offers_its_public_names() -> None:
    assert {"lhs", "rhs", "hypotheses", "audit"} <= set(dir(sd.prove("T1").propositions[0].theorem))
    assert {"definitions", "steps", "gradient", "delta"} <= set(dir(sd.derive(sd.mlp())))


@pytest.mark.parametrize("name", [n for n in sd.__all__ if not n.startswith("_")])
def test_help_says_what_it_does_and_gives_an_example(name: str) -> None:
    thing = getattr(sd, name)
    text = thing.__doc__ or ""
    assert len(text.strip().splitlines()[0]) > 15
    if name == "from_torch":  # its example cannot run where torch is missing
        assert "from_torch(torch.nn." in text
    elif name != "Theorem":  # nobody makes one by its name
        assert ">>> " in text
