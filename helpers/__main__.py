"""`python -m helpers COMMAND`: the commands, inside the environment."""

import sys

from helpers.cli import main

sys.exit(main())
