"""Special cases of a setting: one activation, one cost, one output. What holds only there is said to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symderive.dialect.syntax import Name
from symderive.formulas.setting import Setting

KINDS = ("identity", "relu", "sigmoid", "tanh")


def special_cases(given: Setting) -> Sequence[tuple[str, Setting]]:
    """Words for each case, and the setting; made once."""
    if "cases" not in given.kept:
        given.kept["cases"] = list(_cases(given))
    found: Sequence[tuple[str, Setting]] = given.kept["cases"]
    return found


def _cases(given: Setting) -> Iterator[tuple[str, Setting]]:
    for name, f in given.functions.items():
        if f.kind == "generic" and not f.of and name == f.name:
            for kind in KINDS:
                own = {
                    k: replace(g, kind=kind) if g.name == f.name or g.of == f.name else g
                    for k, g in given.functions.items()
                }
                yield f"{name} is {kind}", replace(given, functions=own, kept={})
    for label, words in _dimensions(given).items():
        yield words, replace(given, units=frozenset({label}), kept={})


def _dimensions(given: Setting) -> dict[str, str]:
    """The dimensions that could be 1: those of one name, and the last of a family, n_L."""
    found: dict[str, str] = {}
    deepest = {str(high) for _, high in given.indices.values() if isinstance(high, Name)}
    for q in given.quantities:
        for e in q.shape or ():
            if isinstance(e, Name) and not e.sub:
                found.setdefault(e.base, f"{e.base} = 1")
            elif isinstance(e, Name) and str(e.sub[0]) in deepest:
                found.setdefault(f"{e.base}_{e.sub[0]}", f"{e.base}_{e.sub[0]} = 1")
    return found
