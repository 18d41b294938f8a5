"""torch's autograd in double precision on digits and diabetes: every known layer, loss and reduction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from needed import diabetes, digits, gaps, library, truth

import symderive as sd
from symderive import reference
from symderive.claims.evidence import CheckFailed

torch: Any = None
nn: Any = None


@pytest.fixture(scope="module", autouse=True)
def _there() -> None:
    global torch, nn
    torch = library("torch")
    nn = torch.nn


LAYERS: dict[str, Callable[[], Any]] = {
    "identity": lambda: nn.Identity(),
    "tanh": lambda: nn.Tanh(),
    "sigmoid": lambda: nn.Sigmoid(),
    "relu": lambda: nn.ReLU(),
    "softplus": lambda: nn.Softplus(),
    "silu": lambda: nn.SiLU(),
    "gelu": lambda: nn.GELU(),
    "gelu_tanh": lambda: nn.GELU(approximate="tanh"),
    "elu": lambda: nn.ELU(),
    "leaky_relu": lambda: nn.LeakyReLU(),
    "another slope": lambda: nn.LeakyReLU(0.25),
}
LOSSES = {
    "MSELoss": "numbers", "CrossEntropyLoss": "classes", "NLLLoss": "classes", "BCEWithLogitsLoss": "labels",
    "BCELoss": "labels", "PoissonNLLLoss": "counts",
}  # fmt: skip
AFTER = {"NLLLoss": lambda: [nn.LogSoftmax(dim=1)], "BCELoss": lambda: [nn.Sigmoid()]}


def data(task: str) -> tuple[Any, Any]:
    if task == "classes":
        return digits()
    x, y = diabetes()
    columns = np.column_stack([y, x[:, 2], np.sin(5 * y)])
    return x, {
        "numbers": columns,
        "labels": (columns > 0).astype(float),
        "counts": np.floor(np.exp(columns)),
    }[task]


def chain(task: str, *middle: Any, last: Any = (), seed: int = 0) -> Any:
    torch.manual_seed(seed)
    n, outputs = (64, 10) if task == "classes" else (10, 3)
    layers = [nn.Linear(n, 8), *middle, nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, outputs), *last]
    return nn.Sequential(*layers).double()


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", LOSSES)
def test_autograd_of_every_loss(kind: str, reduction: str) -> None:
    loss = getattr(nn, kind)(reduction=reduction)
    module = chain(LOSSES[kind], nn.ReLU(), last=AFTER.get(kind, list)())
    x, y = data(LOSSES[kind])
    net = sd.from_torch(module, loss)
    found = net.verify(x, y)
    assert found.status == "numeric" and found.error < 1e-9 and len(found.evidence) == 6
    theirs = loss(module(torch.tensor(x)), torch.tensor(y)).item()
    assert net.cost(x, y) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("layer", LAYERS)
def test_autograd_of_every_layer(layer: str) -> None:
    x, y = data("numbers")
    found = sd.from_torch(chain("numbers", LAYERS[layer]()), nn.MSELoss()).verify(x, y)
    assert found.holds and found.error < 1e-9, str(found)


def test_two_slopes_and_several_functions_after_one_layer() -> None:
    module = chain("numbers", nn.LeakyReLU(0.25), nn.LeakyReLU(), nn.Softplus(), nn.Tanh())
    net = sd.from_torch(nn.Sequential(nn.ELU(), module), nn.MSELoss())
    assert "tanh(softplus(leaky_relu(leaky_relu_1_4(z[1, s, j]))))" in str(net.system)
    assert "a[0, s, j] := elu(x[s, j])" in str(net.system)
    found = net.verify(*data("numbers"))
    assert found.holds and found.error < 1e-9


@pytest.mark.parametrize("kind", ["MSELoss", "CrossEntropyLoss", "BCEWithLogitsLoss", "PoissonNLLLoss"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_complex_steps_of_the_reference_find_the_derived_gradient(kind: str, reduction: str) -> None:
    task = LOSSES[kind]
    module = chain(task, nn.SiLU())
    x, y = (v[:50] for v in data(task))
    net = sd.from_torch(module, getattr(nn, kind)(reduction=reduction))
    cost = {
        "MSELoss": "squared_error", "CrossEntropyLoss": "softmax_cross_entropy",
        "BCEWithLogitsLoss": "binary_cross_entropy", "PoissonNLLLoss": "poisson",
    }[kind]  # fmt: skip
    widths = net.plan.widths
    network = reference.Network(widths, ["silu", "tanh", "identity"], cost, reduction=reduction, factor=1.0)
    w, b = ([net.parameters[f"{n}.{kind}"] for n in (0, 2, 4)] for kind in ("weight", "bias"))
    scale = 1 / widths[-1] if reduction == "mean" and task != "classes" else 1.0
    assert max(gaps(net, x, y, truth(network, w, b, *net.data(x, y), scale=scale))) < 1e-9


def own(forward: Callable[[Any, Any], Any]) -> Any:
    """A module with layers a and b, a dropout d, and this forward."""

    class Module(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.d = nn.Linear(10, 10), nn.Linear(10, 3), nn.Dropout(0.4)
            self.inner = nn.Sequential(nn.Linear(10, 10, bias=False), nn.GELU())

        def forward(self, x: Any) -> Any:
            return forward(self, x)

    torch.manual_seed(1)
    return Module().double()


FORWARDS: dict[str, Callable[[Any, Any], Any]] = {
    "functions": lambda m, x: m.b(torch.tanh(m.inner(torch.relu(m.a(x))))),
    "methods": lambda m, x: m.b(m.a(x.flatten(1)).sigmoid().relu()),
    "torch.nn.functional": lambda m, x: m.b(
        nn.functional.gelu(nn.functional.leaky_relu(m.a(x), 0.2), approximate="tanh")
    ),
    "dropout in evaluation": lambda m, x: m.b(nn.functional.dropout(m.d(m.a(x)), 0.5, m.training).tanh()),
    "softmax as output": lambda m, x: torch.softmax(m.b(torch.tanh(m.a(x))), dim=-1),
}


@pytest.mark.parametrize("name", FORWARDS)
def test_modules_with_a_forward_of_their_own(name: str) -> None:
    module = own(FORWARDS[name]).eval()
    net = sd.from_torch(module, nn.MSELoss())
    found = net.verify(*data("numbers"))
    assert found.holds and found.error < 1e-9
    assert [p.name for p in net.entries][:2] == ["a.weight", "a.bias"]
    assert ("inner.0.weight" in net.parameters) == (
        name == "functions"
    ) and "inner.0.bias" not in net.parameters
    assert all(p.grad is None for p in module.parameters())


def test_a_layer_without_bias_has_none_in_the_system() -> None:
    net = sd.from_torch(nn.Sequential(nn.Linear(10, 3, bias=False)).double(), nn.MSELoss())
    assert [t.name for t in net.system.parameters] == ["w"] and "b[" not in str(net.system)
    assert net.verify(*data("numbers")).holds


def test_frozen_parameters_are_left_out_and_said() -> None:
    module = chain("numbers")
    module[0].weight.requires_grad_(False)
    found = sd.from_torch(module, nn.MSELoss()).verify(*data("numbers"))
    assert (
        found.holds and "0.weight" not in found.evidence and "0.weight is frozen: not compared" in found.notes
    )
    for p in module.parameters():
        p.requires_grad_(False)
    assert refusal(lambda: sd.from_torch(module, nn.MSELoss()).verify(*data("numbers"))) == (
        "parameters: expected one that requires a gradient, found none"
    )


def test_single_precision_has_a_tolerance_of_its_own() -> None:
    net = sd.from_torch(chain("numbers", nn.Tanh()).float(), nn.MSELoss())
    found = net.verify(*data("numbers"))
    assert found.holds and 1e-9 < found.error < 1e-4


def test_probabilities_as_targets_of_a_cross_entropy() -> None:
    x, y = data("classes")
    soft = (np.eye(10)[y] + np.eye(10)[y[::-1]]) / 2
    found = sd.from_torch(chain("classes"), nn.CrossEntropyLoss()).verify(x, soft)
    assert found.holds and found.error < 1e-9


# ---------------------------------------------------------------------------------- faults in their gradient


def faulty(fault: Callable[[Any], Any]) -> Any:
    """The identity as a function of torch whose backward pass is not its derivative."""

    class Function(torch.autograd.Function):  # type: ignore[misc, name-defined]
        @staticmethod
        def forward(ctx: Any, z: Any) -> Any:
            return z.clone()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return fault(g)

    return Function.apply


@pytest.mark.parametrize(
    ("fault", "status"),
    [(lambda g: g, "numeric"), (lambda g: g * (1 + 1e-8), "refuted"), (lambda g: 2 * g, "refuted")],
    ids=["none", "a hundred millionth", "factor 2"],
)
def test_a_fault_in_their_backward_pass_is_refuted(
    fault: Any, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = chain("numbers", nn.Tanh())
    net = sd.from_torch(module, nn.MSELoss())
    step, right = faulty(fault), nn.Tanh.forward
    monkeypatch.setattr(nn.Tanh, "forward", lambda self, z: step(right(self, z)))
    found = net.verify(*data("numbers"))
    assert found.status == status
    # the last layer comes before the fault on the way back
    assert {name for name, e in found.evidence.items() if e.status == "numeric"} >= {"4.weight", "4.bias"}
    if status == "refuted":
        assert {name for name, e in found.evidence.items() if e.status == "refuted"} == {
            "0.weight", "0.bias", "2.weight", "2.bias",
        }  # fmt: skip
        with pytest.raises(CheckFailed, match=r"0\.weight: refuted: torch autograd: entry \["):
            found.require()


# ------------------------------------------------------------------------------------------- what is refused


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(sd.SymderiveError) as error:
        action()
    assert "\n" not in str(error.value)
    return str(error.value)


def stack(*layers: Any) -> Any:
    return nn.Sequential(*layers).double()


KNOWN = (
    "Linear, Identity, Tanh, Sigmoid, ReLU, SiLU, Softplus, LeakyReLU, ELU, GELU, Softmax, LogSoftmax, "
    "Dropout, Flatten"
)
HOW = "define it as an Activation and use from_arrays, or write the network as a System of definitions"
REFUSED: dict[str, Callable[[], Any]] = {
    f"step 1 (1): expected one of {KNOWN}, found BatchNorm1d: {HOW}":
        lambda: stack(nn.Linear(10, 3), nn.BatchNorm1d(3)),
    f"step 2 (1.1): expected one of {KNOWN}, found PReLU: {HOW}":
        lambda: stack(nn.Linear(10, 3), nn.Sequential(nn.Tanh(), nn.PReLU())),
    "step 2 (d), Dropout: expected no random units, found p=0.4 in training: call eval() on the module first":
        lambda: own(lambda m, x: m.b(m.d(torch.relu(m.a(x))).tanh())),
    "step 1 (dropout), dropout: expected no random units, found p=0.5 in training: call eval() on the module "
    "first":
        lambda: own(lambda m, x: m.b(nn.functional.dropout(m.a(x)))),
    "step 0 (a): expected a chain, found that x goes to a, add":
        lambda: own(lambda m, x: m.b(m.a(x) + x)),
    f"step 1 (mul): expected one of {KNOWN}, or its function, found mul: {HOW}":
        lambda: own(lambda m, x: m.b(m.a(x) * 2)),
    "step 1 (1), Softplus: expected beta=1, found 2.0": lambda: stack(nn.Linear(10, 3), nn.Softplus(2.0)),
    "step 1 (1), ELU: expected alpha=1, found 0.5": lambda: stack(nn.Linear(10, 3), nn.ELU(0.5)),
    "step 1 (1), Softmax: expected dim=1, over the units, found 0":
        lambda: stack(nn.Linear(10, 3), nn.Softmax(0)),
    "step 0 (0), Flatten: expected start_dim=1, found 0": lambda: stack(nn.Flatten(0), nn.Linear(10, 3)),
    "Softmax after layer 1: expected it alone after the last layer":
        lambda: stack(nn.Linear(10, 4), nn.Softmax(1), nn.Linear(4, 3)),
    "LogSoftmax after layer 1: expected it as the last step before an NLLLoss alone":
        lambda: stack(nn.Linear(10, 3), nn.LogSoftmax(1)),
    "Sequential: expected at least one Linear layer, found none": lambda: stack(nn.Tanh()),
    "2: expected 4 inputs, found 5": lambda: stack(nn.Linear(10, 4), nn.Tanh(), nn.Linear(5, 3)),
    "from_torch: expected a torch.nn.Module, found list": lambda: [nn.Linear(10, 3)],
    "parameters: expected float64 or float32 throughout, found torch.float16":
        lambda: nn.Linear(10, 3).half(),
}  # fmt: skip


@pytest.mark.parametrize("message", REFUSED)
def test_unknown_modules_are_named_with_their_place(message: str) -> None:
    assert refusal(lambda: sd.from_torch(REFUSED[message](), nn.MSELoss())) == message


def test_forwards_that_cannot_be_traced_are_refused() -> None:
    looks = own(lambda m, x: m.b(x) if x.sum() > 0 else m.b(m.a(x)))
    assert refusal(lambda: sd.from_torch(looks, nn.MSELoss())).startswith(
        "Module: expected a forward that torch.fx can trace, found"
    )
    tied = nn.Linear(10, 10)
    assert refusal(lambda: sd.from_torch(stack(tied, nn.Tanh(), tied), nn.MSELoss())) == (
        "step 2 (0): expected parameters of its own, found weight shared with 0.weight"
    )
    hooked = stack(nn.Linear(10, 3), nn.Tanh())
    hooked[1].register_forward_hook(lambda m, i, o: 2 * o)
    assert "without hooks" in refusal(lambda: sd.from_torch(hooked, nn.MSELoss()))


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda: nn.L1Loss(), "found L1Loss: define its cost in a System"),
        (lambda: nn.MSELoss, "found the class MSELoss"),
        (lambda: nn.MSELoss(reduction="none"), "expected the reduction mean or sum, found 'none'"),
        (lambda: nn.CrossEntropyLoss(label_smoothing=0.1), "with label_smoothing=0.0, found 0.1"),
        (lambda: nn.CrossEntropyLoss(weight=torch.ones(3)), "with weight=None, found tensor"),
        (lambda: nn.BCEWithLogitsLoss(pos_weight=torch.ones(3)), "with pos_weight=None, found tensor"),
        (lambda: nn.PoissonNLLLoss(log_input=False), "with log_input=True, found False"),
        (lambda: nn.NLLLoss(), "expected log_softmax as the last step before NLLLoss, found linear"),
    ],
)
def test_unknown_losses_are_refused(loss: Callable[[], Any], message: str) -> None:
    assert message in refusal(lambda: sd.from_torch(stack(nn.Linear(10, 3)), loss()))


def test_what_changes_after_reading_is_refused() -> None:
    module = own(lambda m, x: m.b(m.d(m.a(x)))).eval()
    net = sd.from_torch(module, nn.MSELoss())
    module.train()
    assert "expected no random units" in refusal(lambda: net.verify(*data("numbers")))
    module.eval()
    with torch.no_grad():
        module.a.weight += 1
    assert "a.weight: expected the values that were read" in refusal(lambda: net.verify(*data("numbers")))


def test_wrong_data_are_refused() -> None:
    net = sd.from_torch(chain("classes"), nn.CrossEntropyLoss())
    x, y = data("classes")
    assert refusal(lambda: net.verify(x[:3], [0, 1, 10])) == "y: expected classes 0..9, found 10 of sample 2"
    assert (
        refusal(lambda: net.verify(x[:3, :4], y[:3])) == "x: expected the shape (samples, 64), found (3, 4)"
    )
    assert refusal(lambda: net.verify(x[:3], y[:2])).startswith("y: expected 3 samples and 10 outputs")
