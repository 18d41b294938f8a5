"""The theorem library: one module for each theorem, t<number>_<name>.py, with KEY, NAME and prove().

Adding a theorem is adding a file: `library()` finds it.
"""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from symderive.errors import SymderiveError, did_you_mean

_MODULE = re.compile(r"t(\d+)_\w+")


def library() -> tuple[ModuleType, ...]:
    """The modules of all theorems, in the order of their numbers, then of their keys.

    >>> [m.KEY for m in library()][:2]
    ['T1', 'T2']
    """
    names = [m.name for m in iter_modules(__path__) if _MODULE.fullmatch(m.name)]
    modules = {n: import_module(f"{__name__}.{n}") for n in names}
    names.sort(key=lambda n: (int(n[1 : n.index("_")]), modules[n].KEY))
    return tuple(modules[n] for n in names)


def find(name: str) -> ModuleType:
    """The module of the theorem with this key or name; SymderiveError where there is none.

    >>> find("tied_neurons").KEY
    'T5'
    """
    for module in library():
        if name in (module.KEY, module.NAME, module.KEY.lower()):
            return module
    known = ", ".join(f"{m.KEY} {m.NAME}" for m in library())
    hint = did_you_mean(name, [m.NAME for m in library()])
    raise SymderiveError(f"expected a theorem of the library ({known}), found {name!r}{hint}")
