"""z^l = W^l a^{l-1} + b^l, a^l = m^l phi_l(z^l), C = c sum_s |a^L_s - y_s|^2 by hand, in exact fractions.

An oracle for small examples: it imports nothing but the standard library and the error class. Floats are
refused, so every number that it returns is the number. `backward` is backpropagation by hand; the truth about
a gradient, `slope`, is the coefficient of t in the cost of theta + t e, a forward pass over numbers a + b t
with t^2 = 0, which knows no derivative of an activation and no chain rule.

Layout, as in reference.py: weights[l-1] is W^l (n_l, n_{l-1}), biases[l-1] is b^l (n_l,); x is (N, n_0), or
(n_0,) for one sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NoReturn, TypeAlias

from symderive.errors import SymderiveError

__all__ = [
    "Activation", "Dual", "Gradient", "Network", "Parameters", "activation", "backward", "cost", "descend",
    "forward", "gradient_truth", "polynomial", "relu", "slope", "step", "train", "units",
]  # fmt: skip

Exact: TypeAlias = int | Fraction
Vector: TypeAlias = tuple[Any, ...]  # of fractions, or of numbers a + b t on the way to a slope
Matrix: TypeAlias = tuple[Vector, ...]

ZERO, ONE = Fraction(0), Fraction(1)
LOSSES = ("squared_error", "softmax_cross_entropy")


def _refuse(expected: str, found: object) -> NoReturn:
    raise SymderiveError(f"expected {expected}, found {found}")


# ---------------------------------------------------------------------------------------- numbers a + b t


@dataclass(frozen=True)
class Dual:
    """a + b t, where t^2 = 0: the ring in which a forward pass shows how its result moves.

    >>> Dual(Fraction(2), Fraction(1)) * Dual(Fraction(3), Fraction(5)) + 1
    Dual(value=Fraction(7, 1), slope=Fraction(13, 1))
    """

    value: Fraction
    slope: Fraction

    def __add__(self, other: Dual | Exact) -> Dual:
        o = _dual(other)
        return Dual(self.value + o.value, self.slope + o.slope)

    def __mul__(self, other: Dual | Exact) -> Dual:
        o = _dual(other)
        return Dual(self.value * o.value, self.value * o.slope + self.slope * o.value)

    __radd__, __rmul__ = __add__, __mul__

    def __sub__(self, other: Dual | Exact) -> Dual:
        return self + -1 * _dual(other)


def _dual(x: Dual | Exact) -> Dual:
    return x if isinstance(x, Dual) else Dual(Fraction(x), ZERO)


# ------------------------------------------------------------------------------------ shapes, all checked


def _number(name: str, value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        _refuse(f"an integer or a fraction in {name}", f"{value!r} of type {type(value).__name__}")
    return Fraction(value)


def _vector(name: str, values: Any, n: int) -> Vector:
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) != n:
        _refuse(f"{n} numbers in {name}", repr(values))
    return tuple(_number(name, v) for v in values)


def _matrix(name: str, rows: Sequence[Any], n: int) -> Matrix:
    return tuple(_vector(f"{name}, row {r}", row, n) for r, row in enumerate(rows, 1))


# -------------------------------------------------------------------------------------------- activations


@dataclass(frozen=True)
class Activation:
    """phi of a fraction or of a Dual, and phi' of a fraction, which `backward` alone uses.

    >>> cube = activation("cube"); cube.value(Fraction(2)), cube.derivative(Fraction(2))
    (Fraction(8, 1), Fraction(12, 1))
    """

    name: str
    value: Callable[[Any], Any]
    derivative: Callable[[Fraction], Fraction]


def polynomial(*coefficients: Exact, name: str = "") -> Activation:
    """phi(z) = c_0 + c_1 z + c_2 z^2 + ..

    >>> polynomial(0, 1, 1).value(Fraction(1, 2))
    Fraction(3, 4)
    """
    c = _vector("coefficients", coefficients, len(coefficients))

    def horner(c: Sequence[Fraction], z: Any) -> Any:
        total: Any = ZERO
        for each in reversed(c):
            total = total * z + each
        return total

    powers = [n * each for n, each in enumerate(c)][1:]
    name = name or f"polynomial{coefficients}"
    return Activation(name, lambda z: horner(c, z), lambda z: horner(powers, z))


def relu(at_zero: Exact | None = None) -> Activation:
    """relu(z) = max(z, 0); `at_zero` is what relu'(0) is taken to be: without it, z = 0 is refused.

    At z = 0 there is no derivative, so `slope` refuses a move off the kink whatever the convention.

    >>> relu(at_zero=0).derivative(Fraction(0)), relu().derivative(Fraction(3))
    (Fraction(0, 1), Fraction(1, 1))
    """
    convention = None if at_zero is None else _number("relu'(0)", at_zero)

    def value(z: Any) -> Any:
        if isinstance(z, Dual):
            if z.value == 0 and z.slope != 0:
                _refuse("a preactivation off the kink of relu at 0", f"0 + {z.slope} t")
            return z if z.value > 0 else Dual(ZERO, ZERO)
        return z if z > 0 else ZERO

    def derivative(z: Fraction) -> Fraction:
        if z == 0 and convention is None:
            _refuse("a preactivation off the kink of relu at 0, or a convention for relu'(0)", 0)
        return (convention or ZERO) if z == 0 else Fraction(z > 0)

    return Activation("relu", value, derivative)


ACTIVATIONS: dict[str, Activation] = {
    "identity": polynomial(0, 1, name="identity"),
    "square": polynomial(0, 0, 1, name="square"),
    "cube": polynomial(0, 0, 0, 1, name="cube"),
    "z+z^2": polynomial(0, 1, 1, name="z+z^2"),
    "z+z^3": polynomial(0, 1, 0, 1, name="z+z^3"),
    "z+z^2+z^3": polynomial(0, 1, 1, 1, name="z+z^2+z^3"),
    "relu": relu(),
}


def activation(given: str | Activation) -> Activation:
    """The activation of that name, or the activation itself. Errors: an unknown name.

    >>> activation("z+z^2").value(Fraction(3))
    Fraction(12, 1)
    """
    if isinstance(given, Activation):
        return given
    if given not in ACTIVATIONS:
        _refuse(f"an activation among {', '.join(ACTIVATIONS)}", repr(given))
    return ACTIVATIONS[given]


# -------------------------------------------------------------------------------- networks and parameters


@dataclass(frozen=True)
class Network:
    """Widths (n_0, .., n_L); one activation, or L of them; c and the reduction (sum, mean) of the cost.

    `masks` are the factors m^1, .., m^{L-1} of the hidden activations (dropout): 1 where none are given.
    `loss` softmax_cross_entropy, -sum_j y_j log softmax(a)_j, has a gradient in fractions where all outputs
    are equal, and is refused elsewhere. Errors: wrong widths, lists of wrong lengths, unknown names.

    >>> net = Network((2, 1, 3), "cube"); [f.name for f in net.layers], net.masks
    (['cube', 'cube'], ((Fraction(1, 1),),))
    """

    widths: Sequence[int]
    activations: Any = "identity"
    factor: Exact = Fraction(1, 2)
    reduction: str = "sum"
    masks: Any = None
    loss: str = "squared_error"

    def __post_init__(self) -> None:
        n = tuple(self.widths)
        if len(n) < 2 or any(type(w) is not int or w < 1 for w in n):
            _refuse("at least two positive integer widths", n)
        if self.reduction not in ("sum", "mean"):
            _refuse("the reduction sum or mean", repr(self.reduction))
        if self.loss not in LOSSES:
            _refuse(f"a loss among {', '.join(LOSSES)}", repr(self.loss))
        given = self.activations
        listed = list(given) if isinstance(given, list | tuple) else [given] * (len(n) - 1)
        if len(listed) != len(n) - 1:
            _refuse(f"{len(n) - 1} activations, one per layer", len(listed))
        hidden = n[1:-1]
        masks = [(1,) * w for w in hidden] if self.masks is None else list(self.masks)
        if len(masks) != len(hidden):
            _refuse(f"{len(hidden)} masks, one per hidden layer", len(masks))
        checked = [_vector(f"m^{m}", v, w) for m, (v, w) in enumerate(zip(masks, hidden, strict=True), 1)]
        object.__setattr__(self, "widths", n)
        object.__setattr__(self, "activations", tuple(map(activation, listed)))
        object.__setattr__(self, "factor", _number("the factor of the cost", self.factor))
        object.__setattr__(self, "masks", tuple(checked))

    @property
    def layers(self) -> tuple[Activation, ...]:
        """phi_1, .., phi_L."""
        return self.activations  # type: ignore[no-any-return]

    def dropout(self, *masks: Sequence[Exact]) -> Network:
        """The network with these factors of its hidden activations.

        >>> Network((1, 2, 1)).dropout((0, 1)).masks[0]
        (Fraction(0, 1), Fraction(1, 1))
        """
        return replace(self, masks=masks)


@dataclass(frozen=True)
class Parameters:
    """W^1, .., W^L and b^1, .., b^L, as nested tuples of fractions; also their rates, or a direction.

    >>> Parameters.of([[[1], [2]], [[3, 4]]]).biases
    ((Fraction(0, 1), Fraction(0, 1)), (Fraction(0, 1),))
    """

    weights: tuple[Matrix, ...]
    biases: tuple[Vector, ...]

    def __post_init__(self) -> None:
        for v in self.numbers():
            if not isinstance(v, Fraction | Dual):
                _refuse("fractions, as Parameters.of makes them", f"{v!r} of type {type(v).__name__}")

    @classmethod
    def of(cls, weights: Any, biases: Any = None) -> Parameters:
        """From nested sequences of integers and fractions; biases are 0 where none are given."""
        shaped = []
        for m, w in enumerate(weights, 1):
            if isinstance(w, str) or not isinstance(w, Sequence) or not w or not isinstance(w[0], Sequence):
                _refuse(f"the rows of a matrix in W^{m}", repr(w))
            shaped.append(_matrix(f"W^{m}", w, len(w[0])))
        if biases is None:
            return cls(tuple(shaped), tuple((ZERO,) * len(w) for w in shaped))
        if len(biases) != len(shaped):
            _refuse(f"{len(shaped)} biases, one per layer", len(biases))
        pairs = enumerate(zip(biases, shaped, strict=True), 1)
        return cls(tuple(shaped), tuple(_vector(f"b^{m}", b, len(w)) for m, (b, w) in pairs))

    def map(self, f: Callable[..., Any], *others: Parameters) -> Parameters:
        """f of corresponding numbers, in the order of `numbers`.

        >>> Parameters.of([[[1]]]).map(lambda a, b: a + b, Parameters.of([[[2]]], [[5]]))
        Parameters(weights=(((Fraction(3, 1),),),), biases=((Fraction(5, 1),),))
        """
        for o in others:
            if o.shape != self.shape:
                _refuse(f"parameters of shape {self.shape}", o.shape)
        weights = tuple(
            tuple(tuple(map(f, *rows)) for rows in zip(*ws, strict=True))
            for ws in zip(self.weights, *(o.weights for o in others), strict=True)
        )
        biases = zip(self.biases, *(o.biases for o in others), strict=True)
        return Parameters(weights, tuple(tuple(map(f, *bs)) for bs in biases))

    @property
    def shape(self) -> tuple[tuple[int, int], ...]:
        """(n_l, n_{l-1}) of each layer."""
        return tuple((len(w), len(w[0])) for w in self.weights)

    def numbers(self) -> Iterator[Any]:
        """All weights and then all biases, in one order."""
        yield from (v for w in self.weights for row in w for v in row)
        yield from (v for b in self.biases for v in b)


def units(theta: Parameters) -> Iterator[Parameters]:
    """The directions in which one parameter moves alone, in the order of `numbers`.

    >>> [tuple(map(int, e.numbers())) for e in units(Parameters.of([[[7, 8]]]))]
    [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    """
    for n in range(sum(1 for _ in theta.numbers())):
        place = iter(range(n + 1))
        yield theta.map(lambda _, place=place, n=n: Fraction(next(place, -1) == n))


# ----------------------------------------------------------------------- the network, forwards and backwards


def _rows(name: str, given: Any, n: int) -> tuple[Matrix, bool]:
    """The samples as rows, and whether there was just one vector."""
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        _refuse(f"a vector or rows of {n} numbers in {name}", repr(given))
    one = not isinstance(given[0], Sequence)
    rows = [given] if one else given
    return _matrix(name, rows, n), one


def _fits(network: Network, theta: Parameters) -> None:
    n = network.widths
    shape = tuple((n[m + 1], n[m]) for m in range(len(n) - 1))
    if not isinstance(theta, Parameters) or theta.shape != shape:
        _refuse(f"parameters of shape {shape}", getattr(theta, "shape", theta))


def _dot(a: Vector, b: Vector) -> Any:
    total: Any = ZERO
    for u, v in zip(a, b, strict=True):
        total = total + u * v
    return total


def _factors(network: Network) -> tuple[Vector, ...]:
    """m^1, .., m^L: the last layer has none of its own."""
    return (*network.masks, (ONE,) * network.widths[-1])


def _run(network: Network, theta: Parameters, x: Vector) -> tuple[list[Vector], list[Vector]]:
    """z^1, .., z^L and a^0, .., a^L of one sample."""
    z, a = [], [x]
    layers = zip(network.layers, _factors(network), theta.weights, theta.biases, strict=True)
    for phi, mask, W, b in layers:
        z.append(tuple(_dot(row, a[-1]) + bias for row, bias in zip(W, b, strict=True)))
        a.append(tuple(m * phi.value(v) for m, v in zip(mask, z[-1], strict=True)))
    return z, a


def forward(network: Network, theta: Parameters, x: Any) -> tuple[list[Any], list[Any]]:
    """([z^1, .., z^L], [a^0 = x, a^1, .., a^L]); each (N, n_l), or (n_l,) for one sample.

    Errors: a wrong shape; a float.

    >>> z, a = forward(Network((1, 1, 1)), Parameters.of([[[2]], [[3]]]), [1])
    >>> z[1], len(a)
    ((Fraction(6, 1),), 3)
    """
    _fits(network, theta)
    rows, one = _rows("x", x, network.widths[0])
    runs = [_run(network, theta, row) for row in rows]
    if one:
        return runs[0]
    z = [tuple(r[0][m] for r in runs) for m in range(len(network.layers))]
    return list(z), [tuple(r[1][m] for r in runs) for m in range(len(network.layers) + 1)]


def _scale(network: Network, samples: int) -> Fraction:
    return Fraction(1, samples) if network.reduction == "mean" else ONE


def _samples(network: Network, theta: Parameters, x: Any, y: Any) -> tuple[list[tuple[Vector, Vector]], bool]:
    """The samples as pairs (input, target), and whether there was just one vector."""
    _fits(network, theta)
    (rows, one), (targets, _) = _rows("x", x, network.widths[0]), _rows("y", y, network.widths[-1])
    if len(rows) != len(targets):
        _refuse(f"{len(rows)} rows in y, as in x", len(targets))
    return list(zip(rows, targets, strict=True)), one


def _cost(network: Network, a: Vector, target: Vector) -> Any:
    """The cost of one sample; of softmax as it moves from equal outputs, without its value, a logarithm.

    e^{c + v t} = e^c (1 + v t), so log sum_j e^{a_j} = log n + c + t (sum_j v_j) / n.
    """
    if network.loss == "squared_error":
        off = tuple(u - t for u, t in zip(a, target, strict=True))
        return network.factor * _dot(off, off)
    _equal_outputs(a)
    if not isinstance(a[0], Dual):
        _refuse("squared_error for a cost in fractions", network.loss)
    mean = sum((v.slope for v in a), ZERO) / len(a)
    return Dual(ZERO, _dot(target, tuple(mean - v.slope for v in a)))


def _cost_gradient(network: Network, a: Vector, target: Vector) -> Vector:
    """dC/da of one sample: 2 c (a - y), or softmax(a) sum_j y_j - y with softmax(a)_j = 1/n."""
    if network.loss == "squared_error":
        return tuple(2 * network.factor * (u - t) for u, t in zip(a, target, strict=True))
    _equal_outputs(a)
    share = sum(target, ZERO) / len(a)
    return tuple(share - t for t in target)


def _equal_outputs(a: Vector) -> None:
    if len({v.value if isinstance(v, Dual) else v for v in a}) > 1:
        _refuse("equal outputs, where softmax is a fraction", f"({', '.join(map(str, a))})")


def cost(network: Network, theta: Parameters, x: Any, y: Any) -> Any:
    """c sum_j (a^L_j - y_j)^2, summed or averaged over the samples.

    Errors: a wrong shape; softmax, whose value is a logarithm.

    >>> cost(Network((1, 1, 1)), Parameters.of([[[2]], [[3]]]), [1], [0])
    Fraction(18, 1)
    """
    samples, _ = _samples(network, theta, x, y)
    total: Any = ZERO
    for row, target in samples:
        total = total + _cost(network, _run(network, theta, row)[1][-1], target)
    return _scale(network, len(samples)) * total


@dataclass(frozen=True)
class Gradient:
    """dC/dW and dC/db as Parameters; delta^l = dC/dz^l and dC/dx for each sample (or for the one).

    >>> g = backward(Network((1, 1)), Parameters.of([[[3]]]), [2], [0]); g.parameters.weights[0], g.x
    (((Fraction(12, 1),),), (Fraction(18, 1),))
    """

    parameters: Parameters
    deltas: tuple[Any, ...]
    x: Any

    @property
    def weights(self) -> tuple[Matrix, ...]:
        """dC/dW^1, .., dC/dW^L."""
        return self.parameters.weights

    @property
    def biases(self) -> tuple[Vector, ...]:
        """dC/db^1, .., dC/db^L."""
        return self.parameters.biases


def backward(network: Network, theta: Parameters, x: Any, y: Any) -> Gradient:
    """Backpropagation by hand, one sample after the other.

    delta^L = dC/da^L phi'(z^L), delta^l = m^l phi'(z^l) (W^{l+1})^T delta^{l+1}, dW^l = delta^l
    (a^{l-1})^T, db^l = delta^l, dx = (W^1)^T delta^1. The 1/N of a mean is in every delta.
    Errors: a wrong shape; relu at its kink without a convention.

    >>> g = backward(Network((1, 1, 1)), Parameters.of([[[1]], [[3]]]), [1], [0])
    >>> g.weights[0], g.deltas[1]
    (((Fraction(9, 1),),), (Fraction(3, 1),))
    """
    samples, one = _samples(network, theta, x, y)
    scale = _scale(network, len(samples))
    total = theta.map(lambda _: ZERO)
    deltas: list[list[Vector]] = [[] for _ in network.layers]
    inputs = []
    for row, target in samples:
        z, a = _run(network, theta, row)
        upstream = tuple(scale * g for g in _cost_gradient(network, a[-1], target))
        own = []
        for m in reversed(range(len(network.layers))):
            parts = zip(upstream, _factors(network)[m], z[m], strict=True)
            delta = tuple(u * f * network.layers[m].derivative(v) for u, f, v in parts)
            own.append(delta)
            upstream = tuple(_dot(column, delta) for column in zip(*theta.weights[m], strict=True))
        own.reverse()
        weights = tuple(tuple(tuple(d * v for v in a[m]) for d in delta) for m, delta in enumerate(own))
        total = total.map(lambda s, g: s + g, Parameters(weights, tuple(own)))
        for m, delta in enumerate(own):
            deltas[m].append(delta)
        inputs.append(upstream)
    if one:
        return Gradient(total, tuple(d[0] for d in deltas), inputs[0])
    return Gradient(total, tuple(map(tuple, deltas)), tuple(inputs))


# ----------------------------------------------------------------------- the truth, from forward passes alone


def slope(network: Network, theta: Parameters, direction: Parameters, x: Any, y: Any) -> Fraction:
    """The coefficient of t in C(theta + t direction), by a forward pass over numbers a + b t.

    Errors: a wrong shape; a direction that moves relu off its kink.

    >>> theta = Parameters.of([[[1]], [[3]]])
    >>> slope(Network((1, 1, 1)), theta, Parameters.of([[[1]], [[0]]]), [1], [0])
    Fraction(9, 1)
    """
    return _dual(cost(network, theta.map(Dual, direction), x, y)).slope


def gradient_truth(network: Network, theta: Parameters, x: Any, y: Any) -> Parameters:
    """dC/dW and dC/db, one forward pass for each parameter.

    >>> gradient_truth(Network((1, 1)), Parameters.of([[[3]]]), [2], [0]).weights
    (((Fraction(12, 1),),),)
    """
    found = iter([slope(network, theta, e, x, y) for e in units(theta)])
    return theta.map(lambda _: next(found))


# ------------------------------------------------------------------------------------------ gradient descent


def descend(theta: Parameters, direction: Parameters, rate: Exact | Parameters) -> Parameters:
    """theta - rate * direction; the rate is one number, or one for each parameter.

    >>> descend(Parameters.of([[[1]]]), Parameters.of([[[4]]], [[2]]), Fraction(1, 2))
    Parameters(weights=(((Fraction(-1, 1),),),), biases=((Fraction(-1, 1),),))
    """
    if isinstance(rate, Parameters):
        return theta.map(lambda v, g, r: v - r * g, direction, rate)
    r = _number("the rate", rate)
    return theta.map(lambda v, g: v - r * g, direction)


def step(network: Network, theta: Parameters, x: Any, y: Any, rate: Exact | Parameters) -> Parameters:
    """One step of gradient descent.

    >>> step(Network((1, 1)), Parameters.of([[[3]]]), [1], [1], Fraction(1, 4)).weights
    (((Fraction(5, 2),),),)
    """
    return descend(theta, backward(network, theta, x, y).parameters, rate)


def train(
    network: Network, theta: Parameters, batches: Sequence[tuple[Any, Any]], rate: Exact | Parameters
) -> list[Parameters]:
    """theta before the first step and after each; one step for each batch (x, y).

    >>> found = train(Network((1, 1)), Parameters.of([[[4]]]), [([1], [0])] * 2, Fraction(1, 2))
    >>> [int(p.weights[0][0][0]) for p in found]
    [4, 2, 2]
    """
    found = [theta]
    for x, y in batches:
        found.append(step(network, found[-1], x, y, rate))
    return found
