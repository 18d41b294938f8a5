"""Parts of a theorem's document: what few theorems have need of, and where hypotheses hold."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from symderive.commands import prove as command
from symderive.derivation import training
from symderive.documents.blocks import Box, Math, Paragraph, Text
from symderive.documents.theorem_document import MOVEMENT, _meanings
from symderive.latex import Notation
from symderive.systems import mlp


def checked(system: Any) -> Any:
    return SimpleNamespace(proved=SimpleNamespace(system=system), cross=SimpleNamespace(notation=Notation()))


def test_a_document_says_what_named_functions_stand_for() -> None:
    (shown,) = _meanings(checked(training(mlp(), "sign_descent")))
    assert isinstance(shown, Paragraph)
    formulas = [piece.latex for piece in shown.inlines if isinstance(piece, Math)]
    sgn = r"\operatorname{sgn}\left(x\right) = \left[ 0 < x \right] - \left[ x < 0 \right]"
    assert formulas == [sgn]
    assert _meanings(checked(training(mlp(), "gd"))) == []


def test_a_hypothesis_says_whether_it_holds_along_the_movement(proved: Sequence[command.Outcome]) -> None:
    def beside(key: str, title: str) -> dict[str, bool]:
        document = next(o.document for o in proved if o.key == key)
        box = next(b for b in document.blocks if isinstance(b, Box) and b.title == title)
        return {
            h.name: any(isinstance(x, Text) and "along the movement" in x.text for x in line.reason)
            for h in box.hypotheses
            for line in h.lines
        }

    assert all(beside("T4", "Hessian, gradients of the weights").values())
    assert not any(beside("T10", "the form").values())
    assert beside("T11", "Saxe's quantity")["positive output"]
    told = {o.key for o in proved if Paragraph((Text(MOVEMENT),)) in o.document.blocks}
    assert {"T2", "T4", "T9", "T10", "T11"} <= told and not {"T1", "T3", "T5", "T18"} & told
