"""`symderive verify MODULE:FUNCTION`: somebody's gradient function against the derivation.

The module is imported from the current directory, as `python -m` would: that is what is asked for. What goes
wrong in it, or in its function, is told in one line, with the file and the line. What it prints goes to
standard error: standard output holds the verdict.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symderive.errors import SymderiveError
from symderive.testing import GradientVerdict, check_gradient


@dataclass(frozen=True)
class Request:
    """What the command line asks: a function by its name, a network, and how the function is called."""

    target: str
    network: Mapping[str, Any]
    form: str | None = None
    convention: str | None = None
    reduction: str = "sum"
    weight_decay: float = 0.0
    samples: int = 7
    seed: int = 0
    oracles: tuple[str, ...] = ()


def asked(arguments: argparse.Namespace) -> Request:
    """What the command line asks for."""
    if arguments.widths is None:
        raise SymderiveError("verify: expected --widths, the numbers of units, input first: 4,5,3")
    for option, name in (("activation", "tanh"), ("cost", "squared_error")):
        if getattr(arguments, option) == "generic":
            raise SymderiveError(f"verify: expected a named {option}, such as --{option} {name}, found none")
    network: dict[str, Any] = {"widths": list(arguments.widths)}
    network |= {"activation": arguments.activation, "cost": arguments.cost}
    for option in ("factor", "relu_at_zero", "output_activation"):
        if getattr(arguments, option) is not None:
            network[option] = getattr(arguments, option)
    return Request(
        arguments.target, network, arguments.form, arguments.convention, arguments.reduction,
        arguments.weight_decay, arguments.count, arguments.seed, tuple(arguments.oracles),
    )  # fmt: skip


def run(request: Request) -> GradientVerdict:
    """The verdict on the function. SymderiveError for a name that is none, for options that do not fit."""
    with contextlib.redirect_stdout(sys.stderr):
        return check_gradient(
            function(request.target),
            request.network,
            form=request.form,
            convention=request.convention,
            reduction=request.reduction,
            weight_decay=request.weight_decay,
            samples=request.samples,
            seed=request.seed,
            oracles=request.oracles,
        )


def function(target: str) -> Callable[..., Any]:
    """The function MODULE:FUNCTION; FUNCTION may have dots, as a method of an object of the module has.

    >>> function("math:hypot")(3, 4)
    5.0
    >>> function("math")
    Traceback (most recent call last):
    symderive.errors.SymderiveError: verify: expected MODULE:FUNCTION, such as mynet:gradient, found 'math'
    """
    module, colon, name = target.partition(":")
    if module.endswith(".py"):
        path = Path(module).with_suffix("")
        stem = path.name if path.is_absolute() else ".".join(p for p in path.parts if p != "..")
        text = f"verify: expected MODULE:FUNCTION, the module without .py: {stem}:{name or 'gradient'}"
        raise SymderiveError(f"{text}, found {target!r:.60}")
    parts = [*module.split("."), *name.split(".")]
    if not colon or not all(p.isidentifier() for p in parts):
        text = "verify: expected MODULE:FUNCTION, such as mynet:gradient"
        raise SymderiveError(f"{text}, found {target!r:.60}")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and f"{module}.".startswith(f"{error.name}."):
            raise SymderiveError(f"verify: expected a module {module} in {here}, found none") from None
        raise SymderiveError(f"verify: {_where(error)}") from None
    except (Exception, SystemExit) as error:  # a script that ends itself has given no verdict
        raise SymderiveError(f"verify: {_where(error, module)}") from None
    for part in name.split("."):
        if not hasattr(found, part):
            raise SymderiveError(f"verify: expected a function {name} in {module}, found none")
        found = getattr(found, part)
    if not callable(found):
        raise SymderiveError(f"verify: expected a function, found {name} = {found!r:.40}")
    made: Callable[..., Any] = found
    return made


def _where(error: BaseException, module: str = "") -> str:
    """The error in one line, with the last place in the user's code, or else the last of all."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and not error.filename:  # a file that is no text
        return f"module {module}: {type(error).__name__}: {error.msg}"
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: {type(error).__name__}: {error.msg}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "importlib" not in f.filename]
    last = ([f for f in frames if _of_the_user(f.filename)] or frames)[-1]
    return f"{last.filename}, line {last.lineno}: {text}"


def _of_the_user(filename: str) -> bool:
    """Whether a file is neither of this package, nor of Python, nor installed."""
    path = Path(filename).resolve()
    own = Path(__file__).resolve().parent.parent
    python = Path(os.__file__).resolve().parent
    return (
        path.is_file()
        and not any(folder in path.parents for folder in (own, python))
        and not {"site-packages", "dist-packages"} & set(path.parts)
    )


__all__ = ["Request", "asked", "function", "run"]
