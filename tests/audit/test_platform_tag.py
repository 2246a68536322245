"""Wheels that ask for a platform tag get it when their files keep to it, and are not written when they don't."""

from __future__ import annotations

import platform
from typing import Callable, Dict

import pytest

from ..faults.ground import CORE, answer_of, content, crate, function, module, project_of, setup_py
from ..support import Project, Wheel, cargo_calls
from .wheels import auditwheel

MACHINE = platform.machine()
TABLE = '[tool.setuptools-pyo3]\nplatform-tag = {}\n'


def built(project: Project, *options: str) -> Wheel:
    project.setup("bdist_wheel", *options)
    return project.built_wheel()


def refused(project: Project, *options: str) -> str:
    """What a build that must fail says; nothing but setuptools' own scratch may change."""
    before = content(project.folder)
    done = project.setup("bdist_wheel", *options, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert content(project.folder) == before
    return done.stdout


# What has been imported when the build is over.
IMPORTED = """
import atexit, sys
AUDITS = ("abi3info", "auditwheel", "setuptools_pyo3.commands.wheel_audit", "setuptools_pyo3.mind.audit")
atexit.register(lambda: print("IMPORTED", [name for name in AUDITS if name in sys.modules]))
"""


def test_unasked_the_tag_is_setuptools_own(ground: Project) -> None:
    """A wheel for the machine it is built on, and an input for auditwheel: no promise, no audit, not a word about it."""
    project_of(ground, "tag-unasked").write({"setup.py": setup_py(CORE, before=IMPORTED)})
    done = ground.setup("bdist_wheel")
    assert "IMPORTED []" in done.stdout
    assert ground.built_wheel().tag.endswith(f"-linux_{MACHINE}")
    assert "PyPI" not in done.stdout
    assert "manylinux" not in done.stdout


@pytest.mark.parametrize("options", [(), ("--platform-tag=auto",)], ids=["plain", "auto"])
def test_auditwheel_repairs_it_as_ever(ground: Project, options: "tuple[str, ...]") -> None:
    """As cibuildwheel does after every build; what has its tag already is left as it is."""
    wheel = built(project_of(ground, "tag-repaired"), *options)
    ground.run(ground.python, "-m", "auditwheel", "repair", "-w", "repaired", wheel.path)
    (repaired,) = (Wheel(path) for path in ground.folder.glob("repaired/*.whl"))
    assert "-manylinux_" in repaired.tag
    assert set(wheel.content) <= set(repaired.content)
    assert answer_of(ground, cwd=repaired.unpack(ground.folder / "unpacked")) == 42


def test_auto_is_what_auditwheel_finds(ground: Project) -> None:
    project_of(ground, "tag-auto").write({"setup.py": setup_py(CORE, before=IMPORTED)})
    done = ground.setup("bdist_wheel", "--platform-tag=auto")
    assert "IMPORTED ['auditwheel', 'setuptools_pyo3.commands.wheel_audit'" in done.stdout
    wheel = ground.built_wheel()
    found = auditwheel(ground, wheel.path)
    assert found.startswith("manylinux_")
    assert found in wheel.tag.rpartition("-")[2].split(".")
    assert f"Tag: {wheel.tag.rpartition('-')[0]}-{found}" in wheel.read("WHEEL")


WAYS: Dict[str, Callable[[Project, str], "list[str]"]] = {}


def way(function: Callable[[Project, str], "list[str]"]) -> Callable[[Project, str], "list[str]"]:
    """A way of asking; it returns the options of bdist_wheel."""
    WAYS[function.__name__] = function
    return function


@way
def option(project: Project, name: str) -> "list[str]":
    return [f"--platform-tag={name}"]


@way
def setup_cfg(project: Project, name: str) -> "list[str]":
    project.write({"setup.cfg": f"[bdist_wheel]\nplatform_tag = {name}\n"})
    return []


@way
def variable(project: Project, name: str) -> "list[str]":
    project.env["SETUPTOOLS_PYO3_PLATFORM_TAG"] = name
    return []


@way
def pyproject(project: Project, name: str) -> "list[str]":
    project.write({"pyproject.toml": TABLE.format(f'"{name}"')})
    return []


@way
def pyproject_list(project: Project, name: str) -> "list[str]":
    project.write({"pyproject.toml": TABLE.format(f'["musllinux_1_2", "{name}"]')})
    return []


@pytest.mark.parametrize("asked", WAYS)
def test_all_ways_of_asking(ground: Project, asked: str) -> None:
    options = WAYS[asked](project_of(ground, f"tag-{asked.replace('_', '-')}"), "manylinux_2_39")
    assert built(ground, *options).tag.endswith(f"-manylinux_2_39_{MACHINE}")


def test_the_nearer_way_wins(ground: Project) -> None:
    project_of(ground, "tag-order").write({"pyproject.toml": TABLE.format('"manylinux_2_39"')})
    ground.env["SETUPTOOLS_PYO3_PLATFORM_TAG"] = "linux"
    assert built(ground).tag.endswith(f"-linux_{MACHINE}")
    assert built(ground, "--platform-tag=manylinux_2_38").tag.endswith(f"-manylinux_2_38_{MACHINE}")
    # A whole tag is asked for, and it is a true one.
    assert built(ground, f"--plat-name=manylinux_2_40_{MACHINE}").tag.endswith(f"-manylinux_2_40_{MACHINE}")


def test_a_broken_policy_stops_the_wheel_and_names_each_symbol(ground: Project) -> None:
    """Rust's standard library asks for glibc 2.28's statx where the C library has it."""
    project_of(ground, "tag-broken")
    built(ground, "--platform-tag=auto")
    said = refused(ground, "--platform-tag=manylinux2014")
    assert f"manylinux_2_17_{MACHINE} promises nothing as new" in said
    assert "statx needs GLIBC_2.28" in said
    assert "zig" in said
    assert f"{auditwheel(ground, ground.built_wheel().path)} is what the files keep to" in said
    assert "pkg/_core." in said


def test_a_tag_that_is_given_whole_is_held_against_glibc(bare: Project) -> None:
    """``--plat-name`` says how old a system may be, and that can be told without policies."""
    said = refused(project_of(bare, "tag-whole"), f"--plat-name=manylinux2014_{MACHINE}")
    assert "statx needs GLIBC_2.28" in said


def test_an_external_library(ground: Project) -> None:
    """A library that isn't part of any policy: auto says so and is content with less."""
    declared = "RustExtension('pkg._core', rustc_flags=['-Clink-arg=-Wl,--no-as-needed,-l:liblzma.so.5'])"
    project_of(ground, "tag-external", declared)
    done = ground.setup("bdist_wheel", "--platform-tag=auto")
    wheel = ground.built_wheel()
    assert wheel.tag.endswith(f"-linux_{MACHINE}") == (auditwheel(ground, wheel.path) == f"linux_{MACHINE}")
    assert "which PyPI refuses" in done.stdout
    assert "liblzma.so.5" in done.stdout
    said = refused(ground, "--platform-tag=manylinux_2_39")
    assert "liblzma.so.5" in said
    assert "auditwheel repair" in said


@pytest.mark.parametrize(
    "how", ["native=True", "rustc_flags=['-Ctarget-cpu=x86-64-v3']", "env={'RUSTFLAGS': '-Ctarget-cpu=native'}"]
)
@pytest.mark.skipif(MACHINE != "x86_64", reason="names processors of x86_64")
def test_code_for_one_processor(ground: Project, how: str) -> None:
    """rustc leaves no note of it in the file, so that auditwheel can't know; the declaration does."""
    name = f"tag-isa-{sum(map(ord, how))}"
    project_of(ground, name, f"RustExtension('pkg._core', {how})")
    said = refused(ground, "--platform-tag=manylinux_2_39")
    assert "any" in said
    assert "this very processor" in said or "x86-64-v3" in said
    assert built(ground, "--platform-tag=auto").tag.endswith(f"-linux_{MACHINE}")


def test_a_library_without_bindings(ground: Project) -> None:
    declared = "RustExtension('pkg._core', binding=Binding.NoBinding)"
    wheel = built(project_of(ground, "tag-unbound", declared, source=function()), "--platform-tag=auto")
    assert wheel.tag == f"py3-none-{'.'.join(sorted(wheel.tag.rpartition('-')[2].split('.')))}"
    assert "manylinux_" in wheel.tag


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--platform-tag=manylinux_2_99"], "no policy manylinux_2_99"),
        (["--platform-tag=musllinux_1_2"], "no platform tag that is asked for fits"),
        (["--platform-tag=manylinux-2-28"], "no platform tag 'manylinux-2-28'"),
        (["--platform-tag=auto", "--plat-name=linux_x86_64"], "both given"),
    ],
)
def test_mistakes_are_told_before_cargo_runs(ground: Project, options: "list[str]", says: str) -> None:
    said = refused(project_of(ground, "tag-mistake"), *options)
    assert says in said
    assert not cargo_calls(said)


def test_a_wrong_name_in_the_project_is_told_with_its_key(bare: Project) -> None:
    project_of(bare, "tag-key").write({"pyproject.toml": TABLE.format('["auto", "manylinux_228"]')})
    said = refused(bare)
    assert "tool.setuptools-pyo3.platform-tag[1]" in said
    assert "manylinux_228" in said


def test_without_the_extra_one_sentence_says_what_to_install(bare: Project) -> None:
    said = refused(project_of(bare, "tag-extra"), "--platform-tag=auto")
    assert 'pip install "setuptools-pyo3[audit]"' in said
    assert "auditwheel" in said
    assert not cargo_calls(said)
    bare.write({"pyproject.toml": TABLE.format('"manylinux_2_39"')})
    assert 'pip install "setuptools-pyo3[audit]"' in refused(bare)
    # What makes no wheel has no tag to hold anything against.
    bare.setup("build_ext", "--inplace")
    assert bare.files("pkg/_core*.so")


def test_a_projects_auto_stops_nobody_who_has_not_the_extra(bare: Project) -> None:
    """Distributions build without isolation, and the project's own wish for its releases is none of theirs."""
    project_of(bare, "tag-bare").write({"pyproject.toml": TABLE.format('"auto"')})
    done = bare.setup("bdist_wheel")
    assert bare.built_wheel().tag.endswith(f"-linux_{MACHINE}")
    assert done.stdout.count("setuptools-pyo3[audit]") == 1


def test_every_native_file_of_the_wheel_counts(ground: Project) -> None:
    """Package data too: a library that was put there by hand is as native as one that was built."""
    done = ground.run("cc", "-shared", "-o", "old.so", "-x", "c", "/dev/null", "-Wl,--no-as-needed", "-l:liblzma.so.5", check=False)
    assert done.returncode == 0, done.stdout
    project_of(ground, "tag-data").write({"setup.py": setup_py(CORE, more="package_data={'pkg': ['*.so.1']},")})
    (ground.folder / "old.so").rename(ground.folder / "pkg" / "libold.so.1")
    said = refused(ground, "--platform-tag=manylinux_2_39")
    assert "pkg/libold.so.1: it is linked to liblzma.so.5" in said


@pytest.mark.slow
def test_isolated_build_that_requires_the_extra(ground: Project) -> None:
    """The whole of it, as a project would say it, with pip and an environment of its own."""
    ground.write(
        {
            "pyproject.toml": '[build-system]\nrequires = ["setuptools", "setuptools-pyo3[audit]"]\n'
            'build-backend = "setuptools.build_meta"\n[project]\nname = "demo"\nversion = "1.0"\n'
            + TABLE.format('"auto"')
            + '[[tool.setuptools-pyo3.ext-modules]]\ntarget = "pkg._core"\n',
            "pkg/__init__.py": "",
            **crate("tag-isolated", source=module()),
        }
    )
    ground.run(ground.python, "-m", "pip", "wheel", "--no-deps", "-w", "dist", ".")
    assert "-manylinux" in ground.built_wheel().tag
