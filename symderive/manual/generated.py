"""The pages of the manual that are read off the code: theorems, kernel rules, command line, public names.

No statement is typed here: those of the theorems are what the kernel proved while the manual is built.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import proofs
import symderive
from symderive.cli import _parser
from symderive.errors import SymderiveError
from symderive.proof import kernel
from symderive.proof.result import Proved
from symderive.view import to_latex

RULES = (
    *("reflexivity", "symmetry", "transitivity", "assume", "instantiate", "congruence", "ring", "reindex"),
    *("contraction", "decide", "split", "single", "vanishing", "differentiation", "specialise"),
    *("derivative", "induction"),
)

#   page        title                              modules, each with its public names
REFERENCE = {
    "testing": ("Testing gradients", ("testing", "strategies", "pytest_plugin")),
    "document": ("Documents", ("document",)),
    "dialect": ("Formulas as people write them", ("dialect",)),
    "training": (
        "Training of concrete networks",
        ("training.regression", "training.closed_form", "training.xor", "training.embedding",
         "training.inertia", "training.growth", "training.lipschitz", "training.nearly_tied",
         "training.figures", "training.drawing"),
    ),
    "systems": ("Systems and terms", ("calculus", "calculus.ranges", "systems", "systems.activations")),
    "derivation": ("Derivations", ("derivation",)),
    "proof": (
        "Proofs",
        ("proof", "proof.hypotheses", "proof.tactics", "proof.result", "proof.certificate", "proof.checker"),
    ),
}  # fmt: skip

ANNOTATION = re.compile(r"(: |-> )'([^']*)'")
UNIMPORTED = ("symderive.__main__", "symderive.manual", "symderive.pytest_plugin")


def theorem_page(proved: Proved) -> str:
    """Statement, hypotheses and witnesses of a theorem, in Markdown.

    >>> print(theorem_page(proofs.find("T18").prove()).splitlines()[0])
    # T18. Equal inputs keep their weights apart
    """
    parts = [f"# {proved.key}. {proved.title}", proved.summary, "## Statements"]
    for p in proved.propositions:
        parts += [f"**{p.name}.** {p.text}", f"$$\n{to_latex(p.theorem, ranges=True)}\n$$"]
    parts.append("## Hypotheses")
    for kind, words in (("assumption", "Assumed"), ("citation", "Cited"), ("definition", "Defined")):
        of_kind = [h for h in proved.hypotheses() if h.kind == kind]
        parts += [f"**{words}**" for _ in of_kind[:1]]
        parts += [f"{h.name}:\n\n$$\n{to_latex(h, ranges=True)}\n$$" for h in of_kind]
    parts.append("## Witnesses")
    parts += [f"- for *{w.defends}*" for w in proved.witnesses] or ["None."]
    if proved.sources:
        parts += ["## Sources", *(f"- {s}" for s in proved.sources)]
    return "\n\n".join(parts) + "\n"


def kernel_page() -> str:
    """The rules of the kernel with the first line of each docstring.

    >>> "reflexivity" in kernel_page()
    True
    """
    rows = ["# Rules of the kernel", "", "| rule | what it says |", "|---|---|"]
    for name in RULES:
        says = (inspect.getdoc(getattr(kernel, name)) or "").split("\n\n")[0]
        says = " ".join(says.split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {says} |")
    return "\n".join(rows) + "\n"


def command_page() -> str:
    """The help of every command, as argparse prints it.

    >>> "## symderive check" in command_page()
    True
    """
    parts = ["# The command line"]
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, parser in action.choices.items():
                parts += [f"## symderive {name}", f"```text\n{parser.format_help()}```"]
    return "\n\n".join(parts) + "\n"


def names_page() -> str:
    """Every public name of `symderive`, with its signature and docstring as it stands.

    >>> "## derive" in names_page()
    True
    """
    parts = ["# Public names"]
    for name in sorted(n for n in symderive.__all__ if not n.startswith("_")):
        parts += [f"## {name}", _text(_described(name, getattr(symderive, name)))]
    return "\n\n".join(parts) + "\n"


def module_page(title: str, modules: tuple[str, ...]) -> str:
    """Modules below symderive: docstring, public names with their signatures, and the members of classes.

    >>> page = module_page("Formulas", ("dialect",))
    >>> page.splitlines()[0], "### read" in page, "### DialectError" in page
    ('# Formulas', True, True)
    """
    parts = [f"# {title}"]
    for name in modules:
        module = import_module(f"symderive.{name}")
        parts += [f"## symderive.{name}", _text(inspect.getdoc(module) or "")]
        for public, thing in _public(module):
            parts += [f"### {public}", _text("\n\n".join([_described(public, thing), *_members(thing)]))]
    return "\n\n".join(parts) + "\n"


def errors_page() -> str:
    """Every kind of SymderiveError, and which one it refines.

    >>> "- `KernelError` (`symderive.proof.sequent`): A step that no rule allows" in errors_page()
    True
    """
    for found in walk_packages(symderive.__path__, "symderive."):
        if not found.name.startswith(UNIMPORTED):
            import_module(found.name)
    base = _text(_described("SymderiveError", SymderiveError))
    caught = (
        "All of these are caught by `except symderive.SymderiveError`; one below another is a kind of it."
    )
    return "\n\n".join(["# Errors", base, caught, "\n".join(_error_rows(SymderiveError))]) + "\n"


def _error_rows(kind: type[Exception], indent: str = "") -> Iterator[str]:
    """A list of what refines an error, with lists inside it."""
    for below in sorted(kind.__subclasses__(), key=lambda e: (e.__name__, e.__module__)):
        if below.__module__.startswith("symderive."):
            yield f"{indent}- `{below.__name__}` (`{below.__module__}`): {_first(below)}"
            yield from _error_rows(below, indent + "  ")


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Classes and functions: what `__all__` lists, else what the module defines; no hooks of pytest."""
    listed = getattr(module, "__all__", None)
    for name in sorted(n for n in (listed or vars(module)) if not n.startswith(("_", "pytest_"))):
        thing = getattr(module, name)
        defined = listed or getattr(thing, "__module__", "") == module.__name__
        if defined and (inspect.isclass(thing) or inspect.isroutine(thing)):
            yield name, thing


def _members(thing: Any) -> Iterator[str]:
    """The public methods and properties that a class defines, with the first paragraph of each."""
    for name, member in vars(thing).items() if inspect.isclass(thing) else ():
        called = getattr(member, "__func__", member)
        method = inspect.isfunction(called) or isinstance(called, property | cached_property)
        if name.startswith("_") or not method or not _first(member):
            continue
        yield f".{name}{_signature(called) if inspect.isroutine(called) else ''}\n    {_first(member)}"


def _described(name: str, thing: Any) -> str:
    signature = _signature(thing)
    return (f"{name}{signature}\n\n" if signature else "") + (inspect.getdoc(thing) or "")


def _signature(thing: Any) -> str:
    """The signature with its annotations as they are written, or "" where there is none."""
    try:
        return ANNOTATION.sub(r"\1\2", str(inspect.signature(thing)))
    except (TypeError, ValueError):
        return ""


def _first(thing: Any) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def _text(text: str) -> str:
    """A block of text, with a fence that is longer than those inside it."""
    fence = "````" if "```" in text else "```"
    return f"{fence}text\n{text}\n{fence}"


def _page(key: str) -> str:
    """The name of a theorem's page, which sorts by its number.

    >>> _page("T2b"), _page("T10")
    ('theorem-02b', 'theorem-10')
    """
    number = "".join(c for c in key if c.isdigit())
    return f"theorem-{number:0>2}{key.removeprefix('T').removeprefix(number)}"


def write(directory: Path) -> None:
    """Write all generated pages; the theorems are proved for it."""
    directory.mkdir(exist_ok=True)
    pages = {"kernel": kernel_page(), "commands": command_page(), "names": names_page()}
    pages |= {name: module_page(*what) for name, what in REFERENCE.items()} | {"errors": errors_page()}
    for module in proofs.library():
        pages[_page(module.KEY)] = theorem_page(module.prove())
    for name, text in pages.items():
        (directory / f"{name}.md").write_text(text, "utf-8")
