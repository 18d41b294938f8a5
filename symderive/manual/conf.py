"""How Sphinx builds the manual: `sphinx-build -W symderive/manual build/manual`."""

from pathlib import Path
from typing import Any

from symderive import __version__
from symderive.manual.generated import write

project = "symderive"
author = "symderive developers"
release = __version__
extensions = ["myst_parser", "symderive.manual.formulas"]
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["manual.css"]
html_title = f"symderive {release}"


def setup(app: Any) -> None:
    """Sphinx calls this once: an import of this file, as the doctests do it, proves and writes nothing."""
    write(Path(__file__).parent / "_generated")
