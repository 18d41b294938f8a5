"""The checker without one of its conditions: each mutant has the source of one module with a condition gone.

- a `need(..)` becomes `pass`;
- of what is needed, `a and b`, one part is left out; of a chain `a <= b < c`, one link;
- the same inside `all(..)` and in a condition that got a name before: `fits = a and b; need(fits, ..)`;
- in the functions of `DECIDING`, the same in what is tested, filtered by, or returned.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import CodeType, ModuleType

from symderive.proof import checker

PACKAGE = "symderive.proof.checker"
MODULES = (
    "sequent",
    "ranges",
    "ring",
    "differential",
    "signs",
    "table",
    "rules",
    "files",
)  # as they import each other

DECIDING = {
    "contraction", "nonnegative", "truth", "within", "at_least_one", "integral", "is_real", "plain",
    "descends", "says", "_permutes", "positive", "not_negative", "_term", "_tensor", "_unified", "_pair",
    "_shorter", "equal", "replaced", "closed", "_times", "moved", "vanishing",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A module without one condition; `name` says which, `line` where it refuses, 0 if elsewhere too."""

    module: str
    name: str
    line: int
    code: CodeType


def source(module: str) -> str:
    return (Path(checker.__file__).parent / f"{module}.py").read_text()


def _is_need(s: ast.AST) -> bool:
    return (
        isinstance(s, ast.Expr)
        and isinstance(s.value, ast.Call)
        and getattr(s.value.func, "id", "") == "need"
    )


def _parts(e: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What is left of a needed condition without one of its parts, and which part that was."""
    if isinstance(e, ast.BoolOp) and isinstance(e.op, ast.And):
        for n, part in enumerate(e.values):
            rest = [v for m, v in enumerate(e.values) if m != n]
            yield ast.unparse(part), rest[0] if len(rest) == 1 else ast.BoolOp(e.op, rest)
            for name, inner in _parts(part):
                yield name, ast.BoolOp(e.op, [*e.values[:n], inner, *e.values[n + 1 :]])
    if isinstance(e, ast.Compare) and len(e.ops) > 1:
        terms = [e.left, *e.comparators]
        links = [ast.Compare(terms[n], [op], [terms[n + 1]]) for n, op in enumerate(e.ops)]
        for n, link in enumerate(links):
            rest = [v for m, v in enumerate(links) if m != n]
            yield ast.unparse(link), rest[0] if len(rest) == 1 else ast.BoolOp(ast.And(), rest)
    if (
        isinstance(e, ast.Call)
        and getattr(e.func, "id", "") == "all"
        and isinstance(e.args[0], ast.GeneratorExp)
    ):
        for name, inner in _parts(e.args[0].elt):
            changed = copy.deepcopy(e)
            changed.args[0].elt = inner  # type: ignore[attr-defined]
            yield name, changed


def mutants(module: str) -> Iterator[Mutant]:
    """All of a module."""
    tree = ast.parse(source(module))
    for parent in ast.walk(tree):
        body = getattr(parent, "body", None)
        if not isinstance(body, list):
            continue
        for n, s in enumerate(body):
            if not _is_need(s):
                continue
            call: ast.Call = s.value
            shown = ast.unparse(call.args[0])[:80]
            where = f"{module}:{s.lineno}"

            body[n] = ast.copy_location(ast.Pass(), s)
            yield compiled(tree, module, f"{where}: no need of {shown}", s.lineno)
            body[n] = s
            condition = call.args[0]
            for name, left in _parts(condition):
                call.args[0] = ast.copy_location(left, condition)
                yield compiled(tree, module, f"{where}: no {name[:60]} in {shown}", s.lineno)
                call.args[0] = condition
            before = body[n - 1] if n else None
            named = isinstance(condition, ast.Name) and isinstance(before, ast.Assign)
            if named and ast.unparse(before.targets[0]) == condition.id:  # type: ignore[union-attr]
                value = before.value  # type: ignore[union-attr]
                for name, left in _parts(value):
                    before.value = ast.copy_location(left, value)  # type: ignore[union-attr]
                    yield compiled(tree, module, f"{where}: no {name[:60]} in {shown}", s.lineno)
                    before.value = value  # type: ignore[union-attr]
    for f in (f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.name in DECIDING):
        for parent, field, position, condition in _conditions(f):
            for name, left in _parts(condition):
                _put(parent, field, position, ast.copy_location(left, condition))
                where = f"{module}:{condition.lineno}"
                yield compiled(tree, module, f"{where}: no {name[:60]} in {ast.unparse(condition)[:80]}", 0)
                _put(parent, field, position, condition)


def compiled(tree: ast.Module, module: str, name: str, line: int) -> Mutant:
    whole = ast.fix_missing_locations(copy.deepcopy(tree))
    return Mutant(module, name, line, compile(whole, f"<{name}>", "exec"))


def _conditions(f: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """What is tested, filtered by, assigned or returned in a function, outermost, and where it hangs."""
    for parent in ast.walk(f):
        for field, value in ast.iter_fields(parent):
            if isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "need":
                continue
            for position, e in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(e, ast.BoolOp | ast.Compare | ast.Call) and not isinstance(parent, ast.BoolOp):
                    yield parent, field, position, e


def _put(parent: ast.AST, field: str, position: int | None, e: ast.expr) -> None:
    if position is None:
        setattr(parent, field, e)
    else:
        getattr(parent, field)[position] = e


@contextmanager
def installed(mutant: Mutant | None) -> Iterator[dict[str, ModuleType]]:
    """A new checker, one module of which is the mutant."""
    kept = {name: m for name, m in sys.modules.items() if name == PACKAGE or name.startswith(PACKAGE + ".")}
    for name in kept:
        del sys.modules[name]
    try:
        made = {}
        package = ModuleType(PACKAGE)
        package.__path__ = list(checker.__path__)
        sys.modules[PACKAGE] = package
        for short in MODULES:
            name = f"{PACKAGE}.{short}"
            if mutant is not None and mutant.module == short:
                module = ModuleType(name)
                module.__file__ = mutant.name
                sys.modules[name] = module
                exec(mutant.code, module.__dict__)
            else:
                module = import_module(name)
            made[short] = module
        yield made
    finally:
        for name in [n for n in sys.modules if n == PACKAGE or n.startswith(PACKAGE + ".")]:
            del sys.modules[name]
        sys.modules.update(kept)
