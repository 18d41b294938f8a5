"""Certificates of the library: replayed, compared with what the kernel proved, the same bytes every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256

import pytest

import proofs
from symderive.claims.certified import certified, says
from symderive.claims.evidence import CheckFailed
from symderive.proof.certificate import certificate, named_theorems
from symderive.proof.checker import replay

KEYS = [m.KEY for m in proofs.library()]
# the longest take minutes in a second process
QUICK = [key for key in KEYS if key not in ("T5b", "T5c", "T7")]


@pytest.mark.parametrize("key", KEYS)
def test_the_checker_finds_what_the_kernel_proved(key: str) -> None:
    proved = proofs.find(key).prove()
    theorems = named_theorems(proved)
    found = replay(certificate(theorems))
    assert set(found.theorems) == set(theorems)
    assert {p.name for p in proved.propositions} <= set(theorems)
    for name, t in theorems.items():
        assert says(found.theorems[name], t)
    assert sum(found.rules.values()) == found.steps


def test_every_rule_of_the_checker_is_used_by_the_library() -> None:
    used: set[str] = set()
    for key in KEYS:
        used |= set(replay(certificate(named_theorems(proofs.find(key).prove()))).rules)
    from symderive.proof.checker.rules import RULES

    assert used == set(RULES)


def test_the_same_bytes_in_another_process() -> None:
    """Hash seeds order sets and dictionaries of names: nothing of that may show."""
    program = (
        "import proofs, hashlib\n"
        "from symderive.proof.certificate import certificate, named_theorems\n"
        f"for key in {QUICK!r}:\n"
        "    text = certificate(named_theorems(proofs.find(key).prove()))\n"
        "    print(key, hashlib.sha256(text.encode()).hexdigest())\n"
    )
    found = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        found.append(done.stdout.split())
    here = []
    for key in QUICK:
        text = certificate(named_theorems(proofs.find(key).prove()))
        here += [key, sha256(text.encode()).hexdigest()]
    assert found[0] == found[1] == here


def test_a_certificate_is_versioned_and_stands_alone() -> None:
    data = json.loads(certificate(named_theorems(proofs.find("T1").prove())))
    assert (data["format"], data["version"]) == ("symderive-certificate", 1)
    assert set(data) == {"format", "version", "table", "hypotheses", "contexts", "steps", "theorems"}


def test_a_certificate_of_other_theorems_is_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run stops where the checker finds a theorem that the kernel did not prove."""
    from symderive.claims import certified as module

    proved = proofs.find("T1").prove()
    first, second, *_ = (p.theorem for p in proved.propositions)
    text = certificate(dict.fromkeys(named_theorems(proved), second))
    monkeypatch.setattr(module, "certificate", lambda theorems: text)
    with pytest.raises(CheckFailed, match="T1, one layer: the checker found another theorem than the kernel"):
        certified(proved)
    monkeypatch.setattr(module, "certificate", lambda theorems: certificate({"another": first}))
    with pytest.raises(CheckFailed, match="T1, one layer: the checker found another"):
        certified(proved)
    broken = text.replace('"rule": "transitivity"', '"rule": "symmetry"', 1)
    monkeypatch.setattr(module, "certificate", lambda theorems: broken)
    with pytest.raises(CheckFailed, match="T1: the checker refuses the certificate: step"):
        certified(proved)


def test_replaying_takes_time_in_proportion_to_the_steps() -> None:
    """Each step once: of two copies of a certificate's theorems, the second costs nothing new."""
    theorems = named_theorems(proofs.find("T3").prove())
    one = json.loads(certificate(theorems))
    two = json.loads(certificate({**theorems, **{f"{name}, again": t for name, t in theorems.items()}}))
    assert len(one["steps"]) == len(two["steps"]) and one["table"] == two["table"]
