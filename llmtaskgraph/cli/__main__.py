"""`python -m llmtaskgraph.cli` is `ltg`."""

import sys

from . import main

sys.exit(main())
