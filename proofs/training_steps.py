"""Training runs: what to call the tensors and definitions that an optimiser adds to a network."""

from __future__ import annotations

from collections.abc import Mapping

from proofs.setting import names, words
from symderive.calculus.terms import Entry
from symderive.proof.equivariance import Names
from symderive.proof.kernel import Theorem
from symderive.systems import Definition, System

STATES = {"v": "velocities", "m": "first moments", "s": "second moments", "states": "states"}


def words_of(base: System, given: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """What the tensors of a run of this network are called; its initial values by their plain words.

    `given`: the words for a network that is not the mlp, by tensor, and by tensor and axis as in "w.1".

    >>> from symderive.systems import mlp
    >>> called = words_of(mlp())
    >>> called["v_w_0.1"], called["grad_w_ahead"]
    ('velocities of the incoming weights', 'gradients of the look-ahead weights')
    """
    own = given or words(base)
    found = dict(own)
    for p in base.parameters:
        for axis in ("", ".1", ".2"):
            word = own.get(p.name + axis, "" if axis else p.name)
            if not word:
                continue
            of = f"the {word}" if own else word
            found[f"{p.name}_0{axis}"] = word
            found[f"{p.name}{axis}"] = word
            found[f"{p.name}_ahead{axis}"] = f"look-ahead {word}"
            found[f"grad_{p.name}_ahead{axis}"] = f"gradients of the look-ahead {word}"
            for state, called in STATES.items():
                found[f"{state}_{p.name}_0{axis}"] = f"{called} of {of}"
                found[f"{state}_{p.name}{axis}"] = f"{called} of {of}"
    return found


def names_in(base: System, note: str = "", own: Mapping[str, str] | None = None) -> Names:
    """What the definitions of a run are called; `note` tells apart the rules of several optimisers.

    `own`: the words for the tensors of a network that is not the mlp.

    >>> from symderive.derivation.training import training
    >>> from symderive.systems import mlp
    >>> net = mlp(); run = training(net, "gd")
    >>> [names_in(net)(d) for d in run.of(run.tensor("w"))]
    ['start of the weights', 'rule of the weights']
    """
    called, plain = words_of(base, own), names(base)
    trained = {name.removesuffix("_0") for name in called if name.endswith("_0")}

    def name(d: Definition) -> str:
        if d.symbol.name in trained:
            word = called.get(d.symbol.name, "")
            of = f"the {word}" if own or words(base) else word
            return f"{note}{'start' if d.lhs.index[0] == 0 else 'rule'} of {of}"
        numbers = [i for i in d.lhs.index if i.is_Integer]
        if own and d.symbol.name in own and (not numbers or numbers == [0]):
            return note + own[d.symbol.name] + (" at the start" if numbers else "")
        ahead = any(e.symbol.name.endswith("_ahead") for e in (d.lhs, *d.rhs.atoms(Entry)))
        return note + plain(d) if ahead else plain(d)

    return name


def sentence(name: str, theorem: Theorem) -> str:
    """What a tie says, in words."""
    return f"At every step the two neurons have {name}."


__all__ = ["names_in", "sentence", "words_of"]
