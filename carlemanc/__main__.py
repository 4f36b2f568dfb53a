"""`python -m carlemanc`: the same as the command `carlemanc`."""

import sys

from carlemanc.cli._app import main

sys.exit(main())
