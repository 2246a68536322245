"""``setuptools-pyo3 audit``: what it says of real wheels and files, and that auditwheel says the same."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from ..faults.ground import CORE, crate, module, project_of, setup_py
from ..support import Environments, Project, Wheel
from .wheels import abi3audit, assemble, audit, auditwheel, renamed, rules

MACHINE = platform.machine()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, environments: Environments) -> Project:
    """A project with one wheel, which tests copy and rename."""
    from .conftest import EXTRA

    folder = tmp_path_factory.mktemp("audited")
    project = Project(folder, environments.make(*EXTRA), environments.env)
    project.env["CARGO_TARGET_DIR"] = str(folder / "target")
    project_of(project, "audited").setup("bdist_wheel")
    return project


@pytest.fixture
def wheel(built: Project) -> Wheel:
    """The wheel."""
    return Wheel(next(built.folder.glob(f"dist/*-linux_{MACHINE}.whl")))


def test_a_local_wheel(built: Project, wheel: Wheel) -> None:
    found = audit(built, wheel.path)
    assert found["code"] == 0
    assert found["keeps_to"] == auditwheel(built, wheel.path)
    assert rules(found, "note") == ["upload"]
    assert found["files"][0]["newest_versions"]["GLIBC"]
    assert "libc.so.6" in found["files"][0]["needed"]


def test_text(built: Project, wheel: Wheel) -> None:
    said = built.run(built.python, "-m", "setuptools_pyo3", "audit", wheel.path).stdout
    assert "unfit for upload: PyPI refuses" in said
    assert f"keeps to {auditwheel(built, wheel.path)}" in said


@pytest.mark.parametrize(
    ("tag", "rule"),
    [
        ("cp311-cp311-linux_s390x", "architecture"),
        (f"cp311-cp311-manylinux2014_{MACHINE}", "symbol-version"),
        (f"cp311-cp311-musllinux_1_2_{MACHINE}", "libc"),
        ("cp311-cp311-macosx_11_0_arm64", "format"),
        (f"cp39-abi3-linux_{MACHINE}", "python"),
        (f"cp312-cp312-linux_{MACHINE}", "python"),
        (f"py3-none-linux_{MACHINE}", "python"),
        ("cp311-cp311-any", "platform"),
    ],
)
def test_a_wheel_renamed_to_a_false_tag(built: Project, wheel: Wheel, tmp_path: Path, tag: str, rule: str) -> None:
    tag = tag.replace("cp311", wheel.tag.partition("-")[0])
    found = audit(built, renamed(wheel, tmp_path, tag))
    assert found["code"] == 1
    assert {"name", rule} <= set(rules(found))


def test_another_tag_than_the_wheels_own(built: Project, wheel: Wheel) -> None:
    assert audit(built, wheel.path, "--platform-tag=auto")["code"] == 0
    assert audit(built, wheel.path, "--platform-tag=manylinux_2_39")["code"] == 0
    found = audit(built, wheel.path, "--platform-tag=manylinux2014")
    assert rules(found) == ["symbol-version"]
    assert "statx needs GLIBC_2.28" in found["findings"][0]["why"]


def test_a_module_alone(built: Project, wheel: Wheel, tmp_path: Path) -> None:
    (path,) = wheel.unpack(tmp_path).glob("pkg/*.so")
    found = audit(built, path)
    assert (found["code"], found["tags"]) == (0, None)
    assert found["keeps_to"] == auditwheel(built, wheel.path)
    limited = path.with_name("_core.abi3.so")
    path.rename(limited)
    assert audit(built, limited)["code"] == 0


def test_several_at_once(built: Project, wheel: Wheel, tmp_path: Path) -> None:
    false = renamed(wheel, tmp_path, "cp39-abi3-linux_s390x")
    done = built.run(built.python, "-m", "setuptools_pyo3", "audit", "--json", wheel.path, false, check=False)
    assert done.returncode == 1
    assert [report["ok"] for report in json.loads(done.stdout)["reports"]] == [True, False]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("missing-1.0-py3-none-any.whl", None, "can't be read"),
        ("demo-1.0-py3-none-any.whl", "no zip", "can't be read"),
        ("demo.whl", "no zip", "isn't named like a wheel"),
        ("notes.txt", "text", "neither a wheel nor a native file"),
        ("missing.so", None, "can't be read"),
    ],
)
def test_files_that_can_not_be_audited(built: Project, tmp_path: Path, name: str, text: object, says: str) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(str(text))
    done = built.run(built.python, "-m", "setuptools_pyo3", "audit", path, check=False)
    assert done.returncode == 1
    assert says in done.stdout
    assert str(path) in done.stdout
    assert "Traceback" not in done.stdout


def test_without_the_extra(built: Project, wheel: Wheel, environments: Environments) -> None:
    done = built.run(environments.make(), "-m", "setuptools_pyo3", "audit", wheel.path, check=False)
    assert done.returncode == 1
    assert done.stdout.count('pip install "setuptools-pyo3[audit]"') == 1
    assert "Traceback" not in done.stdout


def test_a_module_linked_to_libpython_on_purpose(built: Project, tmp_path: Path) -> None:
    """Our own builds refuse it, so this one is made by a C compiler."""
    library, path = tmp_path / "libpython3.11.so.1.0", tmp_path / "_core.cpython-311-x86_64-linux-gnu.so"
    c = "int PyInit__core(void) { return 0; }"
    (tmp_path / "a.c").write_text(c)
    built.run("cc", "-shared", "-fPIC", "-o", library, f"-Wl,-soname,{library.name}", "-x", "c", "/dev/null")
    built.run("cc", "-shared", "-fPIC", "-o", path, tmp_path / "a.c", "-Wl,--no-as-needed", library)
    wheel = assemble(tmp_path / "dist", f"cp311-cp311-manylinux_2_34_{MACHINE}", {f"pkg/{path.name}": path})
    found = audit(built, wheel)
    assert rules(found) == ["libpython"]
    assert library.name in found["findings"][0]["what"]
    assert (found["keeps_to"], auditwheel(built, wheel)) == (None, f"linux_{MACHINE}")


@pytest.mark.skipif(MACHINE != "x86_64", reason="names levels of x86_64")
def test_the_level_of_the_processor_by_the_linkers_note(built: Project, tmp_path: Path) -> None:
    path = tmp_path / "_core.cpython-311-x86_64-linux-gnu.so"
    (tmp_path / "a.c").write_text("int PyInit__core(void) { return 0; }")
    done = built.run("cc", "-shared", "-fPIC", "-march=x86-64-v3", "-mneeded", "-o", path, tmp_path / "a.c", check=False)
    if done.returncode:
        pytest.skip("this compiler writes no such note")
    wheel = assemble(tmp_path / "dist", "cp311-cp311-manylinux_2_34_x86_64", {f"pkg/{path.name}": path})
    found = audit(built, wheel)
    assert found["files"][0]["isa"] == "x86-64-v3"
    assert rules(found) == ["isa"]
    assert auditwheel(built, wheel) == "linux_x86_64"


def test_vendored_libraries_are_no_external_ones(built: Project, tmp_path: Path) -> None:
    """Laid out as ``auditwheel repair`` does: beside the package, with a run path that leads there."""
    library, path = tmp_path / "libown-0.so", tmp_path / "_core.cpython-311-x86_64-linux-gnu.so"
    (tmp_path / "a.c").write_text("int PyInit__core(void) { return 0; }")
    built.run("cc", "-shared", "-fPIC", "-o", library, f"-Wl,-soname,{library.name}", "-x", "c", "/dev/null")
    with_path = ["-Wl,--no-as-needed", library, "-Wl,-rpath,$ORIGIN/../demo.libs"]
    built.run("cc", "-shared", "-fPIC", "-o", path, tmp_path / "a.c", *with_path, "-lc")
    files = {f"pkg/{path.name}": path, f"demo.libs/{library.name}": library}
    wheel = assemble(tmp_path / "dist", f"cp311-cp311-manylinux_2_34_{MACHINE}", files)
    found = audit(built, wheel)
    assert rules(found) == []
    assert found["keeps_to"] == auditwheel(built, wheel)
    lone = assemble(tmp_path / "lone", f"cp311-cp311-manylinux_2_34_{MACHINE}", {f"pkg/{path.name}": path})
    assert rules(audit(built, lone)) == ["library"]
    assert auditwheel(built, lone) == f"linux_{MACHINE}"


def test_c_extensions_are_audited_too(ground: Project) -> None:
    more = "ext_modules=[__import__('setuptools').Extension('pkg._c', ['c.c'])],"
    ground.write({"setup.py": setup_py(CORE, more=more), "pkg/__init__.py": "", **crate("audited-beside", source=module())})
    ground.write({"c.c": "#include <Python.h>\nPyMODINIT_FUNC PyInit__c(void) { return NULL; }\n"})
    ground.setup("bdist_wheel", "--platform-tag=auto")
    found = audit(ground, ground.built_wheel().path)
    assert [file["name"].partition(".")[0] for file in found["files"]] == ["pkg/_c", "pkg/_core"]
    assert rules(found) == []


PUBLISHED = [
    ("cryptography==44.0.0", "manylinux_2_28_x86_64"),
    ("rpds-py==0.22.3", "manylinux2014_armv7l"),
    ("rpds-py==0.22.3", "manylinux2014_ppc64le"),
    ("rpds-py==0.22.3", "manylinux2014_s390x"),
    ("rpds-py==0.22.3", "manylinux_2_5_i686"),
    ("bcrypt==5.0.0", "manylinux2014_aarch64"),
]


@pytest.mark.network
@pytest.mark.parametrize(("requirement", "platform_tag"), PUBLISHED)
def test_published_wheels_for_linux(built: Project, tmp_path: Path, requirement: str, platform_tag: str) -> None:
    wheel = download(built, tmp_path, requirement, platform_tag)
    found = audit(built, wheel)
    assert rules(found) == []
    assert found["keeps_to"] == auditwheel(built, wheel)
    if "-abi3-" in wheel.name:
        assert abi3audit(built, wheel)["is_abi3"]


@pytest.mark.network
@pytest.mark.parametrize("platform_tag", ["macosx_10_12_universal2", "win_amd64", "win_arm64", "win32", "musllinux_1_2_x86_64"])
def test_published_wheels_for_other_systems(built: Project, tmp_path: Path, platform_tag: str) -> None:
    """The values that the unit tests use in their place are what is read from the files."""
    from ..unit.natives import PUBLISHED as VALUES

    wheel = download(built, tmp_path, "bcrypt==5.0.0", platform_tag)
    found = audit(built, wheel)
    assert rules(found) == []
    assert abi3audit(built, wheel)["is_abi3"]
    value = VALUES[platform_tag]
    read = next(file for file in found["files"] if file["name"] == value.name)
    assert read["architectures"] == list(value.architectures)
    assert set(value.needed) <= set(read["needed"])
    assert read["minimum_macos"] == {name: f"{version[0]}.{version[1]}" for name, version in value.minimum_os}


@pytest.mark.network
def test_a_published_wheel_that_promises_too_much(built: Project, tmp_path: Path) -> None:
    """Its code for Intel processors was built for a newer macOS than its name says."""
    found = audit(built, download(built, tmp_path, "cryptography==44.0.0", "macosx_10_9_universal2"))
    assert rules(found) == ["macos-version"]
    assert "needs macOS 10.13" in found["findings"][0]["what"]


def download(project: Project, folder: Path, requirement: str, platform_tag: str) -> Path:
    pip = (project.python, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", folder)
    # The first image's wheels came with two names each.
    also = ["--platform=manylinux1_i686"] if platform_tag.endswith("i686") else []
    project.run(*pip, f"--platform={platform_tag}", *also, "--python-version=3.11", requirement)
    (wheel,) = folder.glob("*.whl")
    return wheel
