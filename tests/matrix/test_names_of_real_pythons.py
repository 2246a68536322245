"""The names that are computed for a Python, held against what the real ones on this machine say of themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from setuptools_pyo3.hands import target_files
from setuptools_pyo3.mind import abi, triples
from setuptools_pyo3.mind.abi import ABI3, SPECIFIC, Abi
from setuptools_pyo3.mind.evidence import Evidence
from setuptools_pyo3.mind.target_choice import choose_target
from setuptools_pyo3.mind.target_sources import Said

from ..support import Environments, run
from ..unit.values import linux

pytestmark = pytest.mark.cross

VERSIONS = ["3.9", "3.10", "3.11", "3.12", "3.13"]
ASKED = """
import json, sys, sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from packaging import tags
best = next(tags.sys_tags())
print(json.dumps({
    "suffix": sysconfig.get_config_var("EXT_SUFFIX"), "suffixes": EXTENSION_SUFFIXES, "platform": sysconfig.get_platform(),
    "tag": [best.interpreter, best.abi], "lib": sysconfig.get_path("stdlib"), "tags": [str(t) for t in tags.sys_tags()],
}))
"""


@pytest.fixture
def said(environments: Environments, tmp_path: Path) -> Any:
    """What a real Python of a version says of itself."""

    def ask(version: str) -> Dict[str, Any]:
        if environments.interpreter(version) is None:
            pytest.skip(f"no Python {version} on this machine")
        # packaging of the version that still runs there: the newest has left old Pythons.
        python = environments.make("packaging", python=version)
        found: Dict[str, Any] = json.loads(run([python, "-c", ASKED], cwd=tmp_path, env=environments.env).stdout)
        return found

    return ask


@pytest.mark.parametrize("version", VERSIONS)
def test_from_its_own_file_and_from_its_version_alone(said: Any, version: str) -> None:
    real = said(version)
    triple = "x86_64-unknown-linux-gnu"
    files = target_files.described(real["lib"])
    # Another Python runs the build, so that nothing is taken from a live one.
    running = linux((3, 20), libc="gnu")
    host = Evidence("this machine", "linux", "x86_64", "gnu", 64)
    described = choose_target(Said({}, running, running, host, named=(triple, "test"), files=tuple(files))).facts
    environ = {"PYO3_CROSS_PYTHON_VERSION": version}
    by_version = choose_target(Said(environ, running, running, host, named=(triple, "test"))).facts
    for facts in (described, by_version):
        assert facts.interpreter.ext_suffix == real["suffix"]
        assert list(abi.specific_tag(facts.interpreter)) == real["tag"]
        assert facts.target.platform == real["platform"]
        kinds: List[Abi] = [Abi(SPECIFIC), Abi(ABI3, (3, 9))]
        for kind in kinds:
            assert abi.suffix(kind, facts.interpreter) in real["suffixes"]
            assert f"{'-'.join(abi.tag(kind, facts.interpreter))}-linux_x86_64" in real["tags"]
    assert triples.parse(triple).multiarch in real["suffix"]
