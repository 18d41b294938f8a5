"""The verdict of symderive on a hand-written backward pass."""

from __future__ import annotations

from hand_written import Backward
from hand_written_settings import Setting

from symderive.testing import GradientVerdict, check_gradient


def judged(
    fn: Backward, setting: Setting, form: str, convention: str | None, seed: int = 0
) -> GradientVerdict:
    """The verdict on a backward pass that was made for a setting."""
    return check_gradient(
        fn,
        setting.network(),
        form=form,
        reduction=setting.reduction,
        weight_decay=setting.weight_decay,
        convention=convention,
        seed=seed,
    )
