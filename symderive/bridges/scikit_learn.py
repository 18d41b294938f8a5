"""scikit-learn's MLPClassifier and MLPRegressor: their network, their L2 term, and their backpropagation.

Every solver steps along the gradient that `_backprop` returns: adam and sgd call it on each batch, lbfgs
through `_loss_grad_lbfgs`, which packs it into one vector. Both are asked. The data cost is a mean over
samples, and alpha/2 sum w^2 is divided by their number too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from symderive.bridges.bridged import Bridged
from symderive.bridges.building import Plan
from symderive.bridges.layout import Array, array_of, named, real
from symderive.bridges.structure import Parameter
from symderive.bridges.verification import DOUBLE, SINGLE
from symderive.errors import SymderiveError
from symderive.systems.activations import activation as named_activation
from symderive.systems.mlp import IDENTITY
from symderive.systems.numbers import shown

ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}

#           (loss, output)                      cost of what comes before the output's own function
COSTS = {
    ("squared_error", "identity"): "squared_error",
    ("log_loss", "softmax"): "softmax_cross_entropy",
    ("log_loss", "logistic"): "binary_cross_entropy",
    ("poisson", "exp"): "poisson",
}

AROUND = {"steps": "last step", "best_estimator_": "best_estimator_"}
"""By what an estimator around a network has: where the network is."""

SEVERAL = "scikit-learn reports a loss that is a mean over the outputs; its gradient is that of their sum"


def from_sklearn(model: Any) -> Bridged:
    """A fitted MLPClassifier or MLPRegressor (or one with a partial fit) as a system and its parameters.

    The output's own function (softmax, logistic, exp) is part of the cost, so that the system's outputs are
    logits. Raises SymderiveError for another estimator, and for one that was not fitted.

    >>> import numpy as np
    >>> from sklearn.neural_network import MLPRegressor
    >>> x = np.linspace(-1, 1, 12).reshape(6, 2)
    >>> model = MLPRegressor(hidden_layer_sizes=(3,), activation="tanh", alpha=0.1, random_state=0)
    >>> model = model.partial_fit(x, x[:, 0])
    >>> net = from_sklearn(model)
    >>> sorted(net.parameters)
    ['coefs_[0]', 'coefs_[1]', 'intercepts_[0]', 'intercepts_[1]']
    >>> net.verify(x, x[:, 0]).error < 1e-12
    True
    """
    kind = type(model).__name__
    try:
        from sklearn.neural_network import MLPClassifier, MLPRegressor
    except ImportError:
        raise SymderiveError("from_sklearn: expected scikit-learn to be installed, found none") from None
    if not isinstance(model, MLPClassifier | MLPRegressor):
        inside = next((f": give its {name}" for own, name in AROUND.items() if hasattr(model, own)), "")
        raise SymderiveError(
            f"from_sklearn: expected an MLPClassifier or MLPRegressor, found {shown_type(model)}{inside}"
        )
    if not hasattr(model, "coefs_"):
        raise SymderiveError(
            f"from_sklearn: expected a fitted {kind}, found one without coefs_: call fit first"
        )
    cost = COSTS.get((model.loss, model.out_activation_))
    if cost is None or model.activation not in ACTIVATIONS:
        found = f"{model.activation}, {model.loss} and {model.out_activation_}"
        raise SymderiveError(
            f"from_sklearn: expected activations and a loss of scikit-learn's own, found {found}"
        )
    pairs = _pairs(model)
    depth = len(pairs)
    entries = []
    for m, (w, b) in enumerate(pairs, 1):
        entries.append(Parameter(f"coefs_[{m - 1}]", "w", m, real(w, f"coefs_[{m - 1}]", copy=True)))
        entries.append(
            Parameter(f"intercepts_[{m - 1}]", "b", m, real(b, f"intercepts_[{m - 1}]", copy=True))
        )
    hidden = named_activation(ACTIVATIONS[model.activation])
    widths = (model.coefs_[0].shape[0], *(w.shape[1] for w in model.coefs_))
    plan = Plan(
        widths,
        (*((hidden,) for _ in range(depth - 1)), (IDENTITY,)),
        (True,) * depth,
        cost=cost,
        l2=float(model.alpha),
        l2_per_sample=True,
    )
    notes = []
    if model.out_activation_ != "identity":
        notes.append(f"the outputs' {model.out_activation_} is part of the cost")
    if cost == "squared_error" and widths[-1] > 1:
        notes.append(SEVERAL)
    single = model.coefs_[0].dtype != np.float64
    return Bridged(
        f"scikit-learn {kind}",
        plan,
        tuple(entries),
        named("rows"),
        tuple(notes),
        _Sklearn(model, widths),
        SINGLE if single else DOUBLE,
    ).checked()


def _pairs(model: Any) -> list[tuple[Array, Array]]:
    """Weights and biases, layer by layer; SymderiveError where they are no longer those of one network."""
    weights, biases = model.coefs_, model.intercepts_
    shapes = [np.shape(w) for w in weights]
    ends = [tuple(s[1:]) for s in shapes]
    if (
        not shapes
        or any(len(s) != 2 for s in shapes)
        or any(low != high[:1] for low, high in zip(ends, shapes[1:], strict=False))
        or ends != [np.shape(b) for b in biases]
    ):
        found = f"{shapes} and {[np.shape(b) for b in biases]}"
        raise SymderiveError(
            f"from_sklearn: expected coefs_ and intercepts_ whose shapes fit each other, found {found}"
        )
    return list(zip(weights, biases, strict=True))


@dataclass(frozen=True)
class _Sklearn:
    """A fitted network, asked for its gradient without changing it."""

    model: Any
    widths: tuple[int, ...]

    def values(self) -> list[Array]:
        return [v for pair in _pairs(self.model) for v in pair]

    def targets(self, y: Any) -> Array:
        """Labels as scikit-learn encodes them, numbers as columns."""
        binarizer = getattr(self.model, "_label_binarizer", None)
        if binarizer is None:
            array = real(y, "y")
            return array[:, None] if array.ndim == 1 else array
        try:
            array = array_of(y)
        except Exception:  # ragged lists, whatever an array library raises
            array = np.empty(())
        if not array.ndim:
            raise SymderiveError(f"y: expected an array of labels, found {shown(y)}")
        if binarizer.y_type_.startswith("multilabel"):
            return _rows(array, "0 or 1 for each label, as in fit", lambda v: (v == 0) | (v == 1))
        if array.ndim > 1 and array.shape[1:] != (1,):
            sums = "a class for each sample, or rows that add up to 1"
            return _rows(
                array, sums, lambda v: np.isclose(v.sum(axis=1, keepdims=True), 1, rtol=0, atol=1e-12)
            )
        known = set(np.ravel(self.model.classes_).tolist())
        for other in (v for v in array.ravel().tolist() if v not in known):
            raise SymderiveError(f"y: expected classes that the model knows, found {shown(other)}")
        return np.asarray(binarizer.transform(array.ravel()), dtype=float)

    def remarks(self, y: Any) -> tuple[str, ...]:
        """None: the targets are encoded by its own encoder."""
        return ()

    def gradients(self, x: Array, y: Array) -> Mapping[str, Sequence[Array | None]]:
        """By `_backprop`, and as lbfgs packs it."""
        model = self.model
        dtype = model.coefs_[0].dtype
        x, y = x.astype(dtype), y.astype(dtype)
        return {
            "scikit-learn's backprop": self._flat(*self._asked(copy(model), "_backprop", x, y)[1:]),
            "scikit-learn's gradient for lbfgs": self._packed(x, y),
        }

    def _asked(self, model: Any, method: str, x: Array, y: Array, **more: Any) -> Any:
        """A private method with work arrays of its own, by the arguments that this version takes."""
        widths = self.widths[1:]
        given = {
            "X": x,
            "y": y,
            "sample_weight": None,
            "activations": [x, *(np.empty((len(x), n), x.dtype) for n in widths)],
            "deltas": [np.empty((len(x), n), x.dtype) for n in widths],
            "coef_grads": [np.empty_like(w) for w in model.coefs_],
            "intercept_grads": [np.empty_like(b) for b in model.intercepts_],
            **more,
        }
        try:
            call = getattr(model, method)
            wanted = inspect.signature(call).parameters
            return call(**{name: given[name] for name in wanted})
        except (AttributeError, KeyError, TypeError) as error:
            from sklearn import __version__

            raise SymderiveError(
                f"from_sklearn: expected {method} as in scikit-learn 1.9, found another in {__version__}: "
                f"{type(error).__name__} {error}"
            ) from None

    def _flat(self, weights: Sequence[Array], biases: Sequence[Array]) -> list[Array | None]:
        return [v for pair in zip(weights, biases, strict=True) for v in pair]

    def _packed(self, x: Array, y: Array) -> list[Array | None]:
        model = copy(self.model)  # the method writes the parameters back from its vector
        model.coefs_, model.intercepts_ = list(model.coefs_), list(model.intercepts_)
        shapes = [w.shape for w in model.coefs_]
        ends = np.cumsum([0, *(w.size for w in model.coefs_), *(b.size for b in model.intercepts_)]).tolist()
        spans = list(pairwise(ends))
        weights, biases = spans[: len(shapes)], spans[len(shapes) :]
        model._coef_indptr = [(i, j, shape) for (i, j), shape in zip(weights, shapes, strict=True)]
        model._intercept_indptr = biases
        vector = np.concatenate([np.ravel(v) for v in (*model.coefs_, *model.intercepts_)])
        packed = self._asked(model, "_loss_grad_lbfgs", x, y, packed_coef_inter=vector)[1]
        parts = [packed[i:j].reshape(shape) for (i, j), shape in zip(weights, shapes, strict=True)]
        return self._flat(parts, [packed[i:j] for i, j in biases])


def _rows(array: Array, wanted: str, holds: Callable[[Array], Array]) -> Array:
    """Targets that are a row for each sample; SymderiveError unless they are what the model was fitted to."""
    if array.ndim != 2:
        raise SymderiveError(f"y: expected {wanted}, found the shape {array.shape}")
    rows = real(array, "y")
    for i in np.flatnonzero(~np.all(holds(rows), axis=1))[:1]:
        raise SymderiveError(f"y: expected {wanted}, found {rows[i].tolist()} of sample {i}")
    return rows


def shown_type(value: Any) -> str:
    """The full name of a value's type, for messages.

    >>> shown_type(3)
    'int'
    """
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
