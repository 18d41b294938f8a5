"""torch, and data and networks for the tests of reading them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from needed import diabetes, digits, library

import symderive as sd


class Late:
    """A library that is imported when a test first asks for something of it: none waits for it before."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # what pytest asks of all that it finds in a module
            raise AttributeError(attribute)
        return getattr(library(self._name), attribute)


torch: Any = Late("torch")
nn: Any = Late("torch.nn")


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


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(sd.SymderiveError) as error:
        action()
    assert "\n" not in str(error.value)
    return str(error.value)


def stack(*layers: Any) -> Any:
    return nn.Sequential(*layers).double()
