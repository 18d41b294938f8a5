"""What makes a formula a claim: an equality outside of its brackets."""

from __future__ import annotations

import re

RELATION = re.compile(
    r"\\(?:not|neq?|leq?|geq?)(?![A-Za-z])\s*=?|[<>!]=|(?P<deeper>[{(\[])|(?P<back>[})\]])"
    r"|(?P<relation>=|\\(?:equiv|triangleq|doteq|coloneqq|propto|leftarrow|gets|stackrel|overset)(?![A-Za-z]))"
    r"|\\.",
    re.DOTALL,
)


def claims(inner: str) -> bool:
    r"""Whether there is an equality outside of all brackets.

    >>> claims("a = b"), claims(r"\sum_{i=1}^n x_i"), claims("P(X=1)"), claims(r"a \neq b")
    (True, False, False, False)
    """
    depth = 0
    for m in RELATION.finditer(inner):
        if m["relation"] and depth == 0:
            return True
        depth = max(0, depth + bool(m["deeper"]) - bool(m["back"]))
    return False
