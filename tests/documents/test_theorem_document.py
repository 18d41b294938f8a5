"""Parts of a theorem's document that no theorem of the library has need of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from symderive.derivation import training
from symderive.documents.blocks import Math, Paragraph
from symderive.documents.theorem_document import _meanings
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
