"""``python -m setuptools_pyo3``."""

import sys

from .cli.main import main

sys.exit(main())
