"""Generated source, made into functions: the one place of the package that runs text as a program.

The text comes from `source` and `unrolled` alone. They write every statement themselves: names are
identifiers of their own making; what a user called a thing stands in comments and string literals.
"""

from __future__ import annotations

import linecache
from itertools import count
from typing import Any

_numbers = count(1)


def load(source: str, name: str) -> dict[str, Any]:
    """What the source defines; tracebacks show its lines, under `<name 1>`.

    >>> load("def twice(x):\\n    return 2 * x\\n", "doubling")["twice"](4)
    8
    """
    file = f"<{name} {next(_numbers)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(source, file, "exec"), namespace)
    return namespace
