"""Component calculus on SymPy: tensors by their entries, sums over indices, brackets; knows no networks."""

from symderive.calculus.atoms import (
    BoundIndex,
    CalculusError,
    Functional,
    ScalarFunction,
    TensorSymbol,
    fresh,
    indices,
    size,
    tensor,
)
from symderive.calculus.terms import (
    Applied,
    Binder,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
    family,
    index_sum,
)

__all__ = [
    "Applied", "Binder", "BoundIndex", "Bracket", "CalculusError", "Entry", "Family", "Functional",
    "FunctionalValue", "IndexSum", "PartialDerivative", "ScalarFunction", "TensorSymbol", "family", "fresh",
    "index_sum", "indices", "size", "tensor",
]  # fmt: skip
