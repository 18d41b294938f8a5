"""Networks from arrays: a JAX function in double precision on real data; every layout by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from needed import diabetes, digits, gaps, library, truth

import symderive as sd
from symderive import reference
from symderive.systems.activations import Activation, X

# ------------------------------------------------------------------------------------------------------ JAX


@pytest.fixture(scope="module")
def jax() -> Any:
    found = library("jax")
    found.config.update("jax_enable_x64", True)
    return found


def parameters(jax: Any, widths: tuple[int, ...]) -> list[tuple[Any, Any]]:
    """(W, b) of each layer, W of the shape (inputs, outputs), as stax and most JAX code have them."""
    keys = jax.random.split(jax.random.PRNGKey(4), len(widths))
    normal = jax.random.normal
    return [
        (normal(k, (m, n)) / m**0.5, normal(k, (n,)) / 4)
        for k, m, n in zip(keys, widths, widths[1:], strict=False)
    ]


def jax_loss(jax: Any, name: str, activation: str, l2: float = 0.0) -> Callable[[Any, Any, Any], Any]:
    """A loss as JAX code has it: mean over the samples."""
    np_, nn = jax.numpy, jax.nn
    functions = {
        "tanh": np_.tanh, "sigmoid": nn.sigmoid, "relu": nn.relu, "softplus": nn.softplus, "silu": nn.silu,
        "gelu": lambda z: nn.gelu(z, approximate=False), "gelu_tanh": nn.gelu, "elu": nn.elu,
    }  # fmt: skip
    f = functions[activation]

    def loss(params: Any, x: Any, y: Any) -> Any:
        a = x
        for w, b in params[:-1]:
            a = f(a @ w + b)
        z = a @ params[-1][0] + params[-1][1]
        costs = {
            "softmax_cross_entropy": lambda: -np_.mean(np_.sum(y * nn.log_softmax(z), axis=1)),
            "squared_error": lambda: np_.mean(np_.sum((z - y) ** 2, axis=1)) / 2,
            "binary_cross_entropy": lambda: np_.mean(np_.sum(nn.softplus(z) - y * z, axis=1)),
        }
        return costs[name]() + l2 / 2 * sum(np_.sum(w**2) for w, _ in params)

    return loss


@pytest.mark.parametrize(
    "activation", ["tanh", "sigmoid", "relu", "softplus", "silu", "gelu", "gelu_tanh", "elu"]
)
def test_grad_of_a_jax_function_on_digits(jax: Any, activation: str) -> None:
    x, labels = digits()
    y = np.eye(10)[labels]
    params = parameters(jax, (64, 12, 8, 10))
    loss = jax_loss(jax, "softmax_cross_entropy", activation, l2=0.02)
    net = sd.from_arrays(params, activation=activation, cost="softmax_cross_entropy", l2=0.02)
    theirs = jax.grad(loss)(params, x, y)
    found = net.verify(x, labels, gradient=theirs)
    assert found.status == "numeric" and found.error < 1e-9 and len(found.evidence) == 6
    assert net.verify(x, y, gradient=theirs).error == found.error
    assert net.cost(x, labels) == pytest.approx(float(loss(params, x, y)), rel=1e-12)
    forgotten = jax.grad(jax_loss(jax, "softmax_cross_entropy", activation))(params, x, y)
    wrong = net.verify(x, labels, gradient=forgotten)
    assert [e.status for e in wrong.evidence.values()] == ["refuted", "numeric"] * 3


@pytest.mark.parametrize("cost", ["squared_error", "binary_cross_entropy"])
def test_grad_of_a_jax_function_on_diabetes(jax: Any, cost: str) -> None:
    x, progression = diabetes()
    y = progression if cost == "squared_error" else (progression > 0).astype(float)
    params = parameters(jax, (10, 7, 1))
    theirs = jax.jit(jax.grad(jax_loss(jax, cost, "tanh")))(params, x, y[:, None])
    net = sd.from_arrays(params, activation="tanh", cost=cost)
    found = net.verify(x, y, gradient=theirs)
    assert found.holds and found.error < 1e-9
    assert net.verify(x, y, gradient=[(dw, 2 * db) for dw, db in theirs]).status == "refuted"


def test_the_kink_of_a_maximum_in_jax_is_a_convention(jax: Any) -> None:
    np_ = jax.numpy
    params = [(np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.zeros(1))]
    x, y = np.array([[0.0, 1.0]]), np.array([[3.0]])

    def loss(p: Any) -> Any:
        a = np_.maximum(x @ p[0][0] + p[0][1], 0.0)
        return np_.sum((a @ p[1][0] + p[1][1] - y) ** 2) / 2

    theirs = jax.grad(loss)(params)
    half = sd.from_arrays(params, activation="relu", relu_at_zero=0.5).verify(x, y, gradient=theirs)
    zero = sd.from_arrays(params, activation="relu").verify(x, y, gradient=theirs)
    assert (half.status, zero.status) == ("numeric", "refuted")
    assert "the derivative of relu at 0 is taken to be 1/2" in half.notes


def test_single_precision_as_jax_has_it_by_default(jax: Any) -> None:
    x, progression = diabetes()
    params = [(np.asarray(w, np.float32), np.asarray(b, np.float32)) for w, b in parameters(jax, (10, 7, 1))]
    data = x.astype(np.float32), progression[:, None].astype(np.float32)
    theirs = jax.grad(jax_loss(jax, "squared_error", "tanh"))(params, *data)
    assert theirs[0][0].dtype == np.float32
    net = sd.from_arrays(params)
    found = net.verify(x, progression, gradient=theirs)
    assert found.holds and 1e-9 < found.error < 1e-4
    assert net.verify(x, progression, gradient=theirs, tolerance=1e-9).status == "refuted"
    wrong = [(dw * np.float32(1.001), db) for dw, db in theirs]
    assert net.verify(x, progression, gradient=wrong).status == "refuted"


# ------------------------------------------------------------------------------------- every layout, by hand


def by_hand(layout: str, w: list[Any], b: list[Any], x: Any, y: Any) -> tuple[list[Any], list[Any]]:
    """dW and db of mean squared errors over two of a tanh and an identity layer, as textbooks write them."""
    if layout == "columns":  # x (n_0, N)
        n = x.shape[1]
        a = np.tanh(w[0] @ x + b[0].reshape(-1, 1))
        last = (w[1] @ a + b[1].reshape(-1, 1) - y) / n
        first = w[1].T @ last * (1 - a**2)
        return [first @ x.T, last @ a.T], [first.sum(axis=1), last.sum(axis=1)]
    turned = [v if layout == "rows" else v.T for v in w]
    a = np.tanh(x @ turned[0] + b[0])
    last = (a @ turned[1] + b[1] - y) / len(x)
    first = last @ turned[1].T * (1 - a**2)
    dw = [x.T @ first, a.T @ last]
    return [v if layout == "rows" else v.T for v in dw], [first.sum(axis=0), last.sum(axis=0)]


def numbers(layout: str) -> tuple[list[Any], list[Any], Any, Any]:
    rng = np.random.default_rng(5)
    w = [rng.normal(size=(4, 3)), rng.normal(size=(3, 4))]  # W^1 and W^2 with outputs first
    b = [rng.normal(size=4), rng.normal(size=3)]
    x, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 3))
    if layout == "rows":
        w = [v.T for v in w]
    return w, b, *((x.T, y.T) if layout == "columns" else (x, y))


@pytest.mark.parametrize("shape", ["vectors", "columns"])
@pytest.mark.parametrize("structure", ["lists", "pairs", "dict", "names"])
@pytest.mark.parametrize("layout", ["rows", "columns", "torch"])
def test_hand_written_backpropagation(layout: str, structure: str, shape: str) -> None:
    w, b, x, y = numbers(layout)
    dw, db = by_hand(layout, w, b, x, y)
    if shape == "columns":
        b, db = ([v[:, None] if layout == "columns" else v[None] for v in part] for part in (b, db))
    pairs = structure == "pairs"
    given: dict[str, Any] = {
        "lists": (dw, db),
        "pairs": list(zip(dw, db, strict=True)),
        "dict": {"weights": dw, "biases": db},
        "names": {f"{name}[{m}]": v[m] for name, v in (("weights", dw), ("biases", db)) for m in (0, 1)},
    }
    parameters = (list(zip(w, b, strict=True)),) if pairs else (w, b)
    net = sd.from_arrays(*parameters, layout=layout)
    found = net.verify(x, y, gradient=given[structure])
    assert found.holds and found.error < 1e-12
    first = "params[0][0]" if pairs else "weights[0]"
    dw[0][1, 2] *= 1.001
    wrong = net.verify(x, y, gradient=given[structure])
    assert wrong.status == "refuted" and wrong.evidence[first].status == "refuted"


def test_where_pairs_and_lists_fit_the_parameters_decide() -> None:
    """Two layers of one unit, with biases of the shape of their weights."""
    w, b = [[[2.0]], [[3.0]]], [[[0.1]], [[0.2]]]
    pairs = list(zip(w, b, strict=True))
    x, y = [[1.0]], [[0.5]]
    dw1, db1, dw2, db2 = sd.from_arrays(w, b).gradient(x, y).values()
    assert sd.from_arrays(w, b).verify(x, y, gradient=([dw1, dw2], [db1, db2])).holds
    assert sd.from_arrays(pairs).verify(x, y, gradient=[(dw1, db1), (dw2, db2)]).holds


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_weights_alone_have_a_gradient_of_their_own_structure(jax: Any, depth: int) -> None:
    w = [v for v, _ in parameters(jax, (10, *(4,) * (depth - 1), 2))]
    x, progression = diabetes()
    y = np.column_stack([progression, x[:, 2]])

    def loss(w: Any) -> Any:
        a = x
        for v in w[:-1]:
            a = jax.numpy.tanh(a @ v)
        return jax.numpy.sum((a @ w[-1] - y) ** 2) / 2 / len(x)

    theirs = jax.grad(loss)(w)
    found = sd.from_arrays(w).verify(x, y, gradient=theirs)
    assert found.holds and found.error < 1e-9 and len(found.evidence) == depth
    assert sd.from_arrays(w).verify(x, y, gradient=[(v,) for v in theirs]).holds
    assert sd.from_arrays(w).verify(x, y, gradient=[*theirs[:-1], -theirs[-1]]).status == "refuted"


def test_layouts_are_told_apart() -> None:
    w, b, x, y = numbers("torch")  # (4, 3) and (3, 4): their transposes fit each other too
    gradient = by_hand("torch", w, b, x, y)
    assert sd.from_arrays(w, b, layout="torch").verify(x, y, gradient=gradient).holds
    assert (
        refusal(lambda: sd.from_arrays(w, b, layout="rows"))
        == "biases[0]: expected the shape (3,), found (4,)"
    )


def test_complex_steps_with_every_option() -> None:
    rng = np.random.default_rng(0)
    w = [rng.normal(size=s) for s in ((5, 4), (3, 5), (2, 3))]
    b = [rng.normal(size=len(v)) for v in w]
    x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
    for reduction, per in (("mean", True), ("sum", False)):
        net = sd.from_arrays(
            w, b, ["silu", "gelu_tanh"], "softplus", factor=0.7, reduction=reduction, l2=0.4,
            l2_per_sample=per, layout="torch",
        )  # fmt: skip
        network = reference.Network(
            (4, 5, 3, 2), ["silu", "gelu_tanh", "softplus"], reduction=reduction, factor=0.7
        )
        l2 = 0.4 / 9 if per else 0.4
        assert max(gaps(net, x, y, truth(network, w, b, x, y, l2=l2))) < 1e-9


def test_an_activation_of_ones_own_by_its_formula() -> None:
    from sympy import atan

    from symderive.calculus.atoms import ScalarFunction

    arctan = Activation("arctan", ScalarFunction("arctan", r"\operatorname{arctan}"), atan(X))
    w, b, x, y = numbers("torch")
    net = sd.from_arrays(w, b, arctan, layout="torch")

    def cost(w: list[Any]) -> Any:
        a = np.arctan(x @ w[0].T + b[0])
        return ((a @ w[1].T + b[1] - y) ** 2).sum() / 2 / len(x)

    for entry in ((0, 1, 2), (1, 2, 3)):
        moved = [v.astype(complex) for v in w]
        moved[entry[0]][entry[1:]] += 1e-30j
        mine = net.gradient(x, y)[f"weights[{entry[0]}]"][entry[1:]]
        assert mine == pytest.approx(cost(moved).imag / 1e-30, rel=1e-12)


def test_samples_next_to_a_kink_are_left_out_and_counted() -> None:
    """Only the library that is asked itself can be given fewer samples; here scikit-learn."""
    library("sklearn")
    from sklearn.neural_network import MLPRegressor

    x, y = diabetes()
    model = MLPRegressor(hidden_layer_sizes=(5,), random_state=0, alpha=0).partial_fit(x, y)
    model.coefs_[0][:, 0] = 2.0 ** -np.arange(10)
    model.intercepts_[0][0] = 0.0
    one, zero = np.eye(10)[:1], np.zeros((1, 10))
    close = one - 2 * np.eye(10)[1:2] + 1e-13 * one  # z of the first unit is 1e-13
    net = sd.from_sklearn(model)
    for rows, noted in (
        ([x, close], ["1 sample within rounding of a kink left out"]),
        ([x, zero, one], ["1 preactivation exactly at a kink, compared by that convention"]),
    ):
        data = np.vstack(rows)
        found = net.verify(data, np.zeros(len(data)))
        assert found.holds and [n for n in found.notes if "kink" in n] == noted
    assert refusal(lambda: net.verify(close, [0.0])) == (
        "data: expected a sample away from the kinks of the activations, found none"
    )


def least_squares(moved: float = 0.0) -> tuple[Any, Any, Any]:
    """A linear network at its minimum on the diabetes data, or near to it: there the gradient is rounding."""
    x, y = diabetes()
    best = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0]
    net = sd.from_arrays([best[:-1, None]], [best[-1:] + moved])
    gap = (x @ best[:-1] + best[-1] + moved - y)[:, None] / len(x)
    # another order of additions rounds to other digits
    other = [(x[::-1].T @ gap[::-1], gap[::-1].sum(axis=0))]
    return net, (x, y), other


def test_at_a_minimum_what_rounding_leaves_is_no_counterexample() -> None:
    net, data, other = least_squares()
    found = net.verify(*data, gradient=other)
    assert found.holds and found.error < 1e-13
    assert "relative to terms that cancel" in found.evidence["weights[0]"].text
    # a tolerance that is asked for is kept
    assert net.verify(*data, gradient=other, tolerance=1e-9).status == "refuted"


def test_at_a_minimum_a_fault_is_still_refuted() -> None:
    net, data, ((dw, db),) = least_squares()
    wrong = dw.copy()
    wrong[3, 0] += 1e-12
    assert net.verify(*data, gradient=[(wrong, db)]).evidence["weights[0]"].status == "refuted"
    net, data, ((dw, db),) = least_squares(moved=1e-3)
    assert net.verify(*data, gradient=[(dw, db)]).holds
    assert net.verify(*data, gradient=[(dw, db * (1 + 1e-8))]).status == "refuted"


def test_where_a_kink_is_met_exactly_no_difference_is_called_rounding() -> None:
    # z = 1 - 1 is 0, and a small change of the data would take it over the kink
    net = sd.from_arrays([[[1.0], [-1.0]], [[1.0]]], [[0.0], [0.0]], "relu")
    x, y = [[1.0, 1.0]], [[1.0]]
    other = {**net.gradient(x, y), "biases[0]": [-1.0]}
    assert net.gradient(x, y)["biases[0]"] == 0 and net.verify(x, y, gradient=other).status == "refuted"


def test_the_argument_of_each_function_decides_where_a_kink_is() -> None:
    """softplus(0) is no kink of the ReLU after it; a ReLU before tanh has one at 0."""
    library("torch")
    import torch

    def noted(*functions: Any) -> list[str]:
        module = torch.nn.Sequential(torch.nn.Linear(2, 2), *functions, torch.nn.Linear(2, 1)).double()
        with torch.no_grad():
            module[0].bias.zero_()
        found = sd.from_torch(module, torch.nn.MSELoss()).verify([[0.0, 0.0], [1.0, 2.0]], [0.0, 1.0])
        assert found.holds
        return [n for n in found.notes if "kink" in n]

    assert noted(torch.nn.Softplus(), torch.nn.ReLU()) == []
    assert noted(torch.nn.ReLU(), torch.nn.Tanh()) == [
        "2 preactivations exactly at a kink, compared by that convention"
    ]


def test_a_gradient_of_zero_says_so_and_can_be_refuted() -> None:
    net = sd.from_arrays([[[1.0]]], [[0.0]], factor=1)
    zero = net.verify([[1.0]], [[1.0]], gradient=([[[0.0]]], [[0.0]]))
    assert zero.holds and "zero on both sides" in zero.evidence["weights[0]"].text
    assert net.verify([[1.0]], [[1.0]], gradient=([[[1e-3]]], [[0.0]])).status == "refuted"


# ------------------------------------------------------------------------------------------- what is refused


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(sd.SymderiveError) as error:
        action()
    assert "\n" not in str(error.value)
    return str(error.value)


ONE = np.ones((2, 2))
REFUSED: dict[str, Callable[[], Any]] = {
    "weights: expected a list of arrays, or of pairs (W, b), found 3": lambda: sd.from_arrays(3),
    "weights: expected a list of arrays, or of pairs (W, b), found []": lambda: sd.from_arrays([]),
    "biases: expected 2, one for each layer, found 1": lambda: sd.from_arrays([ONE, ONE], [[0, 0]]),
    "biases[0]: expected the shape (2,), found (3,)": lambda: sd.from_arrays([ONE], [[0, 0, 0]]),
    "weights[0]: expected a matrix, found the shape (2,)": lambda: sd.from_arrays([[1, 2]]),
    "weights[0]: expected real numbers, found the type complex128": lambda: sd.from_arrays([1j * ONE]),
    "weights[0]: expected finite numbers, found NaN or infinity": lambda: sd.from_arrays([np.inf * ONE]),
    "weights[1]: expected 2 inputs, as many as layer 1 has outputs, found 3 in the shape (3, 2) of the "
    "layout rows":
        lambda: sd.from_arrays([ONE, np.ones((3, 2))]),
    "layout: expected one of rows, columns, torch, found 'tf'": lambda: sd.from_arrays([ONE], layout="tf"),
    "l2: expected a number from 0, found -1": lambda: sd.from_arrays([ONE], l2=-1),
    "l2: expected a number from 0, found 'a'": lambda: sd.from_arrays([ONE], l2="a"),
    "activation: expected 1, one for each hidden layer, found 2: the last layer's is `output`":
        lambda: sd.from_arrays([ONE, ONE], None, ["tanh", "tanh"]),
    "activation: expected a name or a list of names, found 3": lambda: sd.from_arrays([ONE, ONE], None, 3),
    "cost: expected one of generic, squared_error, cross_entropy, softmax_cross_entropy, "
    "binary_cross_entropy, poisson, found 'mse'; did you mean squared_error?": lambda: (
        sd.from_arrays([ONE], cost="mse")
    ),
    "cost: expected one that is a formula, found 'generic', which has no value":
        lambda: sd.from_arrays([ONE], cost="generic"),
    "cost: expected cross_entropy after a softmax output, found softmax_cross_entropy, which applies a "
    "softmax of its own":
        lambda: sd.from_arrays([ONE], output="softmax", cost="softmax_cross_entropy"),
    "factor: expected a number, found 'a'": lambda: sd.from_arrays([ONE], factor="a"),
    "reduction: expected mean or sum, found 'none'": lambda: sd.from_arrays([ONE], reduction="none"),
    "params[0][0]: expected an array of numbers, found [[1], [2, 3]]":
        lambda: sd.from_arrays([([[1], [2, 3]], [0])]),
    "weights[0]: expected an array of numbers, found [[1, 2], [3]]": lambda: sd.from_arrays([[[1, 2], [3]]]),
    "weights[0]: expected real numbers, found the type object":
        lambda: sd.from_arrays([np.array([[1, None]], dtype=object)]),
    "weights[0]: expected numbers without a mask, found masked ones":
        lambda: sd.from_arrays([np.ma.masked_array(ONE, ONE > 0)]),
    "biases[0]: expected the shape (2,), found (4,)":
        lambda: sd.from_arrays([np.ones((4, 2)), np.ones((2, 4))], [np.ones(4), np.ones(2)]),
    "activation: expected one of identity, tanh, sigmoid, relu, leaky_relu, elu, softplus, gelu, gelu_tanh, "
    "silu, found 0":
        lambda: sd.from_arrays([ONE], output=0),
    "tolerance: expected a number from 0, found '1e-9'":
        lambda: sd.from_arrays([ONE]).verify(ONE, ONE, [(ONE,)], tolerance="1e-9"),
    "tolerance: expected a number from 0, found nan":
        lambda: sd.from_arrays([ONE]).verify(ONE, ONE, [(ONE,)], tolerance=np.nan),
    "cost: expected a finite one, found nan: use smaller data":
        lambda: sd.from_arrays([-ONE], cost="cross_entropy").cost(ONE, ONE),
}  # fmt: skip


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_line(message: str) -> None:
    assert refusal(REFUSED[message]) == message


def test_gradients_that_are_missing_are_refused() -> None:
    net = sd.from_arrays([ONE, ONE], [[0, 0], [0, 0]])
    x = y = np.ones((3, 2))
    assert refusal(lambda: net.verify(x, y)) == (
        "gradient: expected verify(x, y, gradient=..), as arrays cannot be asked for one"
    )
    for given, message in (
        ({"weights[0]": ONE}, "by its name, found none for biases[0]"),
        ({**net.parameters, "w": ONE}, "by its name, found one for w"),
        (3, "expected pairs (dW, db), two lists or a dict, found int"),
        ([ONE], "expected pairs (dW, db) or the lists of dW and of db, 2 each, found a list of 1"),
        ([ONE, [0, 0], ONE, [0, 0]], "2 each, found a list of 4"),
        (([[[1], [2, 3]], ONE], [[0, 0], [0, 0]]), "gradient of weights[0]: expected an array of numbers"),
        ([(ONE,), (ONE,)], "expected one for biases[0], found none"),
        ([("a", [0, 0]), (ONE, [0, 0])], "expected an array of numbers, found str"),
        ({**net.parameters, "biases[0]": None}, "expected one for biases[0], found none"),
        ({**net.parameters, "biases[0]": [[1], [1, 2]]}, "expected an array of numbers, found list"),
        (
            {**net.parameters, "biases[0]": 1j * np.ones(2)},
            "gradient of biases[0]: expected an array of numbers, found the type complex128",
        ),
    ):
        assert message in refusal(lambda given=given: net.verify(x, y, gradient=given))


def test_shapes_that_do_not_fit_are_refuted_by_name() -> None:
    net = sd.from_arrays([np.ones((2, 3))], [np.zeros(3)])
    found = net.verify(np.ones((4, 2)), np.ones((4, 3)), gradient=[(np.ones((3, 2)), np.zeros(3))])
    assert found.evidence["weights[0]"].text == "the given gradient: shape (3, 2), expected (2, 3)"


def test_overflow_is_no_verdict() -> None:
    net = sd.from_arrays([[[1e5]]], [[0.0]], cost="softmax_cross_entropy")  # too large for long double too
    assert "expected a finite derived gradient, found overflow" in refusal(
        lambda: net.gradient([[1.0]], [[1.0]])
    )
