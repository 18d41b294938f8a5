"""The kernel without one of its side conditions: each mutant is the module's source with one condition gone.

A condition is removed in one of four ways:
- a statement that refuses (`refuse(..)`, or a call of a function that may refuse) becomes `pass`;
- where the value of such a call is used, the value that it was to check is used unchecked;
- of a test `a or b` before a refusal, one of the alternatives is left out; so is one link of `not a <= b < c`
  and one component of `(a, b) != (c, d)`;
- of a test `a and b` for what is needed, in the functions of `NEEDED`, one of the parts is left out.

The tables of refused steps run over each mutant: the tests' modules are executed anew with it in its place.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import CodeType, ModuleType

CHAIN = ("symderive.proof.language", "symderive.proof.sequent", "symderive.proof.kernel")
HERE = Path(__file__).parent
TABLES = (
    "kernel_setting",
    "test_kernel",
    "test_induction",
    "test_forgery",
    "test_language",
    "test_false_theorems",
    "test_vanishing",
)

# what refuses as a statement, and where the value that it checks stands among its arguments
STATEMENTS = {
    "refuse", "_refuse", "_premise", "_arbitrary", "check", "require_real", "require_closed", "require_term",
    "require_integer", "_require_nodes", "_scalar", "_whole", "_family", "_power", "_entry", "_declared",
    "_goal", "_sum",
}  # fmt: skip
VALUES = {"check": 2, "well_formed": 1}
NEEDED = {"contraction", "_whole", "_power", "positive", "nonnegative", "is_index", "is_size"}


@dataclass(frozen=True)
class Mutant:
    """A module without one condition; `name` says which, as in the source."""

    module: str
    name: str
    code: CodeType


def called(e: ast.AST) -> str:
    """The name of the function that is called."""
    if not isinstance(e, ast.Call):
        return ""
    return e.func.attr if isinstance(e.func, ast.Attribute) else getattr(e.func, "id", "")


def refuses(s: ast.stmt) -> bool:
    """Whether the statement is a refusal."""
    return isinstance(s, ast.Expr) and called(s.value) in ("refuse", "_refuse")


Edit = Callable[[], AbstractContextManager[None]]


def edits(tree: ast.Module) -> Iterator[tuple[str, Edit]]:
    """Every way to remove one condition: where, and what removes it for a while."""

    def replace(parent: ast.AST, field: str, position: int | None, new: ast.AST) -> Edit:
        @contextmanager
        def done() -> Iterator[None]:
            whole = getattr(parent, field)
            changed = new if position is None else [*whole[:position], new, *whole[position + 1 :]]
            setattr(parent, field, changed)
            yield
            setattr(parent, field, whole)

        return done

    def slots(parent: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield field, None, value
            elif isinstance(value, list):
                for n, v in enumerate(value):
                    if isinstance(v, ast.AST):
                        yield field, n, v

    def shown(e: ast.AST) -> str:
        text = ast.unparse(e)
        return text if len(text) <= 90 else text[:87] + "..."

    def alternatives(test: ast.AST, where: str) -> Iterator[tuple[str, Edit]]:
        """Inside the test of a refusal."""
        denied = [
            n.operand for n in ast.walk(test) if isinstance(n, ast.UnaryOp) and isinstance(n.op, ast.Not)
        ]
        for parent in ast.walk(test):
            negated = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)
            inside = parent.operand if negated else None
            if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or) and parent not in denied:
                for n, v in enumerate(parent.values):
                    yield f"{where}: no '{shown(v)}'", replace(parent, "values", n, ast.Constant(False))
            if isinstance(inside, ast.BoolOp) and isinstance(inside.op, ast.And):
                for n, v in enumerate(inside.values):
                    yield f"{where}: no '{shown(v)}'", replace(inside, "values", n, ast.Constant(True))
            if isinstance(inside, ast.Compare) and len(inside.ops) > 1:
                terms = [inside.left, *inside.comparators]
                for n, op in enumerate(inside.ops):
                    links: list[ast.expr] = [
                        ast.Compare(terms[m], [o], [terms[m + 1]]) for m, o in enumerate(inside.ops) if m != n
                    ]
                    link = ast.Compare(terms[n], [op], [terms[n + 1]])
                    whole = links[0] if len(links) == 1 else ast.BoolOp(ast.And(), links)
                    yield f"{where}: no '{shown(link)}'", replace(parent, "operand", None, whole)
            if isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.NotEq):
                sides = (parent.left, parent.comparators[0])
                if all(isinstance(s, ast.Tuple) for s in sides):
                    for n, v in enumerate(sides[0].elts):  # type: ignore[attr-defined]
                        yield f"{where}: no '{shown(v)}'", without(sides, n)
                if isinstance(sides[0], ast.Set):
                    for n, v in enumerate(sides[0].elts):
                        yield f"{where}: no '{shown(v)}'", without(sides[:1], n)

    def without(sides: tuple[ast.AST, ...], n: int) -> Edit:
        @contextmanager
        def done() -> Iterator[None]:
            kept = [s.elts[n] for s in sides]  # type: ignore[attr-defined]
            for s in sides:
                del s.elts[n]  # type: ignore[attr-defined]
            yield
            for s, e in zip(sides, kept, strict=True):
                s.elts.insert(n, e)  # type: ignore[attr-defined]

        return done

    def needed(test: ast.AST, where: str) -> Iterator[tuple[str, Edit]]:
        for parent in ast.walk(test):
            if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.And):
                for n, v in enumerate(parent.values):
                    if "isinstance(" not in shown(v) and "type(" not in shown(v):  # which parts a term has
                        yield f"{where}: no '{shown(v)}'", replace(parent, "values", n, ast.Constant(True))

    def visit(node: ast.AST, where: str) -> Iterator[tuple[str, Edit]]:
        for field, n, child in slots(node):
            here = (
                f"{where}.{child.name}".strip(".")
                if isinstance(child, ast.FunctionDef | ast.ClassDef)
                else where
            )
            if isinstance(child, ast.Expr) and called(child.value) in STATEMENTS:
                yield f"{here}: no {shown(child)}", replace(node, field, n, ast.Pass())
                continue
            if called(child) in VALUES and here not in VALUES:
                value = child.args[VALUES[called(child)]]  # type: ignore[attr-defined]
                yield f"{here}: no {shown(child)}", replace(node, field, n, value)
            if isinstance(child, ast.If) and any(refuses(s) for s in child.body):
                yield from alternatives(child.test, here)
            if here.split(".")[-1] in NEEDED and isinstance(child, ast.If | ast.Return):
                yield from needed(child.test if isinstance(child, ast.If) else child, here)
            yield from visit(child, here)

    yield from visit(tree, "")


def mutants(module: str, text: str = "") -> Iterator[Mutant]:
    """The module, or another text in its place, without each of its conditions in turn."""
    path = Path(str(import_module(module).__file__))
    source = ast.parse(text or path.read_text())
    for name, edit in list(edits(source)):
        with edit():
            yield Mutant(module, name, compile(ast.fix_missing_locations(source), str(path), "exec"))


@contextmanager
def installed(mutant: Mutant | None) -> Iterator[dict[str, ModuleType]]:
    """The tables of refused steps, as the tests state them, over the kernel with this module in it."""
    from symderive import proof

    kept = {name: sys.modules.get(name) for name in (*CHAIN, *TABLES)}
    attributes = {name.rpartition(".")[2]: getattr(proof, name.rpartition(".")[2]) for name in CHAIN}
    tables: dict[str, ModuleType] = {}
    try:
        for name in (*CHAIN, *TABLES):
            short = name.rpartition(".")[2]
            made = ModuleType(name)
            made.__file__ = str(HERE / f"{name}.py") if name in TABLES else str(import_module(name).__file__)
            sys.modules[name] = made
            code = mutant.code if mutant and mutant.module == name else _code(made.__file__)
            exec(code, made.__dict__)
            if name in CHAIN:
                setattr(proof, short, made)
            else:
                tables[name] = made
        yield tables
    finally:
        for name, module in kept.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
        for short, module in attributes.items():
            setattr(proof, short, module)


_CODES: dict[str, CodeType] = {}


def _code(path: str) -> CodeType:
    if path not in _CODES:
        _CODES[path] = compile(Path(path).read_text(), path, "exec")
    return _CODES[path]
