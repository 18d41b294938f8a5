"""The answer, and what it is assembled from: made once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from symderive.commands import prove
from symderive.commands.answer import MORE, Answer, assembled, result_for
from symderive.documents.blocks import Document

SEED = 20_260


@pytest.fixture(scope="session")
def documents(proved: Sequence[prove.Outcome]) -> dict[str, Document]:
    return {o.key: o.document for o in proved}


@pytest.fixture(scope="session")
def shared() -> dict[str, Document]:
    return {key: result_for(key, SEED, False).document for key in MORE}


@pytest.fixture(scope="session")
def found(documents: dict[str, Document], shared: dict[str, Document]) -> Answer:
    return assembled(documents | shared)
