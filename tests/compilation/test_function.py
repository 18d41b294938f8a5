"""The compiled function as a user meets it: buffers, mistakes, Hessian-vector products, source."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from symderive.derivation import derive
from symderive.errors import SymderiveError
from symderive.reference import backward
from symderive.systems import mlp
from tests.compilation.networks import both, flat, point


def test_buffers_are_used_again_and_give_the_same() -> None:
    compiled, network = both(3, "tanh", "softmax_cross_entropy")
    first, second = point(network, 1), point(network, 2)
    value, gradients = compiled(first)
    kept = flat(gradients).copy()
    compiled(second)
    np.testing.assert_array_equal(flat(gradients), kept)  # results of one call are not those of the next
    again, others = compiled(first)
    assert again == value
    np.testing.assert_array_equal(flat(others), kept)


def test_arguments_are_left_as_they_are() -> None:
    compiled, network = both(3, "relu", "squared_error")
    at = point(network)
    before = {k: [v.copy() for v in (p if isinstance(p, list) else [p])] for k, p in at.items()}
    compiled(at)
    for k, p in at.items():
        for now, then in zip(p if isinstance(p, list) else [p], before[k], strict=True):
            np.testing.assert_array_equal(now, then)


def test_given_memory_is_used() -> None:
    compiled, network = both(2, "tanh", "squared_error")
    first, second = point(network, 1), point(network, 2)
    _, out = compiled(first)
    workspace: dict[Any, Any] = {}
    _, found = compiled(second, out=out, workspace=workspace)
    assert found is out
    (buffers,) = workspace.values()
    compiled(first, out=out, workspace=workspace)
    assert next(iter(workspace.values())) is buffers
    np.testing.assert_array_equal(flat(out), flat(compiled(first)[1]))


def test_buffers_follow_the_number_of_samples_and_the_type() -> None:
    compiled, network = both(2, "sigmoid", "squared_error")
    at = point(network)
    whole = compiled(at)[1]
    few = {**at, "x": at["x"][:2], "y": at["y"][:2]}
    expected = backward(network, at["w"], at["b"], few["x"], few["y"])
    np.testing.assert_allclose(compiled(few)[1]["w"][0], expected.weights[0], atol=1e-13)
    np.testing.assert_array_equal(flat(compiled(at)[1]), flat(whole))


def test_threads_have_buffers_of_their_own() -> None:
    compiled, network = both(3, "tanh", "squared_error")
    points = [point(network, seed) for seed in range(4)]
    expected = [flat(compiled(p)[1]) for p in points]
    wrong: list[int] = []

    def work(n: int) -> None:
        for _ in range(50):
            if not np.array_equal(flat(compiled(points[n])[1]), expected[n]):
                wrong.append(n)

    threads = [Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


MISTAKES: tuple[tuple[Callable[[dict[str, Any]], dict[str, Any]], str], ...] = (
    (lambda at: {**at, "x": at["x"].T}, "x: expected shape (3, 3), found (3, 7)"),
    (lambda at: {**at, "x": at["x"][0]}, "x: expected 2 axes, found the shape (3,)"),
    (lambda at: {**at, "y": at["y"][:3]}, "y: expected shape (7, 2), found (3, 2)"),
    (lambda at: {**at, "w": at["w"][:1]}, "w: expected 2 arrays, one for each layer, found 1"),
    (lambda at: {**at, "w": 3.0}, "w: expected 2 arrays, one for each layer, found float"),
    (lambda at: {**at, "w": {1: at["w"][0]}}, "w: expected arrays for [1, 2], found [1]"),
    (lambda at: {**at, "w": [at["w"][0].T, at["w"][1]]}, "w[1]: expected shape (5, 3), found (3, 5)"),
    (lambda at: {**at, "v": 1}, "expected arrays for w, b, x, y, found 'v'"),
    (lambda at: {k: v for k, v in at.items() if k != "b"}, "b: expected an array, found none"),
    (lambda at: {**at, "x": at["x"] * 1j}, "x: expected real numbers, found the type complex128"),
    (lambda at: {**at, "x": [[1.0], [1.0, 2.0]]}, "x: expected an array of numbers, found rows of different"),
    (lambda at: {**at, "x": at["x"][:0], "y": at["y"][:0]}, "N: expected at least 1, found 0"),
)


@pytest.mark.parametrize(("change", "says"), MISTAKES, ids=[says[:40] for _, says in MISTAKES])
def test_a_mistake_gets_one_line(change: Callable[[dict[str, Any]], dict[str, Any]], says: str) -> None:
    compiled, network = both(2, "tanh", "squared_error")
    with pytest.raises(SymderiveError) as caught:
        compiled(change(point(network)))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_result_array_that_does_not_fit() -> None:
    compiled, network = both(2, "tanh", "squared_error")
    at = point(network)
    _, out = compiled(at)
    out["b"][0] = np.zeros(5, np.float32)
    with pytest.raises(SymderiveError, match=r"out\[b\[1\]\]: expected the type float64, found float32"):
        compiled(at, out=out)


def read_only(v: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    v.flags.writeable = False
    return v


RESULTS: tuple[tuple[Callable[[dict[str, Any], dict[str, Any]], Any], str], ...] = (
    (lambda at, out: 3, "out: expected a dictionary with 'w', found int"),
    (lambda at, out: [], "out: expected a dictionary with 'w', found list"),
    (lambda at, out: {"w": out["w"]}, "out: expected a dictionary with 'b', found ['w']"),
    (lambda at, out: {**out, "w": out["w"][:1]}, "out[w]: expected 2 arrays, found 1"),
    (lambda at, out: {**out, "b": [None, None]}, "out[b[1]]: expected an array to write to, found NoneType"),
    (lambda at, out: {**out, "x": out["x"].T}, "out[x]: expected shape (7, 3), found (3, 7)"),
    (
        lambda at, out: {**out, "x": read_only(out["x"])},
        "out[x]: expected an array to write to, found one that",
    ),
    (
        lambda at, out: {**out, "w": at["w"]},
        "expected memory of its own, found that of an argument",
    ),
    (lambda at, out: {**out, "x": at["x"]}, "out[x]: expected memory of its own, found that"),
    (
        lambda at, out: {**out, "b": [out["b"][0], out["w"][0][:2, 0]]},
        "out[b[2]]: expected memory of its own",
    ),
)


@pytest.mark.parametrize(("change", "says"), RESULTS, ids=[says[:40] for _, says in RESULTS])
def test_results_that_cannot_be_written_to(change: Callable[..., Any], says: str) -> None:
    """Also where a gradient would be written over what is still to be read."""
    compiled, network = both(2, "tanh", "squared_error")
    at = point(network)
    before = [v.copy() for v in (*at["w"], *at["b"], at["x"], at["y"])]
    out = change(at, compiled(at)[1])
    with pytest.raises(SymderiveError) as caught:
        compiled(at, out=out)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    for then, now in zip(before, (*at["w"], *at["b"], at["x"], at["y"]), strict=True):
        np.testing.assert_array_equal(then, now)


def test_parameters_and_gradients_in_two_vectors_or_in_one() -> None:
    """Views of one array that lie apart are memory of their own, also where they interleave."""
    compiled, network = both(2, "tanh", "squared_error")
    at = point(network)
    expected = flat(compiled(at)[1])
    memory = np.empty((2, 1000))
    for block, other in (
        (memory[0], memory[1]),
        (memory[0, :500], memory[0, 500:]),
        memory.ravel().reshape(-1, 2).T,
    ):
        given, out = _views(block, at), _views(other, at)
        for name in "wb":
            for view, value in zip(given[name], at[name], strict=True):
                view[...] = value
        given["x"][...] = at["x"]
        assert compiled({**given, "y": at["y"]}, out=out)[1] is out
        np.testing.assert_array_equal(flat(out), expected)


def _views(block: Any, at: dict[str, Any]) -> dict[str, Any]:
    """Arrays shaped like w, b and x in one vector, one after the other."""
    place = 0

    def view(shape: tuple[int, ...]) -> Any:
        nonlocal place
        first, place = place, place + int(np.prod(shape))
        found = block[first:place].reshape(shape)
        assert np.shares_memory(found, block)
        return found

    return {**{k: [view(v.shape) for v in at[k]] for k in "wb"}, "x": view(at["x"].shape)}


def test_one_workspace_for_several_functions() -> None:
    """The gradient, H v, and other networks: what each keeps there does not meet what the others keep."""
    net = mlp(widths=[3, 5, 2], activation="tanh", cost="squared_error", samples="N")
    space: dict[str, Any] = {}
    exec(derive(net).to_python(hessian=True), space)
    compiled, network = both(2, "tanh", "squared_error", wrt=("w", "b"))
    at = point(network)
    workspace: dict[Any, Any] = {"mine": 1}
    for _ in range(2):
        _, gradients = space["cost_and_gradients"](**at, workspace=workspace)
        product = space["hessian_vector_product"](**at, v_w=at["w"], v_b=at["b"], workspace=workspace)
        both(2, "gelu", "squared_error")[0](at, workspace=workspace)
    np.testing.assert_array_equal(flat(gradients), flat(compiled(at)[1]))
    expected = compiled.hessian_vector_product(at, direction={"w": at["w"], "b": at["b"]})
    np.testing.assert_array_equal(flat(product), flat(expected))
    assert workspace["mine"] == 1
    with pytest.raises(SymderiveError, match=r"workspace: expected a dictionary, found 3"):
        compiled(at, workspace=3)


def test_pickled_and_copied() -> None:
    compiled, network = both(2, "tanh", "squared_error")
    at = point(network)
    compiled(at)
    for other in (pickle.loads(pickle.dumps(compiled)), copy.deepcopy(compiled)):
        assert other.source == compiled.source
        np.testing.assert_array_equal(flat(other(at)[1]), flat(compiled(at)[1]))
    small = derive(mlp(widths=[1, 1], activation="tanh", cost="squared_error")).unrolled()
    one = {"w": [[[1.0]]], "b": [[0.5]], "x": [2.0], "y": [0.0]}
    assert pickle.loads(pickle.dumps(small))(**one) == small(**one)


def test_what_is_no_mapping_and_what_is_no_array() -> None:
    class Opaque:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("call detach() first")

    compiled, network = both(2, "tanh", "squared_error")
    at = point(network)
    with pytest.raises(SymderiveError, match=r"^expected arrays by name, found \[1\]$"):
        compiled([1])  # type: ignore[arg-type]
    with pytest.raises(
        SymderiveError, match=r"^x: expected an array of numbers, found call detach\(\) first$"
    ):
        compiled({**at, "x": Opaque()})


@pytest.mark.parametrize("name", ["squared_error", "softmax_cross_entropy", "binary_cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "silu", "relu"])
def test_hessian_vector_products(activation: str, name: str) -> None:
    """Against central differences of the reference's gradient."""
    compiled, network = both(2, activation, name)
    at = point(network)
    rng = np.random.default_rng(5)
    v = {k: [rng.normal(size=p.shape) for p in at[k]] for k in "wb"}
    found = compiled.hessian_vector_product(at, direction=v)
    h = 1e-5

    def gradient(step: float) -> np.ndarray[Any, Any]:
        w, b = ([p + step * q for p, q in zip(at[k], v[k], strict=True)] for k in "wb")
        g = backward(network, w, b, at["x"], at["y"])
        return flat({"w": list(g.weights), "b": list(g.biases)})

    expected = (8 * (gradient(h) - gradient(-h)) - gradient(2 * h) + gradient(-2 * h)) / (12 * h)
    np.testing.assert_allclose(flat(found), expected, rtol=0, atol=1e-8)
    assert np.max(np.abs(expected)) > 1e-3


def test_the_hessian_is_symmetric_and_a_direction_is_needed() -> None:
    compiled, network = both(2, "tanh", "squared_error")
    at = point(network)
    rng = np.random.default_rng(3)
    u, v = ({k: [rng.normal(size=p.shape) for p in at[k]] for k in "wb"} for _ in range(2))
    left = flat(u) @ flat(compiled.hessian_vector_product(at, direction=v))
    right = flat(v) @ flat(compiled.hessian_vector_product(at, direction=u))
    assert left == pytest.approx(right, rel=1e-12)
    with pytest.raises(SymderiveError, match=r"direction: expected one for each of b, w, found \['w'\]"):
        compiled.hessian_vector_product(at, direction={"w": v["w"]})


def test_the_source_runs_alone(tmp_path: Path) -> None:
    """In a new interpreter that cannot import symderive or SymPy, with numpy alone, and gives the same."""
    net = mlp(
        widths=[3, 5, 2], activation="gelu", output="identity", cost="softmax_cross_entropy", samples="N"
    )
    d = derive(net)
    source = d.to_python(hessian=True, notation="latex")
    (tmp_path / "gradients.py").write_text(source, "utf-8")
    program = """
import sys
sys.modules["symderive"] = sys.modules["sympy"] = None
import numpy as np
from gradients import cost_and_gradients, hessian_vector_product
r = np.random.default_rng(0)
w, b = [r.normal(size=(5, 3)), r.normal(size=(2, 5))], [r.normal(size=5), r.normal(size=2)]
x, y = r.normal(size=(4, 3)), np.eye(2)[[0, 1, 1, 0]]
value, gradients = cost_and_gradients(w, b, x, y)
product = hessian_vector_product(w, b, x, y, b, w)
found = [value, *(v for n in "wb" for g in gradients[n] + product[n] for v in g.ravel())]
print(*(repr(float(v)) for v in found))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{program}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = [float(v) for v in done.stdout.split()]
    r = np.random.default_rng(0)
    at = {"w": [r.normal(size=(5, 3)), r.normal(size=(2, 5))], "b": [r.normal(size=5), r.normal(size=2)]}
    at |= {"x": r.normal(size=(4, 3)), "y": np.eye(2)[[0, 1, 1, 0]]}  # type: ignore[dict-item]
    compiled = d.compile()
    value, gradients = compiled(at)
    product = compiled.hessian_vector_product(at, direction={"w": at["w"], "b": at["b"]})
    expected = [value, *(v for n in "wb" for g in gradients[n] + product[n] for v in g.ravel())]
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert r"\delta^{(2)}" in source
    assert [line for line in source.splitlines() if line.startswith(("import", "from"))] == [
        "import numpy as np"
    ]


def test_the_compiled_function_is_made_of_the_source_that_is_shown() -> None:
    d = derive(mlp(widths=[3, 2], activation="tanh", cost="squared_error", samples="N"))
    assert d.compile().source == d.to_python()


HOSTILE = (
    'x); import os; print("', "x\nimport os\n", 'x"""\nimport os', "x\\", "lambda", "np", "out", "1", "e x",
)  # fmt: skip


@pytest.mark.parametrize("bad", HOSTILE)
def test_what_a_user_calls_a_tensor_is_never_code(bad: str) -> None:
    """The module has our statements alone: it imports numpy, and its names are identifiers of our making."""
    import ast

    from symderive.calculus import IndexSum, indices, size, tensor
    from symderive.systems import Definition, System

    (k,) = indices("k")
    n, C = size("N"), tensor("C")
    x, w, z = tensor(bad, (k, 1, n)), tensor("w", (k, 1, n)), tensor(f"z{bad}", (k, 1, n))
    of_k = ((k, 1, n),)
    system = System(f'{bad}""" import os', (x,), (w,), (
        Definition(z[k], w[k] * x[k], of_k, bad),
        Definition(C(), IndexSum(z[k] ** 2, (k, 1, n))),
    ), C)  # fmt: skip
    grad = derive(system).compile()
    value, gradients = grad({bad: [1.0, 2.0], "w": [3.0, 4.0]})
    assert value == 73.0
    assert gradients["w"].tolist() == [6.0, 32.0]
    for source in (grad.source, derive(system).unrolled({"N": 2}).source):
        imported = [a.name for s in ast.walk(ast.parse(source)) if isinstance(s, ast.Import) for a in s.names]
        assert imported in (["numpy"], ["math"])
