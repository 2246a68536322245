"""A second checkout finds in sccache what the first one compiled: with a real sccache and a real redis."""

from __future__ import annotations

import shutil

import pytest

from ..faults.ground import CORE, answer_of, module, project_of
from ..support import Project, compiled, run
from .conftest import Checkouts, vendored
from .shared_cache import SharedCache

# What is asked for before each build, and never is in the cache for a new folder.
_PREFLIGHT = {"preflight"}
# The crates that are compiled for a configuration of PyO3's, which is ours and not the one that bare cargo sees.
_KNOW_PYTHON = {"pyo3_ffi", "pyo3_build_config"}

_DEPENDENCIES = '[dependencies]\npyo3-ffi = "0.30"\nserde = { version = "1", default-features = false }\nitoa = "1"\n'


@pytest.mark.slow
def test_a_second_checkout_hits_all_that_bare_cargo_hits_and_more(checkout: Checkouts, shared_cache: SharedCache) -> None:
    """The crates: three that include what their build scripts made, one that depends on such a one, and two plain ones."""

    def project(name: str) -> Project:
        made = project_of(checkout(name), "sharing", CORE, extra=_DEPENDENCIES)
        (made.folder / "Cargo.lock").unlink()
        if locked:
            shutil.copyfile(locked[0].folder / "Cargo.lock", made.folder / "Cargo.lock")
        made.env.update(shared_cache.env)
        return made

    def bare(name: str) -> Project:
        made = project(name)
        env = {**made.env, "PYO3_PYTHON": str(made.python), "PYO3_BUILD_EXTENSION_MODULE": "1"}
        run(["cargo", "build", "--release"], cwd=made.folder, env=env)
        return made

    locked: list[Project] = []
    locked.append(bare("bare/first"))
    _, can_hit = shared_cache.outcomes()
    bare("bare/second")
    bare_hits, bare_misses = shared_cache.outcomes()
    assert {"itoa", "libc"} <= bare_hits

    # What bare cargo has stored is found under the same keys.
    first = project("ours/first")
    first.setup("build_ext")
    hits, _ = shared_cache.outcomes()
    assert hits >= bare_hits - _KNOW_PYTHON

    # While the first checkout exists, the second one has a target folder at a path of its own, as with bare cargo.
    beside = project("ours/beside")
    beside.setup("build_ext")
    hits, _ = shared_cache.outcomes()
    assert hits >= bare_hits

    # On a machine without the others, everything is hit that can be.
    for other in (first, beside):
        shutil.rmtree(other.folder)
    alone = project("ours/elsewhere/alone")
    alone.setup("build_ext")
    hits, misses = shared_cache.outcomes()
    assert hits >= bare_hits | bare_misses
    assert hits >= can_hit - _PREFLIGHT
    assert misses == _PREFLIGHT
    assert answer_of(alone, cwd=next((alone.folder / "build").glob("lib*"))) == 42

    # What is left behind names the target folder itself, and plain cargo takes it for its own.
    assert alone.files("target/release/*.d") == ["target/release/libsharing.d"]
    assert (alone.folder / "target/release/libsharing.d").read_text().startswith(str(alone.folder / "target"))
    env = {name: value for name, value in alone.env.items() if name != "RUSTC_WRAPPER"}
    again = run(["cargo", "build", "--release"], cwd=alone.folder, env={**env, "PYO3_PYTHON": str(alone.python)})
    assert set(compiled(again.stdout)) <= {"pyo3-ffi", "pyo3-build-config", "sharing"}


def test_vendored_crates_are_hit_in_a_second_checkout(checkout: Checkouts, shared_cache: SharedCache) -> None:
    def project(name: str) -> Project:
        made = checkout(name).write({"pkg/__init__.py": ""})
        project_of(made, "sharing-vendored-core", CORE, source=module(answer="sharing_vendored::ANSWER as _"))
        made.write(vendored("sharing-vendored"))
        manifest = made.folder / "Cargo.toml"
        manifest.write_text(manifest.read_text() + '[dependencies]\nsharing-vendored = "1"\n')
        made.env.update(shared_cache.env)
        return made

    first = project("first")
    first.setup("build_ext")
    _, misses = shared_cache.outcomes()
    assert "sharing_vendored" in misses
    second = project("elsewhere/second")
    output = second.setup("build_ext").stdout
    hits, misses = shared_cache.outcomes()
    assert "sharing_vendored" in hits
    assert misses <= _PREFLIGHT
    assert ' --config="source"' in output.replace("'", "")

    # Other content is another place, and what is built from it is right.
    (second.folder / "vendor/sharing-vendored/src/lib.rs").write_text("pub const ANSWER: i64 = 43;\n")
    (second.folder / "Cargo.toml").touch()
    second.setup("build_ext")
    built = second.folder / "build"
    library = next(built.glob("lib*"))
    assert answer_of(second, cwd=library) == 43

    # In place, cargo without us works in the same target folder, and what it compiled stays good.
    output = second.setup("build_ext", "--inplace").stdout
    assert "--config" not in output
    assert answer_of(second) == 43


def test_a_dead_store_costs_a_deadline_and_not_the_build(checkout: Checkouts, shared_cache: SharedCache) -> None:
    """sccache itself would wait a minute for each crate."""
    project = project_of(checkout("project"), "sharing-frozen")
    project.env.update(shared_cache.env, SETUPTOOLS_PYO3_SCCACHE_TIMEOUT="1")
    project.setup("build_ext", "--inplace")
    (project.folder / "src/lib.rs").write_text(module(answer=43))
    with shared_cache.frozen():
        stopped = dict(project.env, SETUPTOOLS_PYO3_SCCACHE_FAILURE="stop")
        refused = run([project.python, "setup.py", "build_ext", "--inplace"], cwd=project.folder, env=stopped, check=False)
        assert refused.returncode == 1
        assert "why: it gave no answer within 1 s" in refused.stdout
        assert answer_of(project) == 42
        output = project.setup("build_ext", "--inplace").stdout
    assert "WARNING: building without sccache, because it gave no answer within 1 s" in output
    assert answer_of(project) == 43
    # Once the store answers, sccache is used again.
    (project.folder / "src/lib.rs").write_text(module(answer=44))
    assert "WARNING" not in project.setup("build_ext", "--inplace").stdout
    assert answer_of(project) == 44
