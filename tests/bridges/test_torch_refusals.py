"""What is no network that can be read is refused in one line, which names the layer and says what to do."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torch_networks import chain, data, nn, own, refusal, stack, torch

import symderive as sd

KNOWN = (
    "Linear, Identity, Tanh, Sigmoid, ReLU, SiLU, Softplus, LeakyReLU, ELU, CELU, SELU, Mish, Softsign, "
    "LogSigmoid, Tanhshrink, GELU, Softmax, LogSoftmax, Dropout, Dropout1d, AlphaDropout, "
    "FeatureAlphaDropout, Flatten"
)
SYSTEM = "write the network as a System of definitions"
HOW = f"define it as an Activation and use from_arrays, or {SYSTEM}"
HOOKS = (
    "without hooks, found one with a forward hook (weight_norm, spectral_norm and pruning of torch.nn.utils "
    "are hooks too): remove it first"
)


def changed(module: Any, action: Callable[[Any], Any]) -> Any:
    action(module)
    return module


def prune(module: Any) -> None:
    importlib.import_module("torch.nn.utils.prune").l1_unstructured(module, "weight", 0.5)


def quietly(action: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that torch.jit is deprecated is no news
        return action()


def relu(z: Any) -> Any:
    return 2 * z


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
    f"step 0 (a): expected a chain, found that x goes to a, add: {SYSTEM}":
        lambda: own(lambda m, x: m.b(m.a(x) + x)),
    f"step 1 (mul): expected one of {KNOWN}, or its function, found mul: {HOW}":
        lambda: own(lambda m, x: m.b(m.a(x) * 2)),
    "step 1 (1), Softplus: expected a positive beta, found -1.0":
        lambda: stack(nn.Linear(10, 3), nn.Softplus(-1.0)),
    "step 1 (1), Softplus: expected threshold=20 or more, found 1":
        lambda: stack(nn.Linear(10, 3), nn.Softplus(threshold=1)),
    "step 1 (softplus), softplus: expected threshold=20 or more, found 2":
        lambda: own(lambda m, x: m.b(nn.functional.softplus(m.a(x), 1, 2))),
    "step 1 (softmax), softmax: expected the precision of the input, found dtype=torch.float32":
        lambda: own(lambda m, x: nn.functional.softmax(m.b(x), dim=1, dtype=torch.float32)),
    "step 1 (softmax), softmax: expected the precision of the input, found dtype=torch.float64":
        lambda: own(lambda m, x: torch.softmax(m.b(x), 1, torch.float64)),
    f"step 1 (a.bias): expected a layer or a function, found a parameter or constant on its own: {SYSTEM}":
        lambda: own(lambda m, x: m.b(m.a(x) * m.a.bias)),
    f"step 1 (relu): expected torch's own relu, found that of {relu.__module__}: {SYSTEM}":
        lambda: own(lambda m, x: m.b(torch.fx._symbolic_trace._create_wrapped_func(relu)(m.a(x)))),
    f"forward: expected a Sequential {HOOKS}":
        lambda: changed(stack(nn.Linear(10, 3)), lambda m: m.register_forward_hook(lambda m, i, o: 2 * o)),
    f"step 0 (0): expected a Linear {HOOKS}":
        lambda: changed(stack(nn.Linear(10, 3)), lambda m: prune(m[0])),
    f"step 0 (0): expected one of {KNOWN}, found ParametrizedLinear: its weight is a function of others: "
    f"call torch.nn.utils.parametrize.remove_parametrizations on it first, or {SYSTEM}":
        lambda: changed(stack(nn.Linear(10, 3)), lambda m: nn.utils.parametrizations.weight_norm(m[0])),
    f"step 0 (0): expected one of {KNOWN}, found LazyLinear: call the module on data first, so that its "
    "widths are known":
        lambda: stack(nn.LazyLinear(3)),
    "step 1 (1): expected the forward of Tanh, found another one in its place":
        lambda: changed(stack(nn.Linear(10, 3), nn.Tanh()), lambda m: setattr(m[1], "forward", torch.relu)),
    "forward: expected the forward of Sequential, found another one in its place":
        lambda: changed(stack(nn.Linear(10, 3)), lambda m: setattr(m, "forward", m[0].forward)),
    "2.weight: expected a parameter, found a tensor computed from others":
        lambda: changed(
            stack(nn.Linear(10, 10), nn.Tanh(), nn.Linear(10, 10)),
            lambda m: (delattr(m[2], "weight"), setattr(m[2], "weight", 2 * m[0].weight)),
        ),
    "0.weight: expected values, found a parameter on the meta device":
        lambda: stack(nn.Linear(10, 3, device="meta")),
    "from_torch: expected the module itself, found OptimizedModule: give its _orig_mod":
        lambda: quietly(lambda: torch.compile(nn.Linear(10, 3))),
    "from_torch: expected the module itself, found DataParallel: give its module":
        lambda: nn.DataParallel(nn.Linear(10, 3)),
    "from_torch: expected the module before torch.jit, found TopLevelTracedModule":
        lambda: quietly(lambda: torch.jit.trace(nn.Linear(10, 3), torch.ones(1, 10))),
    "parameters: expected float64 or float32 throughout, found torch.bfloat16":
        lambda: nn.Linear(10, 3).bfloat16(),
    "step 1 (1), Softmax: expected dim=1, over the units, found 0":
        lambda: stack(nn.Linear(10, 3), nn.Softmax(0)),
    "step 0 (0), Flatten: expected start_dim=1 and end_dim=-1, found 0 and -1":
        lambda: stack(nn.Flatten(0), nn.Linear(10, 3)),
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
        f"step 2 (0): expected parameters of its own, found weight shared with 0.weight: {SYSTEM}"
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
        (
            lambda: changed(nn.MSELoss(), lambda m: m.register_forward_hook(print)),
            f"expected a MSELoss {HOOKS}",
        ),
        (
            lambda: changed(nn.MSELoss(), lambda m: setattr(m, "forward", torch.dist)),
            "loss: expected the forward of MSELoss, found another one in its place",
        ),
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
    layers, module.d = module.d, nn.Tanh()
    other = "expected the layers that were read, found others: read it once more"
    assert other in refusal(lambda: net.verify(*data("numbers")))
    module.d = layers
    loss = nn.MSELoss()
    summed = sd.from_torch(module, loss)
    loss.reduction = "sum"
    assert "loss: expected the reduction that was read" in refusal(lambda: summed.verify(*data("numbers")))
    with torch.no_grad():
        module.a.weight += 1
    assert "a.weight: expected the values that were read" in refusal(lambda: net.verify(*data("numbers")))


def test_a_softmax_before_a_loss_that_has_its_own_is_refused() -> None:
    module = stack(nn.Linear(10, 3), nn.Softmax(1))
    assert refusal(lambda: sd.from_torch(module, nn.CrossEntropyLoss())) == (
        "Softmax after layer 1: expected logits before a CrossEntropyLoss, which applies a softmax of its own"
    )


def test_what_torch_says_of_the_data_is_one_line() -> None:
    net = sd.from_torch(chain("labels", last=[nn.Sigmoid()]), nn.BCELoss())
    x, y = data("numbers")
    assert refusal(lambda: net.verify(x, y)) == (
        "torch: expected a gradient of the loss, found RuntimeError: all elements of target should be "
        "between 0 and 1"
    )


def test_wrong_data_are_refused() -> None:
    net = sd.from_torch(chain("classes"), nn.CrossEntropyLoss())
    x, y = data("classes")
    assert refusal(lambda: net.verify(x[:3], [0, 1, 10])) == "y: expected classes 0..9, found 10 of sample 2"
    assert (
        refusal(lambda: net.verify(x[:3, :4], y[:3])) == "x: expected the shape (samples, 64), found (3, 4)"
    )
    assert refusal(lambda: net.verify(x[:3], y[:2])).startswith("y: expected 3 samples and 10 outputs")


def test_the_guide_lists_what_is_known() -> None:
    from symderive.bridges.torch_losses import LOSSES as KNOWN_LOSSES
    from symderive.bridges.torch_operations import MODULES

    guide = (Path(sd.__file__).parent / "manual/guides/bring-your-network.md").read_text()
    table = "\n".join(line for line in guide.splitlines() if line.startswith("|"))
    assert [name for name in (*MODULES, *KNOWN_LOSSES) if f"`{name}`" not in table] == []
