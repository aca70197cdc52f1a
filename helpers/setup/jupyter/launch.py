"""JupyterLab as `python -m jupyterlab` starts it, a second sooner.

jsonschema compiles a grammar for internationalised addresses as it is imported, if rfc3987-syntax is there (a
dependency of jupyter-events): 1.2 of 2.1 s until JupyterLab begins. No schema of Jupyter's asks for that format, and
jsonschema goes without it where the package is missing, so here it is missing.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Starts it with the words of the command line."""
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # Python's own way to say: there is none
    from jupyterlab.labapp import main as labapp  # type: ignore[import-untyped]  # it has no types

    labapp()


if __name__ == "__main__":
    main()
