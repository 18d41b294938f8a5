"""A theorem that the rules did not make is refused wherever it turns up; a genuine one does not change."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable

import pytest
from kernel_setting import ONE, X_IS_Y, ZERO, L, k, l, x, y

from symderive.calculus import tensor
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Theorem, hypothesis_of


def forged() -> Theorem:
    """x = y, by nobody."""
    return object.__new__(Theorem)


U = tensor("u")
GENUINE = kernel.reflexivity(x[1], EMPTY)


class Copy(Theorem):
    """A theorem that says what it likes, and that it is a genuine one."""

    def __init__(self) -> None:
        pass

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(GENUINE)

    context, hypotheses, lhs, rhs = EMPTY, frozenset(), x[1], y[1]  # type: ignore[assignment]


FORGERIES: tuple[tuple[str, Callable[[], object], str], ...] = (
    ("constructor", lambda: Theorem(EMPTY, frozenset(), x[1], y[1]), "forged: only the rules of the kernel"),
    ("object.__new__", lambda: kernel.symmetry(forged()), "symmetry: forged premise"),
    ("object.__new__, read", lambda: forged().lhs, "theorem: forged: the kernel has no record of it"),
    (
        "subclass",
        lambda: kernel.symmetry(Copy()),
        "symmetry: forged premise: expected a theorem of this kernel, found a Copy",
    ),
    ("no theorem", lambda: kernel.symmetry("x = y"), "found a str"),  # type: ignore[arg-type]
    ("setattr", lambda: setattr(GENUINE, "rhs", y[1]), "theorem: forged: rhs of a theorem cannot be changed"),
    ("delattr", lambda: delattr(GENUINE, "rhs"), "theorem: forged: rhs of a theorem cannot be deleted"),
    ("copy", lambda: copy.copy(GENUINE), "theorem: forged: a theorem cannot be copied or pickled"),
    ("deepcopy", lambda: copy.deepcopy(GENUINE), "theorem: forged: a theorem cannot be copied or pickled"),
    ("pickle", lambda: pickle.dumps(GENUINE), "theorem: forged: a theorem cannot be copied or pickled"),
    ("transitivity", lambda: kernel.transitivity(GENUINE, forged()), "transitivity: forged premise"),
    ("instantiate", lambda: kernel.instantiate(forged(), {}, EMPTY), "instantiate: forged premise"),
    ("congruence", lambda: kernel.congruence(x[1], [((), forged())], EMPTY), "congruence: forged premise"),
    ("differentiation", lambda: kernel.differentiation(forged()), "differentiation: forged premise"),
    ("specialise", lambda: kernel.specialise(forged(), U, ONE), "specialise: forged premise"),
    ("derivative", lambda: kernel.derivative(forged(), U), "derivative: forged premise"),
    (
        "induction",
        lambda: kernel.induction(
            [hypothesis_of("h", x[l], ZERO)], 0, [forged()], [GENUINE], (l, ONE, L), EMPTY
        ),
        "induction: forged premise",
    ),
)


@pytest.mark.parametrize(("forge", "text"), [row[1:] for row in FORGERIES], ids=[row[0] for row in FORGERIES])
def test_a_forged_theorem_is_refused(forge: Callable[[], object], text: str) -> None:
    with pytest.raises(KernelError, match=re.escape(text)):
        forge()
    assert (GENUINE.lhs, GENUINE.rhs) == (x[1], x[1])


def test_a_theorem_has_nothing_to_write_on() -> None:
    for name in ("rhs", "hypotheses", "anything"):
        with pytest.raises(AttributeError):
            object.__setattr__(GENUINE, name, y[1])
        with pytest.raises(AttributeError):
            object.__delattr__(GENUINE, name)
    hypothesis = next(iter(X_IS_Y.hypotheses))
    with pytest.raises(AttributeError):
        object.__setattr__(hypothesis, "rhs", x[k])
    assert X_IS_Y.rhs == hypothesis.rhs == y[k]
