"""What a user gives as a setting: a name, an object, further definitions. Made once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from symderive.formulas.conventions import conventional
from symderive.formulas.quantities import SettingError
from symderive.formulas.setting import Setting, merged, setting

if TYPE_CHECKING:
    from symderive.systems.system import System


def prepared(
    given: Mapping[str, Any] | str | System | None,
    context: Sequence[str] = (),
    conventions: Mapping[str, str] | None = None,
) -> Setting:
    """The setting of a preset's name, a JSON object or a system, with further definitions."""
    own: dict[str, Any]
    if given is None or isinstance(given, str):
        own = {"preset": given or "mlp"}
    elif isinstance(given, Mapping):
        own = dict(given)
    elif hasattr(given, "definitions"):  # before the engine is imported for it
        from symderive.formulas.of_system import of_system

        own = of_system(given)
    else:
        raise SettingError(f"check: expected a system, a setting or the name of one, found {given!r:.40}")
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
    return conventional(setting(json.loads(text)))
