"""``setuptools-pyo3 audit``: hold finished wheels, and native files, against what they promise."""

from __future__ import annotations

import argparse
import json
from typing import List, Sequence

from ..errors import ArtifactProblem
from ..hands import audit_data, native_files, wheel_file
from ..mind import audit, platform_request


def main(arguments: List[str]) -> int:
    """Print what there is to say about each file.

    Returns:
        0, or 1 where something breaks a promise.

    Raises:
        Problem: a file can't be read, or the extra is missing.
        SystemExit: the arguments are wrong.
    """
    options = _parser().parse_args(arguments)
    asked = platform_request.names(options.platform_tag, "--platform-tag")
    reports = [_report(path, asked) for path in options.files]
    if options.json:
        print(json.dumps({"version": 1, "reports": [audit.as_json(report) for report in reports]}, indent=2))
    else:
        print("\n\n".join(audit.as_text(report) for report in reports))
    return 1 if any(report.errors for report in reports) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="setuptools-pyo3 audit", description="Hold wheels and native files against the tags they bear."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a wheel, or a module or library alone")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--platform-tag", default="", metavar="TAG", help="also hold them against this tag (manylinux_2_28); auto: against any"
    )
    return parser


def _report(path: str, asked: Sequence[str]) -> audit.Report:
    if path.endswith(".whl"):
        wheel = wheel_file.wheel(path)
        limited = audit.limited_api(wheel.tags.python, wheel.tags.abi) is not None
        return audit.of_wheel(wheel, audit_data.knowledge(wheel.files, wheel.tags.platform, asked, limited=limited), asked)
    file = native_files.read(path, path.replace("\\", "/"))
    if file is None:
        raise ArtifactProblem("it is neither a wheel nor a native file", where=path)
    limited = file.module is not None and bool(file.module.limited)
    return audit.of_file(file, audit_data.knowledge((file,), (), asked, limited=limited), asked)
