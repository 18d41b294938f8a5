"""All certificates that break one condition of the checker each."""

from __future__ import annotations

import refused_files
import refused_rings
import refused_rules
import refused_steps
import refused_vanishing
from certificate_setting import Case

TABLES = (refused_files, refused_steps, refused_rules, refused_rings, refused_vanishing)


def cases() -> list[Case]:
    """All rows, with bounds."""
    return [(row[0], row[1], row[2], row[3] if len(row) > 3 else {}) for t in TABLES for row in t.REFUSED]
