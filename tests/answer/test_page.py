"""Pages in a real browser and before a validator: accessible, no wider than the screen, quick, and closed.

Needs chromium, playwright and axe-playwright-python; the validator needs java and the jar of the Nu Html
Checker, whose path is in SYMDERIVE_VNU. On a user's machine what is missing is skipped, in CI nothing is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from symderive.commands.answer import Answer
from symderive.documents.blocks import Document
from symderive.documents.html_writer import to_html

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
JAR = os.environ.get("SYMDERIVE_VNU", "")
CI = bool(os.environ.get("CI"))
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
QUICK = 1000.0
"""Milliseconds until a page has loaded; on a loaded machine the best of a few tries counts."""

in_browser = pytest.mark.skipif(
    not CI and not (CHROMIUM and find_spec("playwright") and find_spec("axe_playwright_python")),
    reason="no chromium, or no playwright with axe",
)

WIDER = """() => [...document.querySelectorAll('main *')].filter(e => {
  for (let q = e; q && q !== document.body; q = q.parentElement)
    if (getComputedStyle(q).overflowX !== 'visible') return false;
  const box = e.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1;
}).map(e => e.outerHTML.slice(0, 80))"""
"""What sticks out of the page, and is in no box that scrolls by itself."""


@pytest.fixture(scope="module")
def pages(
    found: Answer, documents: dict[str, Document], tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    folder = tmp_path_factory.mktemp("pages")
    shown = {"answer": found.document, "T5": documents["T5"], "T9": documents["T9"]}
    for name, document in shown.items():
        (folder / f"{name}.html").write_text(to_html(document), "utf-8")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        yield p.chromium.launch(executable_path=CHROMIUM)


def opened(browser: Any, page: Path, width: int, scheme: str, **options: Any) -> tuple[Any, list[str]]:
    """The page as it is shown, and what it asked for or complained of on the way."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **options
    )
    tab, noise = context.new_page(), []
    tab.on("console", lambda m: noise.append(m.text))
    tab.on("request", lambda r: r.url.startswith(("file:", "data:")) or noise.append(r.url))
    tab.goto(page.as_uri())
    return tab, noise


def violations(tab: Any) -> list[str]:
    """What axe finds, with everything unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(tab).response["violations"]
    return [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:120]}" for v in found]


@in_browser
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_the_screen_and_ask_for_nothing(
    browser: Any, pages: list[Path], width: int, scheme: str
) -> None:
    for page in pages:
        tab, noise = opened(browser, page, width, scheme)
        assert noise == [], page.name
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, page.name
        assert tab.evaluate(WIDER) == [], page.name
        tab.context.close()


@in_browser
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(browser: Any, pages: list[Path], width: int, scheme: str) -> None:
    for page in pages:
        tab, _ = opened(browser, page, width, scheme, bypass_csp=True)
        assert violations(tab) == [], page.name
        tab.context.close()


@in_browser
def test_axe_would_find_something(browser: Any, pages: list[Path], tmp_path: Path) -> None:
    spoiled = tmp_path / "spoiled.html"
    source = pages[-1].read_text("utf-8")
    spoiled.write_text(
        source.replace('<html lang="en">', "<html>").replace("<h1>", '<img src="data:,"><h1>'), "utf-8"
    )
    tab, _ = opened(browser, spoiled, 1280, "light", bypass_csp=True)
    found = {v.split(":")[0] for v in violations(tab)}
    assert {"html-has-lang", "image-alt"} <= found
    tab.context.close()


@in_browser
def test_the_answer_loads_in_less_than_a_second(browser: Any, pages: list[Path]) -> None:
    taken = []
    for _ in range(5):
        tab, _ = opened(browser, pages[-1], 1280, "light")
        taken.append(tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        tab.context.close()
    assert pages[-1].name == "answer.html" and 0 < min(taken) < QUICK, taken


# ---------------------------------------------------------------------------------------- the Nu Html Checker


def complaints(page: Path) -> str:
    """Errors only: it warns of every picture, as it does not know which of them a policy admits."""
    command = ["java", "-jar", JAR, "--errors-only", "--format", "text", str(page)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return ran.stderr + ran.stdout if ran.returncode else ""


@pytest.mark.skipif(not CI and not (JAR and shutil.which("java")), reason="no java, or no SYMDERIVE_VNU")
def test_the_nu_html_checker_finds_no_error(pages: list[Path], tmp_path: Path) -> None:
    for page in pages:
        assert complaints(page) == ""
    wrong = tmp_path / "wrong.html"
    wrong.write_text(pages[-1].read_text("utf-8").replace("<h1>", "<h1><p>", 1), "utf-8")
    assert "error" in complaints(wrong)
