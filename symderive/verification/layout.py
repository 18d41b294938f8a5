r"""How a function wants its arguments: which axis is the sample, and which way a weight lies.

| convention | W^l | x | forward pass |
|---|---|---|---|
| columns | (n_l, n_{l-1}) | (n_0, N) | W a + b |
| rows | (n_{l-1}, n_l) | (N, n_0) | a W + b |
| out-by-in rows | (n_l, n_{l-1}) | (N, n_0) | a W^T + b |
| in-by-out columns | (n_{l-1}, n_l) | (n_0, N) | W^T a + b |
| vectors | (n_l, n_{l-1}) | (n_0,) | W a + b, one sample |
| vectors, in by out | (n_{l-1}, n_l) | (n_0,) | a W + b, one sample |
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symderive.errors import SymderiveError
from symderive.verification.network import Array, Network
from symderive.verification.quantities import Case

CONVENTIONS = ("columns", "rows", "out-by-in rows", "in-by-out columns")
SINGLE = ("vectors", "vectors, in by out")
FORMS: Mapping[str, str] = {
    "dict": "(parameters, x, y)", "lists": "(weights, biases, x, y)", "pairs": "(pairs, x, y)",
    "flat": "(vector, x, y)", "arguments": "(W1, b1, W2, .., x, y)",
}  # fmt: skip
"""How a function takes the parameters, and what it is then called with."""
TARGETS = ("as outputs", "class numbers", "one number a sample")


@dataclass(frozen=True)
class Layout:
    """One way to call a function: a convention, a shape of biases, targets, and the form of the parameters.

    >>> Layout("rows").weight(np.ones((3, 2))).shape, Layout("columns").bias(np.ones(3)).shape
    ((2, 3), (3, 1))
    """

    convention: str
    flat_bias: bool | None = None
    targets: str = TARGETS[0]
    form: str = "dict"

    @property
    def in_by_out(self) -> bool:
        """Whether W^l is (n_{l-1}, n_l)."""
        return self.convention in ("rows", "in-by-out columns", "vectors, in by out")

    @property
    def columns(self) -> bool:
        """Whether samples are columns."""
        return self.convention in ("columns", "in-by-out columns")

    @property
    def single(self) -> bool:
        """Whether the function takes one sample."""
        return self.convention in SINGLE

    @property
    def _flat(self) -> bool:
        return (not self.columns) if self.flat_bias is None else self.flat_bias

    def weight(self, w: Array) -> Array:
        """W^l as the function takes it."""
        return np.array(w.T if self.in_by_out else w)

    def bias(self, b: Array) -> Array:
        """b^l as the function takes it."""
        if self._flat:
            return np.array(b)
        return np.array(b[:, None] if self.columns else b[None, :])

    def arguments(self, case: Case) -> tuple[Any, ...]:
        """Fresh copies of parameters and data, in this layout."""
        Ws, bs = [self.weight(w) for w in case.weights], [self.bias(b) for b in case.biases]
        return (*self.parameters(Ws, bs), self._samples(case.x), self._targets(case.y))

    def parameters(self, Ws: list[Array], bs: list[Array]) -> tuple[Any, ...]:
        """The parameters as the arguments before x and y."""
        pairs = list(zip(Ws, bs, strict=True))
        if self.form == "lists":
            return Ws, bs
        if self.form == "pairs":
            return (pairs,)
        if self.form == "flat":
            return (np.concatenate([v.ravel() for p in pairs for v in p]),)
        if self.form == "arguments":
            return tuple(v for p in pairs for v in p)
        return ({f"{n}{m}": v for m, p in enumerate(pairs, 1) for n, v in zip("Wb", p, strict=True)},)

    def _samples(self, x: Array) -> Array:
        return np.array(x[0] if self.single else x.T if self.columns else x)

    def _targets(self, y: Array) -> Any:
        if self.targets == TARGETS[1]:
            found = y.argmax(axis=1)
            return int(found[0]) if self.single else found
        if self.targets == TARGETS[2]:
            return y[0, 0] if self.single else np.array(y[:, 0])
        return self._samples(y)

    def words(self) -> tuple[str, ...]:
        """What was found by trial, to be said."""
        W = "(n_{l-1}, n_l)" if self.in_by_out else "(n_l, n_{l-1})"
        rows = "one sample as a vector" if self.single else "columns" if self.columns else "rows"
        b = "(n_l,)" if self._flat else "(n_l, 1)" if self.columns else "(1, n_l)"
        samples = rows if self.single else f"samples are {rows}"
        said = [f"convention {self.convention!r}: W^l is {W}, {samples}, b^l is {b}"]
        if self.form != "dict":
            said.append(f"form {self.form!r}: it is called with {FORMS[self.form]}")
        if self.targets != TARGETS[0]:
            said.append(f"y is given as {self.targets}")
        return tuple(said)


def forms(fn: Callable[..., Any], depth: int, stated: str | None) -> tuple[str, ...]:
    """The forms to try: the stated one, or those with as many arguments as fn has.

    Raises SymderiveError for an unknown one, and where fn has other numbers of arguments than any form.

    >>> forms(lambda p, x, y: p, 2, None), forms(lambda W1, b1, W2, b2, x, y: x, 2, None)
    (('dict', 'pairs', 'flat'), ('arguments',))
    """
    if stated is not None:
        if stated not in FORMS:
            raise SymderiveError(f"form: expected one of {', '.join(FORMS)}, found {stated!r}")
        return (stated,)
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # it does not say; compiled code may not
        return tuple(FORMS)
    found = tuple(f for f in FORMS if _takes(signature, _count(f, depth)))
    if not found:
        known = ", ".join(FORMS.values())
        raise SymderiveError(f"fn: expected a function of one of {known}, found one of {signature}")
    return found


def _count(form: str, depth: int) -> int:
    """How many arguments a function of this form has, x and y among them."""
    return {"lists": 4, "arguments": 2 * depth + 2}.get(form, 3)


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def layouts(network: Network, convention: str | None, form: str) -> Iterator[Layout]:
    """The layouts to try, the likelier first. Raises SymderiveError for an unknown convention.

    >>> from symderive.verification.network import network_of
    >>> net = network_of({"widths": [4, 3], "activation": "tanh", "cost": "squared_error"})
    >>> [l.flat_bias for l in layouts(net, "rows", "dict")]
    [True, False]
    """
    if convention is not None and convention not in (*CONVENTIONS, *SINGLE):
        raise SymderiveError(
            f"convention: expected one of {', '.join((*CONVENTIONS, *SINGLE))}, found {convention!r}"
        )
    targets = [TARGETS[0]]
    if network.one_hot:
        targets.append(TARGETS[1])
    if network.widths[-1] == 1:
        targets.append(TARGETS[2])
    for c in (*CONVENTIONS, *SINGLE) if convention is None else (convention,):
        for t in targets:
            natural = c not in ("columns", "in-by-out columns")
            yield Layout(c, natural, t, form)
            if c not in SINGLE:
                yield Layout(c, not natural, t, form)
