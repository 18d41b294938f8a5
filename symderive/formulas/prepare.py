"""What a user gives as a setting: a name, an object, further definitions. Made once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from symderive.formulas.setting import Setting, SettingError, merged, setting


def prepared(
    given: Mapping[str, Any] | str | None,
    context: Sequence[str] = (),
    conventions: Mapping[str, str] | None = None,
) -> Setting:
    """The setting of a preset's name or a JSON object, with further definitions."""
    own: dict[str, Any] = (
        {"preset": "mlp"} if given is None else {"preset": given} if isinstance(given, str) else dict(given)
    )
    if context:
        own = merged(own, {"definitions": list(context)}) if "preset" not in own else {**own, "definitions": [
            *own.get("definitions", []), *context]}  # fmt: skip
    if conventions:
        own = merged(own, {"conventions": dict(conventions)})
    return _setting(_frozen(own))


def _frozen(x: Any) -> str:
    try:
        return json.dumps(x, sort_keys=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise SettingError(f"setting: expected plain JSON, found {error}") from None


@lru_cache(maxsize=256)
def _setting(text: str) -> Setting:
    return setting(json.loads(text))
