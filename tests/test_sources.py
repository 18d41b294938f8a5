"""No source evaluates text or prints below the command line; no file is oversized, stray, or of one machine.

Each law is a function that lists violations. It is applied twice: to this checkout, where the list must be
empty, and to a small input that breaks the law, where the list must name what broke it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

Sources = dict[str, str]  # the name of a module -> its source
Law = Callable[[Sources], list[str]]

# Functions that run text as a program, or may: sympify, S(...) and parse_expr evaluate what they are given.
# SymPy's `_sympify` is strict, refuses text, and is free to use. A module that must use one of these is
# entered below with its reason.
TEXT_AS_PROGRAM = frozenset({"eval", "exec", "sympify", "parse_expr", "parse_latex", "__import__"})
OF_OTHERS_TOO = frozenset({"eval", "exec"})  # `model.eval()` of other libraries is another thing
CALLED_AS_PROGRAM = frozenset({"S", "compile"})  # `S.Zero` and `re.compile` are no such calls
PICKLES = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"})
# generated NumPy becomes a function there, and nowhere else
MAY_RUN_TEXT: frozenset[str] = frozenset({"symderive.compilation.loading"})

MAY_PRINT = frozenset({"symderive.cli", "symderive.__main__"})  # with all below them
PRINTING = re.compile(r"(builtins\.)?print|sys\.(__)?std(out|err)(__)?\.write(lines)?")

MAX_BYTES = 24_000
MAY_BE_LARGE: frozenset[str] = frozenset(
    {
        "symderive/manual/gap.svg",  # a figure of the README, whose letters are outlines
    }
)

TOP_LEVEL = frozenset(
    {".ci", ".gitignore", ".pre-commit-hooks.yaml", "CHANGELOG.md", "LICENSE", "README.md"}
    | {"proofs", "pyproject.toml", "symderive", "tests"}
)

# Directories of one person or one machine, and options that send pip elsewhere. Written in pieces, so that
# this file does not contain what it forbids.
DIRECTORIES = r"(?<![\w.~])/(?:home|root|work|tmp|Users)" + r"/\w"
MACHINE = re.compile("|".join((DIRECTORIES, r"\b[A-Z]:\\+" + "Users", "index" + "-url")))


def mentions(node: ast.AST) -> set[str]:
    """The names by which one node of a syntax tree calls, passes on or imports what may run text."""
    match node:
        case ast.Name(id=name):
            return {name} & TEXT_AS_PROGRAM
        case ast.Attribute(value=ast.Name(id="builtins"), attr=name):
            return {name} & TEXT_AS_PROGRAM
        case ast.Attribute(attr=name):
            return {name} & (TEXT_AS_PROGRAM - OF_OTHERS_TOO)
        case ast.Import(names=aliases):
            return {alias.name for alias in aliases} & PICKLES
        case ast.ImportFrom(module=module, names=aliases):
            return {module or ""} & PICKLES | {alias.name for alias in aliases} & TEXT_AS_PROGRAM
        case ast.Call(func=ast.Name(id=name)) if name in CALLED_AS_PROGRAM:
            return {name}
        case ast.Call(func=ast.Attribute(attr="S")):
            return {"S"}
        case ast.keyword(arg="allow_pickle", value=value) if ast.unparse(value) != "False":
            return {"allow_pickle"}
    return set()


def text_as_program(sources: Sources) -> list[str]:
    """Every mention of a function that may run text as a program: called, passed on, or imported."""
    return [
        f"{module}:{getattr(node, 'lineno', '?')} uses {name}"
        for module, source in sources.items()
        if module not in MAY_RUN_TEXT
        for node in ast.walk(ast.parse(source, module))
        for name in sorted(mentions(node))
    ]


def prints(sources: Sources) -> list[str]:
    """Calls of print, and writes to the standard streams, below the command line."""
    return [
        f"{module}:{node.lineno} calls {ast.unparse(node.func)}"
        for module, source in sources.items()
        if not any(module == place or module.startswith(place + ".") for place in MAY_PRINT)
        for node in ast.walk(ast.parse(source, module))
        if isinstance(node, ast.Call) and PRINTING.fullmatch(ast.unparse(node.func))
    ]


def oversized(sizes: dict[str, int]) -> list[str]:
    """Files over 24 kB: one idea a file."""
    return [
        f"{path} has {size} bytes, more than {MAX_BYTES}"
        for path, size in sizes.items()
        if size > MAX_BYTES and path not in MAY_BE_LARGE
    ]


def strays(paths: Iterable[str]) -> list[str]:
    """Top-level entries that nobody decided on."""
    return sorted({path.split("/")[0] for path in paths} - TOP_LEVEL)


def machine_words(texts: dict[str, str]) -> list[str]:
    """Absolute paths of one machine, which hold nowhere else."""
    return [
        f"{path}:{number} says {found.group()!r}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        for found in MACHINE.finditer(line)
    ]


# ------------------------------------------------------------------------------ applied to this tree


@pytest.mark.parametrize("law", [text_as_program, prints])
def test_the_packages_keep_the_law(law: Law, sources: Sources) -> None:
    assert {"symderive", "symderive.errors", "symderive.calculus", "proofs"} <= sources.keys()
    assert law(sources) == []


def test_no_file_is_oversized(checkout: Path, tracked: list[str]) -> None:
    assert oversized({path: (checkout / path).stat().st_size for path in tracked}) == []


def test_the_top_level_holds_only_what_was_decided(tracked: list[str]) -> None:
    assert {"README.md", "pyproject.toml", ".ci/run"} <= set(tracked)
    assert strays(tracked) == []


def test_no_file_names_a_machine(checkout: Path, tracked: list[str]) -> None:
    assert machine_words({path: (checkout / path).read_text("utf-8", "replace") for path in tracked}) == []


def test_no_exception_outlives_its_file(checkout: Path, sources: Sources) -> None:
    assert MAY_RUN_TEXT - sources.keys() == set()
    assert {path for path in MAY_BE_LARGE if not (checkout / path).is_file()} == set()


# ----------------------------------------------------------------------- each law refuses its breach


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("x = eval('1')", "m:1 uses eval"),
        ("import builtins\nbuiltins.exec('1')", "m:2 uses exec"),
        ("import sympy\nsympy.sympify('1')", "m:2 uses sympify"),
        ("from sympy import sympify as s", "m:1 uses sympify"),
        ("y = list(map(parse_expr, x))", "m:1 uses parse_expr"),
        ("def f(x):\n    return S(x)", "m:2 uses S"),
        ("sp.S('1')", "m:1 uses S"),
        ("import pickle", "m:1 uses pickle"),
        ("from pickle import load", "m:1 uses pickle"),
        ("numpy.load(f, allow_pickle=True)", "m:1 uses allow_pickle"),
        ("numpy.load(f, allow_pickle=wish)", "m:1 uses allow_pickle"),
        ("compile('1', '', 'single')", "m:1 uses compile"),
        ("__import__('os')", "m:1 uses __import__"),
    ],
)
def test_text_run_as_a_program_is_named(source: str, says: str) -> None:
    assert text_as_program({"m": source}) == [says]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def f():\n    print('x')", "symderive.documents:2 calls print"),
        ("import sys\nsys.stdout.write('x')", "symderive.documents:2 calls sys.stdout.write"),
        ("import sys\nsys.__stderr__.write('x')", "symderive.documents:2 calls sys.__stderr__.write"),
    ],
)
def test_a_print_below_the_command_line_is_named(source: str, says: str) -> None:
    assert prints({"symderive.documents": source}) == [says]
    assert prints({"symderive.cli.tables": source, "symderive.cli": source}) == []


@pytest.mark.parametrize("law", [text_as_program, prints])
def test_ordinary_code_passes(law: Law) -> None:
    ordinary = """
        from sympy.core.sympify import _sympify
        x = S.Zero + _sympify(1)
        re.compile("eval("); derivation.compile(); model.eval()
        numpy.load(f, allow_pickle=False)
        stream.write("print"); printer.doprint(x); reprint("x")
    """
    assert law({"m": "if True:\n" + ordinary}) == []


def test_an_oversized_file_is_named() -> None:
    assert oversized({"a.py": MAX_BYTES, "b.py": MAX_BYTES + 1}) == ["b.py has 24001 bytes, more than 24000"]


def test_a_stray_is_named() -> None:
    assert strays(["README.md", "notes.txt", "utils/a.py", "tests/conftest.py"]) == ["notes.txt", "utils"]


@pytest.mark.parametrize(
    "text", ["/" + "home/ada/x", "open('/" + "tmp/x')", "C:" + "\\" + "Users", "--index" + "-url x"]
)
def test_the_name_of_a_machine_is_found(text: str) -> None:
    assert [words.split(" says")[0] for words in machine_words({"a.md": f"first\n{text}"})] == ["a.md:2"]


@pytest.mark.parametrize("text", ["d/work/x", "../shared/coq", "https://example.org/home/x", r"\frac{a}/tmp"])
def test_relative_paths_and_links_name_no_machine(text: str) -> None:
    assert machine_words({"a.md": text}) == []
