"""The sources of the manual, and the script that makes its generated pages; not part of the wheel."""
