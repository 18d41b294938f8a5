"""Imports point downwards only, run in no circle, and keep the referee apart from the player.

Each law is a function from sources to a list of violations. It is applied twice: to this checkout, where the
list must be empty, and to small sources that break the law, where the list must name what broke it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator

import pytest

Sources = dict[str, str]  # the name of a module -> its source; a package goes by the name of its __init__
Law = Callable[[Sources], list[str]]

# The files of the oracle, which count as one package: they may import each other.
REFERENCE = (
    "symderive.reference",
    "symderive.reference_arrays",
    "symderive.reference_data",
    "symderive.reference_exact",
    "symderive.reference_functions",
    "symderive.reference_optimisers",
)

# From the ground up. A module may import what is lower, and its own package.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("symderive.errors",),
    ("symderive.displayed",),
    ("symderive.calculus", "symderive.dialect", *REFERENCE),
    ("symderive.systems",),
    ("symderive.derivation",),
    ("symderive.evaluation",),
    ("symderive.latex",),
    ("symderive.compilation",),
    ("symderive.proof",),
    ("symderive.claims",),
    ("symderive.coq",),
    ("symderive.formulas", "symderive.bridges", "symderive.verification"),
    ("symderive.documents",),
    # `symderive.displayed` names it where something is shown: the hook is below, what it asks is here
    ("symderive.display",),
    ("symderive.training",),
    ("proofs",),
    ("symderive.answer",),
    (
        "symderive",
        "symderive.__main__",
        "symderive.calling",
        "symderive.cli",
        "symderive.commands",
        "symderive.document",
        "symderive.library",
        "symderive.manual",
        "symderive.pytest_plugin",
        "symderive.show",
        "symderive.spectrum",
        "symderive.strategies",
        "symderive.testing",
        "symderive.view",
    ),
)

# What the checker is made of, and all of the engine that it may know: the data types of terms.
CHECKER = (
    "symderive.proof.checker",
    *(
        f"symderive.proof.checker.{name}"
        for name in ("differential", "files", "ranges", "ring", "rules", "sequent", "signs", "table")
    ),
)
TERM_TYPES = (
    "symderive.errors",
    "symderive.calculus.atoms",
    "symderive.calculus.binding",
    "symderive.calculus.terms",
)

# Module -> everything that it may reach, through any chain of imports, beside the standard library.
CONFINED: dict[str, frozenset[str]] = {
    # The truth that gradients are compared with shares nothing with the engine.
    **dict.fromkeys(REFERENCE, frozenset({"numpy", "symderive.errors", *REFERENCE})),
    # Its part in exact fractions shares nothing with the part in floats either.
    "symderive.reference_exact": frozenset({"symderive.errors"}),
    # The checker knows the data types of terms: no normal form, no differentiator, no kernel, no tactic.
    **dict.fromkeys(CHECKER, frozenset({"sympy", *TERM_TYPES, *CHECKER})),
}

# The one way back up inside a package: names build terms, w[l, j, k] and sigma(z), when a person writes them.
MAY_CLOSE_A_CIRCLE: frozenset[tuple[str, str]] = frozenset(
    {("symderive.calculus.atoms", "symderive.calculus.terms")}
)

# A method by which a person reaches what lies above, imported when it is called: derivation.compile().
MAY_REACH_UP: frozenset[tuple[str, str]] = frozenset(
    {("symderive.derivation.derive", "symderive.compilation")}
)

# What a user's tests take from symderive: the only modules that may know pytest and hypothesis.
FOR_TESTS = ("symderive.pytest_plugin", "symderive.strategies")

# ------------------------------------------------------------------------------- reading the imports


def within(module: str, package: str) -> bool:
    """Whether a module is the package or lies in it."""
    return module == package or module.startswith(package + ".")


def ours(module: str) -> bool:
    return within(module, "symderive") or within(module, "proofs")


def imports(module: str, sources: Sources, *, for_types: bool = True) -> Iterator[tuple[str, int]]:
    """The modules that a module names in its imports, wherever they stand in it, each with its line.

    `from p import n` names `p.n` where that is a module of the tree, else `p`. Without `for_types` it leaves
    out what stands under `if TYPE_CHECKING:`, which never runs.
    """
    is_package = any(other.startswith(module + ".") for other in sources)
    tree = ast.parse(sources[module], module)
    never_run = {
        id(inner)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test).split(".")[-1] == "TYPE_CHECKING"
        for statement in branch.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in never_run and not for_types:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                kept = parts[: len(parts) - node.level + (1 if is_package else 0)]
                base = ".".join([*kept, *([base] if base else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield (inner if inner in sources else base), node.lineno


# ------------------------------------------------------------------------------------------ the laws


def layer(module: str) -> int | None:
    """The height of a module; `symderive` in LAYERS means that module alone, any other name all below it."""
    for height, names in enumerate(LAYERS):
        if any(module == name or (name != "symderive" and within(module, name)) for name in names):
            return height
    return None


def home(module: str) -> str:
    """The package that a module belongs to, whose modules may import each other."""
    if module in REFERENCE:
        return "symderive.reference"
    return "proofs" if within(module, "proofs") else ".".join(module.split(".")[:2])


def upward_imports(sources: Sources) -> list[str]:
    """Imports that do not point downwards, those inside functions and for type checkers included."""
    found = []
    top = len(LAYERS) - 1  # the entrances may name each other
    for module in sources:
        height = layer(module)
        if height is None:
            found.append(f"{module} has no layer: enter it in LAYERS of tests/test_structure.py")
            continue
        for target, line in imports(module, sources):
            if not ours(target) or home(target) == home(module) or (module, target) in MAY_REACH_UP:
                continue
            below = layer(target)
            if below is None or below > height or (below == height and height != top):
                found.append(f"{module}:{line} imports {target}, which is not below it")
    return found


def import_cycles(sources: Sources) -> list[str]:
    """Modules that import each other in a circle; putting an import inside a function does not break it."""
    graph = {
        module: sorted(
            {
                target
                for target, _ in imports(module, sources, for_types=False)
                if target in sources
                and target != module
                and (module, target) not in MAY_CLOSE_A_CIRCLE | MAY_REACH_UP
            }
        )
        for module in sources
    }
    found: set[str] = set()
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            circle = path[path.index(module) :]
            start = circle.index(min(circle))
            found.add(" -> ".join((*circle[start:], *circle[:start], circle[start])))
        elif module not in done:
            for target in graph[module]:
                visit(target, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())
    return sorted(found)


def breakouts(sources: Sources) -> list[str]:
    """Whatever a confined module reaches, through any chain of imports, beyond what it may."""
    found = []
    for start, may in CONFINED.items():
        waiting = [module for module in sources if within(module, start)]
        seen = set(waiting)
        while waiting:
            module = waiting.pop()
            for target, line in imports(module, sources, for_types=False):
                if target.split(".")[0] in sys.stdlib_module_names or within(target, start):
                    continue
                if target not in may and (ours(target) or target.split(".")[0] not in may):
                    found.append(f"{start} must not reach {target}: {module}:{line}")
                elif target in sources and target not in seen:
                    seen.add(target)
                    waiting.append(target)
    return found


def imports_of_tests(sources: Sources) -> list[str]:
    """A package that imports the tests; or pytest or hypothesis, outside the modules made for them."""
    found = []
    for module in sources:
        if module in FOR_TESTS:
            continue
        for target, line in imports(module, sources):
            if target.split(".")[0] in {"tests", "conftest", "pytest", "_pytest", "hypothesis"}:
                found.append(f"{module}:{line} imports {target}")
    return found


# ------------------------------------------------------------------------------ applied to this tree

LAWS: tuple[Law, ...] = (upward_imports, import_cycles, breakouts, imports_of_tests)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_packages_keep_the_law(law: Law, sources: Sources) -> None:
    assert {"symderive", "symderive.errors", "symderive.calculus", "proofs"} <= sources.keys()
    assert law(sources) == []


def test_every_module_in_the_tables_is_there(sources: Sources) -> None:
    """A module that was renamed would silently escape its law."""
    named = {*REFERENCE, "symderive.errors"}
    assert {module for module in sources if module.startswith("symderive.reference")} == set(REFERENCE)
    if "symderive.proof.checker" in sources:  # it comes with the certificates
        named |= {"symderive.proof.checker", *CONFINED["symderive.proof.checker"] - {"sympy"}}
    assert named - sources.keys() == set()
    for module, target in MAY_CLOSE_A_CIRCLE:
        assert target in {name for name, _ in imports(module, sources, for_types=False)}


# ----------------------------------------------------------------------- each law refuses its breach

BASE: Sources = {
    "symderive": "",
    "symderive.errors": "",
    "symderive.calculus": "",
    "symderive.calculus.terms": "",
    "symderive.calculus.normal": "",
    "symderive.systems": "",
    "symderive.systems.system": "",
    "symderive.systems.dense": "def f():\n    from symderive.systems.system import System",
    "symderive.proof": "",
    "symderive.proof.kernel": "",
    "proofs": "",
    "symderive.cli": "",
}

BREACHES: tuple[tuple[Law, str, str, str], ...] = (
    # law, module, its source -> what the law must say
    (upward_imports, "calculus.terms", "from symderive.systems import System", "imports symderive.systems"),
    (upward_imports, "calculus.terms", "from ..systems import System", "imports symderive.systems"),
    (upward_imports, "calculus", "from symderive import systems", "imports symderive.systems"),
    (upward_imports, "calculus", "from .. import cli", "imports symderive.cli"),
    (upward_imports, "calculus.terms", "def f():\n    import symderive.systems", ":2 imports"),
    (upward_imports, "calculus", "if TYPE_CHECKING:\n    import symderive.proof", ":2 imports"),
    (upward_imports, "systems", "from symderive import mlp", "imports symderive, which"),
    (upward_imports, "errors", "import symderive.calculus.terms", "imports symderive.calculus.terms"),
    (upward_imports, "proof.kernel", "import proofs", "imports proofs"),
    (upward_imports, "documents", "from symderive.cli import main", "imports symderive.cli"),
    (upward_imports, "reference", "import symderive.calculus", "imports symderive.calculus"),
    (upward_imports, "reference_data", "import symderive.calculus", "imports symderive.calculus"),
    (upward_imports, "calculus", "import symderive.reference_data", "imports symderive.reference_data"),
    (upward_imports, "reference_more", "", "no layer"),
    (upward_imports, "helpers", "", "no layer"),
    (import_cycles, "systems.system", "from .dense import d", "dense -> symderive.systems.system -> "),
    (import_cycles, "systems.system", "def f():\n    import symderive.systems.dense", ".system -> "),
    (breakouts, "reference", "import sympy", "must not reach sympy"),
    (breakouts, "reference", "from symderive.calculus import terms", "not reach symderive.calculus.terms"),
    (breakouts, "reference_arrays", "import sympy", "symderive.reference_arrays must not reach sympy"),
    (breakouts, "reference_functions", "def f():\n    import scipy", "must not reach scipy"),
    (breakouts, "reference_data", "from symderive.systems import mlp", "not reach symderive.systems:"),
    (breakouts, "reference_exact", "import numpy", "symderive.reference_exact must not reach numpy"),
    (breakouts, "reference_exact", "from symderive.reference import cost", "not reach symderive.reference:"),
    (breakouts, "proof.checker", "from symderive.proof.kernel import Theorem", "not reach symderive.proof"),
    (breakouts, "proof.checker", "from symderive.calculus import normal", "reach symderive.calculus.normal"),
    (breakouts, "proof.checker", "from symderive.calculus import tensor", "not reach symderive.calculus:"),
    (imports_of_tests, "calculus", "import tests.conftest", "imports tests.conftest"),
    (imports_of_tests, "calculus", "def f():\n    import pytest", "symderive.calculus:2 imports pytest"),
    (imports_of_tests, "systems", "import hypothesis.strategies", "systems:1 imports hypothesis.strategies"),
)


@pytest.mark.parametrize(("law", "module", "source", "says"), BREACHES)
def test_a_breach_is_named(law: Law, module: str, source: str, says: str) -> None:
    violations = law({**BASE, f"symderive.{module}": source})
    assert len(violations) == 1, violations
    assert says in violations[0]


LAWFUL: tuple[tuple[str, str], ...] = (
    ("symderive.calculus", ""),
    ("symderive.calculus", "from symderive.calculus.terms import Entry"),
    ("symderive.calculus.terms", "from sympy import Expr\nfrom symderive.errors import SymderiveError"),
    ("symderive.systems.system", "if typing.TYPE_CHECKING:\n    from symderive.systems.dense import Dense"),
    ("symderive", "def __getattr__(name):\n    from symderive import cli, systems\n    import proofs"),
    ("symderive.cli", "import proofs, symderive\nfrom symderive.proof import kernel"),
    ("symderive.reference", "import csv\nimport numpy as np\nfrom symderive.errors import SymderiveError"),
    ("symderive.reference", "import symderive.reference_arrays\nfrom .reference_data import load_data"),
    ("symderive.reference_data", "import csv\nfrom symderive.reference_arrays import Array"),
    ("symderive.proof.checker", "import json\nfrom symderive.calculus.terms import Entry"),
    ("symderive.pytest_plugin", "import pytest\nimport symderive.testing"),
    ("symderive.strategies", "def f():\n    from hypothesis import strategies"),
)


@pytest.mark.parametrize(("module", "source"), LAWFUL)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_what_keeps_the_laws_passes(law: Law, module: str, source: str) -> None:
    assert law({**BASE, "symderive.testing": "", module: source}) == []


@pytest.mark.parametrize(
    ("start", "between", "target"),
    [
        ("symderive.proof.checker", "symderive.calculus.terms", "symderive.calculus.normal"),
        ("symderive.reference", "symderive.errors", "symderive.calculus.terms"),
        ("symderive.reference_data", "symderive.errors", "sympy"),
    ],
)
def test_a_confined_module_does_not_escape_through_another(start: str, between: str, target: str) -> None:
    sources = {**BASE, start: f"import {between}", between: f"def f():\n    from {target} import x"}
    assert breakouts(sources) == [f"{start} must not reach {target}: {between}:2"]


def test_no_part_of_the_reference_leads_out_of_it() -> None:
    """Each part is held to the law for itself, and for whoever imports it."""
    first, *parts = REFERENCE
    for part in parts:
        sources = {**BASE, first: f"import {part}", part: "import symderive.calculus.terms"}
        assert breakouts(sources) == [
            f"{start} must not reach symderive.calculus.terms: {part}:1" for start in (first, part)
        ]
