"""Training runs of the library: names and words for what optimisers add to a network, and ties over the steps."""

from __future__ import annotations

from collections.abc import Mapping

from proofs.setting import ORDER, WORDS, name_of
from symderive.derivation.training import training
from symderive.proof.equivariance import Names
from symderive.proof.kernel import Theorem
from symderive.systems import Definition, System

STATES = {"v": "velocities", "m": "first moments", "s": "second moments", "states": "states"}


def words_of(run: System, base: System) -> Mapping[str, str]:
    """What the tensors of a run are called: initial weights, velocities of the biases, look-ahead weights.

    >>> from symderive.systems import mlp
    >>> net = mlp(); words_of(training(net, "heavy_ball"), net)["v_w_0.1"]
    'initial velocities of the incoming weights'
    """
    found = dict(WORDS)
    for p in base.parameters:
        for axis in ("", ".1", ".2"):
            word = WORDS.get(p.name + axis, "")
            if not word:
                continue
            found[f"{p.name}_0{axis}"] = f"initial {word}"
            found[f"{p.name}_ahead{axis}"] = f"look-ahead {word}"
            found[f"grad_{p.name}_ahead{axis}"] = f"gradients of the look-ahead {word}"
            for state, called in STATES.items():
                found[f"{state}_{p.name}{axis}"] = f"{called} of the {word}"
                found[f"{state}_{p.name}_0{axis}"] = f"initial {called} of the {word}"
    return found


def names_in(run: System, base: System, note: str = "") -> Names:
    """What the definitions of a run are called; `note` tells apart the rules of several optimisers."""
    words = words_of(run, base)
    trained = {t.name for t in run.defined} & {n for n in words if n not in WORDS} | {p.name for p in base.parameters}

    def name(d: Definition) -> str:
        if d.symbol.name not in trained:
            return name_of(d)
        what = words[d.symbol.name]
        start = d.lhs.index[0] == 0
        return f"{note}{'start' if start else 'rule'} of the {what}"

    return name


def sentence(name: str, theorem: Theorem) -> str:
    """What a tie says, in words."""
    return f"At every step the two neurons have {name}."


__all__ = ["ORDER", "STATES", "names_in", "sentence", "words_of"]
