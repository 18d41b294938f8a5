"""torch's autograd in double precision on digits and diabetes: every known layer, loss and reduction."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest
from needed import digits, gaps, truth
from torch_networks import chain, data, nn, own, refusal, stack, torch

import symderive as sd
from symderive import reference
from symderive.claims.evidence import CheckFailed

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
    "a negative slope": lambda: nn.LeakyReLU(-0.5),
    "elu at a half": lambda: nn.ELU(0.5),
    "elu at minus one": lambda: nn.ELU(-1.0),
    "celu": lambda: nn.CELU(),
    "celu at a half": lambda: nn.CELU(0.5),
    "selu": lambda: nn.SELU(),
    "mish": lambda: nn.Mish(),
    "softsign": lambda: nn.Softsign(),
    "log sigmoid": lambda: nn.LogSigmoid(),
    "tanhshrink": lambda: nn.Tanhshrink(),
    "softplus at two": lambda: nn.Softplus(beta=2),
    "softplus at a half": lambda: nn.Softplus(beta=0.5, threshold=30),
    "dropout of channels": lambda: nn.Dropout1d(0.3).eval(),
    "alpha dropout": lambda: nn.AlphaDropout(0.3).eval(),
    "feature alpha dropout": lambda: nn.FeatureAlphaDropout(0.3).eval(),
    "flatten": lambda: nn.Flatten(),
}
LOSSES = {
    "MSELoss": "numbers", "CrossEntropyLoss": "classes", "NLLLoss": "classes", "BCEWithLogitsLoss": "labels",
    "BCELoss": "labels", "PoissonNLLLoss": "counts",
}  # fmt: skip
AFTER = {"NLLLoss": lambda: [nn.LogSoftmax(dim=1)], "BCELoss": lambda: [nn.Sigmoid()]}


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


@pytest.mark.parametrize("at", [0.0, 0.5, 2.0, -1.0])
def test_the_derivative_at_the_kink_of_an_elu_is_torchs(at: float) -> None:
    for layer in (nn.ELU(at or 0.3), nn.CELU(abs(at) or 0.25), nn.SELU(), nn.LeakyReLU(at), nn.Softsign()):
        module = stack(nn.Linear(2, 2), layer, nn.Linear(2, 1))
        with torch.no_grad():
            module[0].bias.zero_()
        found = sd.from_torch(module, nn.MSELoss()).verify([[0.0, 0.0], [1.0, -2.0]], [1.0, 2.0])
        assert (
            found.holds and "2 preactivations exactly at a kink, compared by that convention" in found.notes
        )


def test_that_torch_rounds_the_alpha_of_a_celu_is_said() -> None:
    net = sd.from_torch(chain("numbers", nn.CELU(0.7)), nn.MSELoss())
    assert any("rounds alpha" in note for note in net.notes)
    assert net.verify(*data("numbers"), tolerance=1e-6).holds


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


FORWARDS: dict[str, Callable[[Any, Any], Any]] = {
    "functions": lambda m, x: m.b(torch.tanh(m.inner(torch.relu(m.a(x))))),
    "methods": lambda m, x: m.b(m.a(x.flatten(1)).sigmoid().relu()),
    "torch.nn.functional": lambda m, x: m.b(
        nn.functional.gelu(nn.functional.leaky_relu(m.a(x), 0.2), approximate="tanh")
    ),
    "dropout in evaluation": lambda m, x: m.b(nn.functional.dropout(m.d(m.a(x)), 0.5, m.training).tanh()),
    "softmax as output": lambda m, x: torch.softmax(m.b(torch.tanh(m.a(x))), dim=-1),
    "more functions": lambda m, x: m.b(
        torch.selu(nn.functional.celu(nn.functional.mish(nn.functional.logsigmoid(m.a(x))), 0.75))
    ),
    "their settings": lambda m, x: m.b(nn.functional.elu(nn.functional.softplus(m.a(x), 2, 25), 0.5)),
    "the input by its name": lambda m, x: m.b(input=nn.functional.relu(input=m.a(input=x))),
    "dropout that does not train": lambda m, x: m.b(
        torch.dropout(nn.functional.alpha_dropout(m.a(x), 0.5), 0.5, train=False)
    ),
    "a loop": lambda m, x: reduce(lambda h, layer: layer(h).tanh(), [m.a, m.b], x),
    "rows by view": lambda m, x: m.b(m.a(x.view(x.size(0), -1)).view(-1, 10)),
    "rows by reshape": lambda m, x: m.b(torch.reshape(m.a(x.reshape(x.shape[0], -1)), (-1, 10))),
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


def test_images_are_made_rows_where_the_module_does_so() -> None:
    x, y = digits()
    images = torch.tensor(x).reshape(-1, 1, 8, 8)
    plain = stack(nn.Linear(64, 10))

    class Views(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, width: int) -> None:
            super().__init__()
            self.layer, self.width = plain[0], width

        def forward(self, image: Any) -> Any:
            return self.layer(image.view(-1, self.width))

    loss = nn.CrossEntropyLoss()
    expected = sd.from_torch(plain, loss).gradient(x, y)["0.weight"]
    for module in (nn.Sequential(nn.Flatten(), plain), Views(64)):
        net = sd.from_torch(module, loss)
        found = net.verify(images, y)
        assert found.holds and found.error < 1e-9
        assert np.array_equal(net.gradient(images.numpy(), y)[net.entries[0].name], expected)
    assert refusal(lambda: sd.from_torch(plain, loss).verify(images, y)) == (
        "x: expected the shape (samples, 64), found (1797, 1, 8, 8)"
    )
    # as many numbers in other rows are other samples
    assert refusal(lambda: sd.from_torch(Views(32), loss)) == (
        "step 0 (view): expected a row of 64 for each sample, found rows of 32"
    )


def test_a_layer_alone_has_the_names_that_torch_gives_it() -> None:
    layer = nn.Linear(10, 3).double()
    x, y = data("numbers")
    net = sd.from_torch(layer, nn.MSELoss())
    assert list(net.parameters) == ["weight", "bias"] and net.verify(x, y).holds
    nn.MSELoss()(layer(torch.tensor(x)), torch.tensor(y)).backward()
    assert net.verify(x, y, gradient={name: p.grad for name, p in layer.named_parameters()}).holds


def test_the_gradients_that_training_left_in_single_precision() -> None:
    module = chain("numbers", nn.Tanh()).float()
    x, y = data("numbers")
    net = sd.from_torch(module, nn.MSELoss())
    nn.MSELoss()(module(torch.tensor(x).float()), torch.tensor(y).float()).backward()
    given = {name: p.grad for name, p in module.named_parameters()}
    assert net.verify(x, y, gradient=given).holds
    given["2.bias"] = 1.001 * given["2.bias"]
    assert net.verify(x, y, gradient=given).evidence["2.bias"].status == "refuted"
    given["2.bias"] = None
    assert refusal(lambda: net.verify(x, y, gradient=given)) == (
        "gradient: expected one for 2.bias, found none"
    )


def test_that_torch_broadcasts_a_vector_of_targets_is_said() -> None:
    x, y = data("numbers")
    module, loss = stack(nn.Linear(10, 1)), nn.MSELoss()
    net = sd.from_torch(module, loss)
    column, vector = net.verify(x, y[:, :1]), net.verify(x, y[:, 0])
    assert column.holds and vector.error == column.error
    assert any("broadcasts a vector" in n for n in vector.notes)
    assert not any("broadcasts" in n for n in column.notes)
    with pytest.warns(UserWarning, match="different to the input size"):
        theirs = loss(module(torch.tensor(x)), torch.tensor(y[:, 0])).item()
    assert abs(theirs - net.cost(x, y[:, 0])) > 1e-3


def test_tensors_of_any_kind_are_data() -> None:
    x, y = (torch.tensor(v) for v in data("numbers"))
    net = sd.from_torch(chain("numbers", nn.Tanh()), nn.MSELoss())
    for inputs, targets in (
        (x, y), (x.requires_grad_(), y.requires_grad_()), (x.float(), y), (x.bfloat16(), y.bfloat16()),
    ):  # fmt: skip
        assert net.verify(inputs, targets).holds
    with torch.inference_mode():
        assert net.verify(x, y).holds
    with pytest.raises(sd.SymderiveError, match="x: expected an array of numbers, found tensor"):
        net.verify(x.to("meta"), y)


def test_a_gradient_of_nothing_is_no_counterexample() -> None:
    """The softmax of one output is 1: its gradient is 0, and what rounding makes of it."""
    module = stack(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
    x, _ = data("numbers")
    assert sd.from_torch(module, nn.CrossEntropyLoss()).verify(x, np.zeros(len(x))).holds


def test_parameters_that_the_cost_does_not_reach() -> None:
    x, y = data("numbers")

    def cut(m: Any, x: Any) -> Any:
        with torch.no_grad():
            hidden = m.a(x)
        return m.b(torch.tanh(hidden))

    net = sd.from_torch(own(cut), nn.MSELoss())
    found = net.verify(x, y)
    assert [name for name, e in found.evidence.items() if e.status == "refuted"] == ["a.weight", "a.bias"]
    assert "is 0, derived" in found.evidence["a.weight"].text
    assert net.notes == ("not in the forward, and not compared: inner.0.weight",)
    everything = sd.from_torch(own(torch.no_grad()(lambda m, x: m.b(m.a(x)))), nn.MSELoss())
    assert {e.status for e in everything.verify(x, y).evidence.values()} == {"refuted"}


def test_nothing_of_the_module_is_changed_by_tracing_it() -> None:
    def keeps(m: Any, x: Any) -> Any:
        m.hidden = torch.tanh(m.a(x) if m.training else m.a(x).relu())
        return m.b(m.hidden)

    module = own(keeps)
    before = {m: dict(vars(m)) for m in module.modules()}
    sd.from_torch(module, nn.MSELoss())
    assert {m: dict(vars(m)) for m in module.modules()} == before


WIDE = np.finfo(np.longdouble).max > np.finfo(float).max


@pytest.mark.skipif(not WIDE, reason="long double is no wider than double here")
@pytest.mark.parametrize("layer", ["sigmoid", "silu", "softplus", "mish", "log sigmoid", "elu"])
def test_preactivations_whose_exponential_overflows(layer: str) -> None:
    module = chain("numbers", LAYERS[layer]())
    with torch.no_grad():
        module[0].weight *= 2000
    x, y = data("numbers")
    assert np.abs(x @ module[0].weight.detach().numpy().T).max() > 1000
    found = sd.from_torch(module, nn.MSELoss()).verify(x, y)
    assert found.holds and found.error < 1e-9, str(found)


@pytest.mark.skipif(not WIDE, reason="long double is no wider than double here")
@pytest.mark.parametrize("kind", ["CrossEntropyLoss", "BCEWithLogitsLoss"])
def test_logits_whose_exponential_overflows(kind: str) -> None:
    module, loss = chain(LOSSES[kind], nn.ReLU()), getattr(nn, kind)()
    with torch.no_grad():
        module[4].weight *= 5000
    x, y = data(LOSSES[kind])
    net = sd.from_torch(module, loss)
    logits = module(torch.tensor(x))
    assert logits.abs().max() > 750
    assert net.verify(x, y).error < 1e-9
    assert net.cost(x, y) == pytest.approx(loss(logits, torch.tensor(y)).item(), rel=1e-12)


def test_a_saturated_sigmoid_before_a_binary_cross_entropy_is_said() -> None:
    """Beyond 27, torch's gradient is not that of the function any more."""
    x, y = data("labels")
    module = chain("labels", nn.Tanh(), last=[nn.Sigmoid()])
    assert any("beyond 27" in n for n in sd.from_torch(module, nn.BCELoss()).notes)
    with torch.no_grad():
        module[4].weight *= 300
    assert sd.from_torch(module, nn.BCELoss()).verify(x, y).status == "refuted"
    assert sd.from_torch(module[:-1], nn.BCEWithLogitsLoss()).verify(x, y).holds


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
