"""A derivation as a NumPy function: arrays to cost and derivatives; and Hessian-vector products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from threading import local
from typing import Any

import numpy as np
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.compilation.batch import batched
from symderive.compilation.loading import load
from symderive.compilation.program import Program, build
from symderive.compilation.source import module
from symderive.derivation.adjoint import adjoint_symbol
from symderive.derivation.derive import Derivation, derive
from symderive.derivation.explicit import Sizes, size_rule
from symderive.derivation.hessian import hessian_vector
from symderive.displayed import Displayed
from symderive.errors import SymderiveError
from symderive.latex import equation_to_latex
from symderive.systems.definition import Definition
from symderive.systems.numbers import exact, shown
from symderive.systems.system import System

GRADIENT, HESSIAN = "cost_and_gradients", "hessian_vector_product"
NOTATIONS = ("text", "latex")


class Compiled(Displayed):
    """grad(w=[w1, w2], b=[b1, b2], x=x, y=y) -> cost, {"w": [dC/dw1, dC/dw2], "b": [..]}.

    `source` is the module that the function was made from, which needs NumPy alone; `program` is what the
    source says. Arrays are given by name, or as one mapping; a tensor with layers as a list, or by its layer,
    {1: w1, 2: w2}. All arrays float32 give float32, all others float64.
    """

    def __init__(self, derivation: Derivation, sizes: Mapping[Basic, Basic], notation: str = "text") -> None:
        self.derivation = derivation
        self._sizes = sizes
        self._notation = notation
        self.program = _gradient_program(derivation, sizes)
        self.source = _module([(GRADIENT, self.program)], notation)
        self._call = _Callable(self.source, GRADIENT, self.program)

    def __call__(
        self,
        arrays: Mapping[str, Any] | None = None,
        /,
        *,
        out: Mapping[str, Any] | None = None,
        workspace: Any = None,
        **named: Any,
    ) -> tuple[float, dict[str, Any]]:
        """The cost, and the derivatives by name, shaped like what they belong to.

        The derivatives are new arrays, or those of `out`, as an earlier call returned them. Buffers are kept
        between the calls of a thread; `workspace` is a dictionary to keep others in. Raises SymderiveError
        where an array does not fit, or where one of `out` shares memory with another.
        """
        return self._call(_by_name(arrays, named), out, workspace)  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        """Pickled as what it was made of: compiled code and the buffers of threads stay where they are."""
        return type(self), (self.derivation, self._sizes, self._notation)

    @cached_property
    def _second(self) -> _Callable:
        program = _hessian_program(self.derivation, self._sizes)
        return _Callable(_module([(HESSIAN, program)], self._notation), HESSIAN, program)

    def hessian_vector_product(
        self,
        arrays: Mapping[str, Any] | None = None,
        /,
        *,
        direction: Mapping[str, Any],
        out: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> dict[str, Any]:
        """H v by parameter, for the direction v = {"w": [v1, v2], "b": [..]}; H itself is never formed."""
        given = dict(_by_name(arrays, named))
        wanted = {t.name for t in self.derivation.system.parameters}
        if not isinstance(direction, Mapping) or set(direction) != wanted:
            found = sorted(direction) if isinstance(direction, Mapping) else direction
            raise SymderiveError(
                f"direction: expected one for each of {', '.join(sorted(wanted))}, found {shown(found)}"
            )
        given |= {f"v_{name}": v for name, v in direction.items()}
        return self._second(given, out, None)  # type: ignore[no-any-return]


def _by_name(arrays: Mapping[str, Any] | None, named: dict[str, Any]) -> Mapping[str, Any]:
    if arrays is None:
        return named
    if type(arrays) is not dict and not isinstance(arrays, Mapping):
        raise SymderiveError(f"expected arrays by name, found {shown(arrays)}")
    return {**arrays, **named} if named else arrays


class _Callable:
    """A function of a generated module, with arrays by name and buffers that are kept."""

    def __init__(self, source: str, name: str, program: Program) -> None:
        namespace = load(source, f"symderive_compiled_{name}")
        self._function: Callable[..., Any] = namespace[name]
        self._mismatch: type[Exception] = namespace["Mismatch"]
        self._names = [t.name for t in program.given]
        self._set = set(self._names)
        self._supers = {t: [sup for of, sup in program.inputs if of == t] for t in program.given}
        self._layered = [(n, t, len(self._supers[t])) for n, t in enumerate(program.given) if t.sup]
        self._kept = local()

    def __call__(self, given: Mapping[str, Any], out: Any, workspace: Any) -> Any:
        arguments = self._arguments(given)
        if workspace is None:
            workspace = self._kept.__dict__.setdefault("workspace", {})
        elif not isinstance(workspace, dict):
            raise SymderiveError(f"workspace: expected a dictionary, found {shown(workspace)}")
        try:
            return self._function(*arguments, out=out, workspace=workspace)
        except self._mismatch as error:
            raise SymderiveError(str(error)) from None

    def _arguments(self, given: Mapping[str, Any]) -> list[Any]:
        if len(given) != len(self._names) or given.keys() != self._set:
            raise self._unlike(given)
        found = [given[name] for name in self._names]
        for n, t, count in self._layered:
            if type(found[n]) is not list or len(found[n]) != count:
                found[n] = self._listed(t, found[n])
        return found

    def _unlike(self, given: Mapping[str, Any]) -> SymderiveError:
        """What is wrong with the names that are given."""
        for name in given:
            if name not in self._names:
                return SymderiveError(f"expected arrays for {', '.join(self._names)}, found {shown(name)}")
        missing = next(name for name in self._names if name not in given)
        return SymderiveError(f"{missing}: expected an array, found none")

    def _listed(self, t: TensorSymbol, value: Any) -> list[Any]:
        """The arrays of a tensor with superscripts, in their order."""
        supers = self._supers[t]
        if isinstance(value, Mapping):
            keys = [sup if t.sup > 1 else sup[0] for sup in supers]
            lacking = [k for k in keys if k not in value]
            if lacking or len(value) != len(keys):
                raise SymderiveError(f"{t.name}: expected arrays for {keys}, found {shown(list(value))}")
            return [value[k] for k in keys]
        if not isinstance(value, list | tuple | np.ndarray) or len(value) != len(supers):
            found = len(value) if isinstance(value, list | tuple | np.ndarray) else type(value).__name__
            raise SymderiveError(
                f"{t.name}: expected {len(supers)} arrays, one for each layer, found {found}"
            )
        return list(value)


def compile_derivation(
    derivation: Derivation,
    sizes: Sizes = None,
    *,
    batch: str | None = None,
    wrt: Iterable[TensorSymbol | str] | None = None,
    notation: str = "text",
) -> Compiled:
    """The NumPy function of a derivation.

    - `sizes`: values of symbolic sizes, as `explicit` takes them; a depth must have one, and so must a real
      symbol such as epsilon; other sizes are read from the arrays' shapes.
    - `batch`: "mean" or "sum" puts a sample index on all that depends on data, for a system of one sample.
    - `wrt`: what to differentiate by, if not by what the derivation has, such as ["w", "b", "x"].
    - `notation`: "text" or "latex", for the comments of the source.

    Raises SymderiveError where the system has no array operations: an arbitrary activation or cost, a step
    that is no superscript.

    >>> import numpy as np
    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 1], activation="tanh", cost="squared_error")
    >>> grad = compile_derivation(derive(net), batch="mean")
    >>> cost, gradients = grad(w=[np.zeros((1, 2))], b=[np.zeros(1)], x=np.ones((4, 2)), y=np.ones((4, 1)))
    >>> cost, gradients
    (0.5, {'w': [array([[-1., -1.]])], 'b': [array([-1.])]})
    """
    return Compiled(*_ready(derivation, sizes, batch, wrt), _notation(notation))


def python_source(
    derivation: Derivation,
    sizes: Sizes = None,
    *,
    batch: str | None = None,
    wrt: Iterable[TensorSymbol | str] | None = None,
    notation: str = "text",
    hessian: bool = False,
) -> str:
    """The source of the function, to be owned; with `hessian`, of the Hessian-vector product too.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> text = python_source(derive(mlp(widths=[2, 1], activation="tanh", cost="squared_error", samples="N")))
    >>> print([line.strip() for line in text.splitlines() if "tanh(" in line])
    ['# a[1, s, j] := tanh(z[1, s, j])  for s in 1..N, j in 1..1', 'a_1 = np.tanh(z_1, out=buffer_0)']
    """
    derivation, rule = _ready(derivation, sizes, batch, wrt)
    programs = [(GRADIENT, _gradient_program(derivation, rule))]
    if hessian:
        programs.append((HESSIAN, _hessian_program(derivation, rule)))
    return _module(programs, _notation(notation))


def _ready(
    derivation: Derivation, sizes: Sizes, batch: str | None, wrt: Iterable[TensorSymbol | str] | None
) -> tuple[Derivation, dict[Basic, Basic]]:
    """The derivation of what is to be compiled, and the sizes that are known."""
    system = derivation.system
    if batch is not None:
        names = [t.name for t in _targets(derivation)] if wrt is None else wrt
        derivation = derive(batched(system, batch), names)
    elif wrt is not None:
        derivation = derive(system, wrt)
    return derivation, _known((*derivation.system.definitions, *derivation.definitions), sizes)


def _known(definitions: tuple[Definition, ...], sizes: Sizes) -> dict[Basic, Basic]:
    """The sizes by symbol, and the values of real symbols such as epsilon, which no shape tells."""
    if not isinstance(sizes, Mapping):
        return size_rule(definitions, sizes)
    free = {s for d in definitions for s in d.rhs.free_symbols if s.is_Symbol and not s.is_integer}
    real = {str(s): s for s in free}
    constants = {k: v for k, v in sizes.items() if str(k) in real}
    rest = {k: v for k, v in sizes.items() if str(k) not in real}
    rule = size_rule(definitions, rest)
    return {**rule, **{real[str(k)]: exact(v, str(k)) for k, v in constants.items()}}


def _targets(derivation: Derivation) -> list[TensorSymbol]:
    """What a derivation has the derivatives by."""
    found = {d.symbol for d in derivation.definitions}
    system = derivation.system
    return [t for t in (*system.parameters, *system.inputs) if adjoint_symbol(system, t) in found]


def _gradient_program(derivation: Derivation, sizes: Mapping[Basic, Basic]) -> Program:
    system = derivation.system
    return build(derivation.as_system(), sizes, {t: adjoint_symbol(system, t) for t in _targets(derivation)})


def _hessian_program(derivation: Derivation, sizes: Mapping[Basic, Basic]) -> Program:
    second = hessian_vector(derive(derivation.system))
    whole: System = second.as_system()
    parameters = derivation.system.parameters
    return build(whole, sizes, {t: adjoint_symbol(second.system, t) for t in parameters}, with_cost=False)


def _notation(notation: str) -> str:
    if notation not in NOTATIONS:
        raise SymderiveError(f"notation: expected one of {', '.join(NOTATIONS)}, found {shown(notation)}")
    return notation


def _module(programs: list[tuple[str, Program]], notation: str) -> str:
    title = f"{programs[0][1].name}: generated by symderive from its layer equations; it needs NumPy alone."
    return module(programs, _latex if notation == "latex" else str, title.replace('"', "'"))


def _latex(d: Definition) -> str:
    left, right = equation_to_latex(d.lhs, d.rhs, avoid=d.context.symbols)
    return f"{left} = {right}"
