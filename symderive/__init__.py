r"""symderive derives and proves what happens inside a neural network.

>>> import symderive as sd
>>> d = sd.derive(sd.mlp())
>>> print(sd.to_latex(d.definitions[2]))
\frac{\partial C}{\partial w^{(l)}_{jk}} = a^{(l-1)}_{k} \delta^{(l)}_{j}

Names are imported when they are first used, so that `import symderive` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from symderive.bridges import Bridged, from_arrays, from_sklearn, from_torch
    from symderive.claims.exactly import exact
    from symderive.derivation import Derivation, derive
    from symderive.document import Document
    from symderive.errors import SymderiveError
    from symderive.formulas import Verdict, check
    from symderive.latex import Notation
    from symderive.library import prove
    from symderive.proof import Hypothesis, KernelError, Theorem
    from symderive.proof.symmetry import symmetries
    from symderive.spectrum import Stability, stability
    from symderive.systems import Definition, System, SystemTypeError, mlp
    from symderive.view import to_latex

_WHERE = {
    "Bridged": "bridges",
    "Definition": "systems",
    "Derivation": "derivation",
    "Document": "document",
    "Hypothesis": "proof",
    "KernelError": "proof",
    "Notation": "latex",
    "Stability": "spectrum",
    "SymderiveError": "errors",
    "System": "systems",
    "SystemTypeError": "systems",
    "Theorem": "proof",
    "Verdict": "formulas",
    "check": "formulas",
    "derive": "derivation",
    "exact": "claims.exactly",
    "from_arrays": "bridges",
    "from_sklearn": "bridges",
    "from_torch": "bridges",
    "mlp": "systems",
    "prove": "library",
    "stability": "spectrum",
    "symmetries": "proof.symmetry",
    "to_latex": "view",
}

__all__ = [
    "Bridged", "Definition", "Derivation", "Document", "Hypothesis", "KernelError", "Notation", "Stability",
    "SymderiveError", "System", "SystemTypeError", "Theorem", "Verdict", "__version__", "check", "derive",
    "exact", "from_arrays", "from_sklearn", "from_torch", "mlp", "prove", "stability", "symmetries",
    "to_latex",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
        if name[0].islower():
            from symderive.calling import understood

            value = understood(value)
        globals()[name] = value
        return value
    from symderive.errors import did_you_mean

    # With `obj` Python would append a hint of its own.
    message = f"symderive has no {name}{did_you_mean(name, __all__)}"
    raise AttributeError(message, name=name, obj=None)


def __dir__() -> list[str]:
    """What completion offers: the verbs, and the types of what they give."""
    return list(__all__)
