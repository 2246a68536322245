"""Fault row 20: an optional extension that can't be built is left out, loudly and completely, and takes nothing else with it."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Dict, Tuple

import pytest

from ..support import Project
from .ground import (
    BROKEN,
    EXT_SUFFIX,
    Before,
    answer_of,
    crate,
    leftovers,
    manifest,
    module,
    path_with,
    program,
    project_of,
    setup_py,
)

_OPTIONAL = "RustExtension('pkg._core', optional=True)"


def _does_not_compile(project: Project) -> str:
    project.write({"src/lib.rs": BROKEN})
    return "expected one of"


def _has_no_manifest(project: Project) -> str:
    (project.folder / "Cargo.toml").unlink()
    return "there is no manifest"


def _has_no_toml(project: Project) -> str:
    project.write({"Cargo.toml": "[package\n"})
    return "not valid TOML"


def _wants_a_crate_that_is_not_there(project: Project) -> str:
    project.write({"Cargo.toml": manifest("fault-20", extra='[dependencies]\nnowhere = { path = "nowhere" }\n')})
    return "nowhere"


def _wants_a_version_that_there_is_not(project: Project) -> str:
    project.write({"Cargo.toml": manifest("fault-20", extra='[dependencies]\nitoa = "999"\n')})
    project.env["CARGO_HOME"] = str(project.folder.parent / "cargo-home")
    project.env["CARGO_NET_OFFLINE"] = "true"
    return "itoa"


def _has_a_stale_lock(project: Project) -> str:
    project.write({"Cargo.toml": manifest("fault-20", version="0.2.0")})
    return "Cargo.lock"


def _has_another_name(project: Project) -> str:
    project.write({"src/lib.rs": module("_other")})
    return "PyInit__core"


def _has_no_library(project: Project) -> str:
    project.write({"Cargo.toml": manifest("fault-20", types="")})
    (project.folder / "src" / "lib.rs").unlink()
    return "no library target"


def _wants_a_newer_rustc(project: Project) -> str:
    project.write({"setup.py": setup_py("RustExtension('pkg._core', optional=True, rust_version='>=1.999')")})
    return ">=1.999"


def _lacks_cargo(project: Project) -> str:
    project.env["PATH"] = path_with(project.folder.parent / "bin", "cc", "ld", "sh")
    return "cargo was not found"


_CAUSES = [
    _does_not_compile,
    _has_no_manifest,
    _has_no_toml,
    _wants_a_crate_that_is_not_there,
    _wants_a_version_that_there_is_not,
    _has_a_stale_lock,
    _has_another_name,
    _has_no_library,
    _wants_a_newer_rustc,
    _lacks_cargo,
]


@pytest.mark.parametrize("cause", _CAUSES)
def test_fault_20_all_that_are_optional_fail(ground: Project, cause: Callable[[Project], str]) -> None:
    """An earlier build's files lie about; the wheel is pure all the same, and has no trace of them."""
    project_of(ground, "fault-20", _OPTIONAL)
    ground.setup("build")
    assert ground.files(f"build/**/_core{EXT_SUFFIX}")
    told = cause(ground)
    before = Before(ground)
    done = ground.setup("bdist_wheel")
    assert "Traceback" not in done.stdout, done.stdout
    for text in ("WARNING", "pkg._core", told):
        assert text in done.stdout, f"{text} not said:\n{done.stdout}"
    wheel = ground.built_wheel()
    assert wheel.tag == "py3-none-any"
    assert wheel.content == ["pkg/__init__.py"]
    assert "Root-Is-Purelib: true" in wheel.read("WHEEL")
    wheel.path.write_text("a wheel of an earlier build")  # it has the name of the earlier one
    before.is_unharmed()


def test_fault_20_in_place_the_stale_module_is_gone(ground: Project) -> None:
    project_of(ground, "fault-20-inplace", _OPTIONAL)
    ground.setup("build_ext", "--inplace")
    assert answer_of(ground) == 42
    ground.write({"src/lib.rs": BROKEN})
    output = ground.setup("build_ext", "--inplace").stdout
    assert ground.files("pkg/*") == ["pkg/__init__.py"]
    assert f"pkg/_core{EXT_SUFFIX}" in output
    assert "WARNING" in output
    # And once it is mended, it is back.
    ground.write({"src/lib.rs": module(answer=43)})
    ground.setup("build_ext", "--inplace")
    assert answer_of(ground) == 43


def test_fault_20_the_wheel_of_a_mended_crate_is_native_again(ground: Project, tmp_path: Path) -> None:
    project_of(ground, "fault-20-mended", _OPTIONAL, source=BROKEN)
    ground.setup("bdist_wheel")
    assert ground.built_wheel().tag == "py3-none-any"
    ground.write({"src/lib.rs": module()})
    ground.setup("bdist_wheel")
    assert ground.built_wheel().tag.startswith("cp3")
    assert answer_of(ground, cwd=ground.built_wheel().unpack(tmp_path / "unpacked")) == 42


def test_fault_20_through_pip_and_editable(ground: Project) -> None:
    project_of(ground, "fault-20-frontends", _OPTIONAL, source=BROKEN)
    done = ground.pip_wheel()
    assert "WARNING" in done.stdout
    assert ground.built_wheel().tag == "py3-none-any"
    for mode in ("lenient", "strict", "compat"):
        done = ground.setup("editable_wheel", f"--mode={mode}", f"--dist-dir={ground.folder.parent / mode}")
        assert "Traceback" not in done.stdout
        assert "WARNING" in done.stdout
        assert list((ground.folder.parent / mode).glob("*.whl"))
    assert not leftovers(ground.folder)


def _workspace(*members: str) -> Dict[str, str]:
    quoted = ", ".join(f'"{member}"' for member in members)
    files = {"Cargo.toml": f'[workspace]\nmembers = [{quoted}]\nresolver = "2"\n', "pkg/__init__.py": ""}
    for member in members:
        files.update(crate(f"fault-20-{member}", folder=member))
        del files[f"{member}/Cargo.lock"]
    return files


def _member(name: str, *, optional: bool) -> str:
    return f"RustExtension('pkg.{name}._core', path='{name}/Cargo.toml', optional={optional})"


@pytest.mark.parametrize("order", [("good", "bad"), ("bad", "good")])
def test_fault_20_a_failing_one_does_not_take_a_required_one_with_it(
    ground: Project, tmp_path: Path, order: Tuple[str, str]
) -> None:
    extensions = [_member(name, optional=name == "bad") for name in order]
    ground.write({**_workspace("bad", "good"), "setup.py": setup_py(*extensions), "bad/src/lib.rs": BROKEN})
    done = ground.setup("bdist_wheel")
    assert "WARNING" in done.stdout
    assert "pkg.bad._core" in done.stdout
    wheel = ground.built_wheel()
    assert wheel.tag.startswith("cp3")
    assert wheel.content == ["pkg/__init__.py", f"pkg/good/_core{EXT_SUFFIX}"]
    assert answer_of(ground, "pkg.good._core", cwd=wheel.unpack(tmp_path / "unpacked")) == 42


def test_fault_20_a_required_one_that_fails_is_no_warning(ground: Project) -> None:
    extensions = [_member("bad", optional=False), _member("good", optional=True)]
    ground.write({**_workspace("bad", "good"), "setup.py": setup_py(*extensions), "bad/src/lib.rs": BROKEN})
    Before(ground).fails("bdist_wheel", tells=["error: pkg.bad._core", "expected one of"])


def test_fault_20_an_optional_one_of_the_same_crate(ground: Project) -> None:
    """Two extensions of one crate: the feature that the optional one turns on doesn't compile."""
    extra = "[features]\nbad = []\n"
    extensions = ["RustExtension('pkg._core')", "RustExtension('pkg.bad._core', features=['bad'], optional=True)"]
    source = module() + '\n#[cfg(feature = "bad")]\ncompile_error!("this feature is bad");\n'
    project_of(ground, "fault-20-feature", *extensions, extra=extra, source=source)
    done = ground.setup("build_ext", "--inplace")
    assert done.stdout.count("error: this feature is bad") == 1
    assert answer_of(ground) == 42
    assert ground.files("pkg/**/*.so") == [f"pkg/_core{EXT_SUFFIX}"]


def test_fault_20_executables(ground: Project, tmp_path: Path) -> None:
    """A script and an executable in the package fail; a good script stays."""
    extensions = [
        "RustBin('bad-tool', path='bad/Cargo.toml', optional=True)",
        "RustExtension({'bad-tool': 'pkg.tool'}, path='bad/Cargo.toml', binding=Binding.Exec, optional=True)",
        "RustBin('good-tool', path='good/Cargo.toml')",
    ]
    ground.write({"setup.py": setup_py(*extensions), "pkg/__init__.py": ""})
    for name in ("bad", "good"):
        ground.write({f"{name}/Cargo.toml": manifest(f"{name}-tool", types=""), f"{name}/src/main.rs": program()})
    ground.setup("bdist_wheel")
    first = ground.built_wheel()
    assert {name.rpartition("/")[2] for name in first.names if "scripts/" in name} == {"bad-tool", "good-tool"}
    assert "pkg/tool" in first.content
    # Now one of them is broken; what the first build left in the build folder must not stand in for it.
    ground.write({"bad/src/main.rs": BROKEN})
    done = ground.setup("bdist_wheel")
    assert done.stdout.count("WARNING") == 2
    wheel = ground.built_wheel()
    assert [name.rpartition("/")[2] for name in wheel.names if "scripts/" in name] == ["good-tool"]
    assert "pkg/tool" not in wheel.content
    assert wheel.tag.startswith("py3-none-")
