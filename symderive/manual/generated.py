"""The pages of the manual that are read off the code: theorems, kernel rules, command line, public names.

No statement is typed here: those of the theorems are what the kernel proved while the manual is built.
"""

from __future__ import annotations

import argparse
import inspect
from pathlib import Path

import proofs
import symderive
from symderive.cli import _parser
from symderive.proof import kernel
from symderive.proof.result import Proved
from symderive.view import to_latex

RULES = (
    *("reflexivity", "symmetry", "transitivity", "assume", "instantiate", "congruence", "ring", "reindex"),
    *("contraction", "decide", "split", "single", "vanishing", "differentiation", "specialise"),
    *("derivative", "induction"),
)


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
        thing = getattr(symderive, name)
        try:
            signature = f"{name}{inspect.signature(thing)}\n\n"
        except (TypeError, ValueError):
            signature = ""
        parts += [f"## {name}", f"```text\n{signature}{inspect.getdoc(thing) or ''}\n```"]
    return "\n\n".join(parts) + "\n"


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
    for module in proofs.library():
        pages[_page(module.KEY)] = theorem_page(module.prove())
    for name, text in pages.items():
        (directory / f"{name}.md").write_text(text, "utf-8")
