"""`python -m orchestration.lint.portable_sql PATH…` or `--manifest FILE`."""

import sys

from orchestration.lint.portable_sql.command import main

sys.exit(main())
