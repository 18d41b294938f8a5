"""Training runs: what to call the tensors and definitions that an optimiser adds to a network."""

from __future__ import annotations

from collections.abc import Mapping

from proofs.setting import WORDS, name_of
from symderive.calculus.terms import Entry
from symderive.proof.equivariance import Names
from symderive.proof.kernel import Theorem
from symderive.systems import Definition, System

STATES = {"v": "velocities", "m": "first moments", "s": "second moments", "states": "states"}


def words_of(base: System) -> Mapping[str, str]:
    """What the tensors of a run of this network are called; its initial values by their plain words.

    >>> from symderive.systems import mlp
    >>> words = words_of(mlp())
    >>> words["v_w_0.1"], words["grad_w_ahead"]
    ('velocities of the incoming weights', 'gradients of the look-ahead weights')
    """
    found = dict(WORDS)
    for p in base.parameters:
        for axis in ("", ".1", ".2"):
            word = WORDS.get(p.name + axis)
            if word is None:
                continue
            found[f"{p.name}_0{axis}"] = word
            found[f"{p.name}{axis}"] = word
            found[f"{p.name}_ahead{axis}"] = f"look-ahead {word}"
            found[f"grad_{p.name}_ahead{axis}"] = f"gradients of the look-ahead {word}"
            for state, called in STATES.items():
                found[f"{state}_{p.name}_0{axis}"] = f"{called} of the {word}"
                found[f"{state}_{p.name}{axis}"] = f"{called} of the {word}"
    return found


def names_in(base: System, note: str = "") -> Names:
    """What the definitions of a run are called; `note` tells apart the rules of several optimisers.

    >>> from symderive.derivation.training import training
    >>> from symderive.systems import mlp
    >>> net = mlp(); run = training(net, "gd")
    >>> [names_in(net)(d) for d in run.of(run.tensor("w"))]
    ['start of the weights', 'rule of the weights']
    """
    words = words_of(base)
    trained = {name.removesuffix("_0") for name in words if name.endswith("_0")}

    def name(d: Definition) -> str:
        word = words.get(d.symbol.name, "")
        if d.symbol.name in trained:
            return f"{note}{'start' if d.lhs.index[0] == 0 else 'rule'} of the {word}"
        ahead = any(e.symbol.name.endswith("_ahead") for e in (d.lhs, *d.rhs.atoms(Entry)))
        return note + name_of(d) if ahead else name_of(d)

    return name


def sentence(name: str, theorem: Theorem) -> str:
    """What a tie says, in words."""
    return f"At every step the two neurons have {name}."


__all__ = ["names_in", "sentence", "words_of"]
