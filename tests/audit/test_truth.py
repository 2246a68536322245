"""Fault rows 46 and 47, and purity: a wheel that would lie about its files is not written."""

from __future__ import annotations

import platform

import pytest

from .. import crates
from ..faults.ground import CORE, EXT_SUFFIX, answer_of, content, function, module, program, project_of, setup_py
from ..support import Environments, Project
from .wheels import abi3audit, audit, rules

MACHINE = platform.machine()
LIMITED = "RustExtension('pkg._core', binding=Binding.NoBinding, py_limited_api=True)"

OWN_TAG = """
from setuptools.command.bdist_wheel import bdist_wheel


class Own(bdist_wheel):
    def get_tag(self):
        python, abi, platform = super().get_tag()
        return {tag}

"""


def owning(project: Project, tag: str, extension: str = CORE, more: str = "") -> Project:
    """The project, with a ``get_tag`` of its own that returns this expression."""
    own = setup_py(extension, before=OWN_TAG.format(tag=tag), more=f"cmdclass={{'bdist_wheel': Own}}, {more}")
    return project.write({"setup.py": own})


def refused(project: Project, *options: str) -> str:
    before = content(project.folder)
    done = project.setup("bdist_wheel", *options, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert content(project.folder) == before
    return done.stdout


def uses(symbol: str) -> str:
    """The source of a module that also takes this symbol from Python; only the linker looks whether there is one."""
    declared = f'extern "C" {{\n    fn {symbol}();\n}}\n'
    return declared + module(answer=f"!std::hint::black_box({symbol} as *const ()).is_null() as c_long")


# -- row 46


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("linux_s390x", "--plat-name says s390x"),
        ("manylinux_2_99_s390x", "--plat-name says s390x"),
        ("win_amd64", "--plat-name says windows"),
        ("macosx_11_0_arm64", "--plat-name says macos"),
        ("any", "it is native, but the tag any promises every platform"),
    ],
)
def test_fault_46_a_platform_that_is_not_the_binarys(bare: Project, tag: str, says: str) -> None:
    """What can't be built is told before cargo runs, and what was built is held against the tag."""
    assert says in refused(project_of(bare, "truth-46"), f"--plat-name={tag}")


@pytest.mark.parametrize(
    ("declared", "source"),
    [
        pytest.param("RustExtension('pkg._core', binding=Binding.NoBinding)", ("src/lib.rs", function()), id="for ctypes"),
        pytest.param("RustBin('truth-46-program')", ("src/main.rs", program()), id="program"),
    ],
)
def test_fault_46_what_is_no_module_is_no_data_either(bare: Project, declared: str, source: "tuple[str, str]") -> None:
    project_of(bare, "truth-46-program", declared, types="" if "RustBin" in declared else '"cdylib"')
    (bare.folder / "src" / "lib.rs").unlink()
    bare.write(dict([source]))
    assert "the tag any promises every platform" in refused(bare, "--plat-name=any")


def test_fault_46_a_projects_own_tag(bare: Project) -> None:
    said = refused(owning(project_of(bare, "truth-46-own"), 'python, abi, "linux_s390x"'))
    assert f"it is built for {MACHINE}, but linux_s390x promises s390x" in said


def test_fault_46_package_data_for_another_processor(bare: Project) -> None:
    """The one file that would be imported there is what counts; a tool for another processor is data."""
    project_of(bare, "truth-46-data").setup("bdist_wheel")
    bare.write({"setup.py": setup_py(CORE, more="package_data={'pkg': ['*.so', 'tool']},")})
    built = bare.built_wheel().unpack(bare.folder / "build" / "unpacked")
    (source,) = built.glob("pkg/_core*.so")
    image = bytearray(source.read_bytes())
    # e_machine of an ELF file; 183 is EM_AARCH64.
    image[18:20] = (183).to_bytes(2, "little")
    (bare.folder / "pkg" / "tool").write_bytes(image)
    assert bare.setup("bdist_wheel", f"--plat-name=linux_{MACHINE}")
    (bare.folder / "pkg" / "_other.so").write_bytes(image)
    said = refused(bare, f"--plat-name=linux_{MACHINE}")
    assert "pkg/_other.so: it is built for aarch64" in said
    assert "pkg/tool: it" not in said


def test_a_wheel_that_was_not_written_leaves_nothing_for_the_next_one(bare: Project) -> None:
    refused(project_of(bare, "truth-left"), "--plat-name=any")
    left = bare.files("build/bdist.*/wheel/pkg/_core.*")
    assert left
    (bare.folder / left[0]).with_name("_core.cpython-38-x86_64-linux-gnu.so").write_text("another Python's")
    bare.setup("bdist_wheel")
    assert bare.built_wheel().content == ["pkg/__init__.py", f"pkg/_core{EXT_SUFFIX}"]


# -- row 47


@pytest.mark.parametrize("tag", ['"cp39", "abi3", platform', '"py3", "none", platform', '"cp38", "cp38", platform'])
def test_fault_47_a_projects_own_tag(bare: Project, tag: str) -> None:
    assert "but the tag is" in refused(owning(project_of(bare, "truth-47"), tag))


# -- what is true stays the project's own business


@pytest.mark.parametrize(
    ("tag", "starts"),
    [
        pytest.param('"cp311.cp312", "abi3", platform', "cp311.cp312-abi3-linux", id="fewer Pythons"),
        pytest.param('python, abi, "manylinux_2_98_" + platform[6:]', "cp39-abi3-manylinux_2_98", id="newer systems only"),
    ],
)
def test_a_tag_may_promise_less_than_the_files_keep(bare: Project, tag: str, starts: str) -> None:
    owning(project_of(bare, "truth-less"), tag, LIMITED).setup("bdist_wheel", "--py-limited-api=cp39")
    assert bare.built_wheel().tag.startswith(starts)


def test_a_library_for_ctypes_that_setuptools_compiles(bare: Project) -> None:
    """It is named like a module, which is why such projects have a tag of their own."""
    more = "ext_modules=[__import__('setuptools').Extension('pkg._c', ['c.c'])],"
    project_of(bare, "truth-ctypes", source=function()).write({"c.c": "int answer(void) { return 7; }\n"})
    owning(bare, '"py3", "none", platform', "RustExtension('pkg._core', binding=Binding.NoBinding)", more=more).setup("bdist_wheel")
    wheel = bare.built_wheel()
    assert wheel.tag == f"py3-none-linux_{MACHINE}"
    code = "import ctypes, glob; print([ctypes.CDLL(path).answer() for path in sorted(glob.glob('pkg/*.so'))])"
    assert bare.evaluate(code, cwd=wheel.unpack(bare.folder / "unpacked")) == "[7, 42]"


def test_a_system_that_is_too_old_is_told_where_the_project_chose_it(bare: Project) -> None:
    """Everybody who installs it from source would be stopped by an error, and their wheel serves them."""
    done = owning(project_of(bare, "truth-old"), 'python, abi, "manylinux1_" + platform[6:]').setup("bdist_wheel")
    wheel = bare.built_wheel()
    assert wheel.tag.endswith(f"-manylinux1_{MACHINE}")
    assert done.stdout.count("the project's own tag says too much: pkg/_core") == 1
    assert answer_of(bare, cwd=wheel.unpack(bare.folder / "unpacked")) == 42


# -- purity


def test_fault_47_a_symbol_outside_the_limited_api_stops_the_wheel(ground: Project) -> None:
    project_of(ground, "truth-foreign", LIMITED, source=uses("PyFunction_GetCode"))
    said = refused(ground)
    assert "pkg/_core.abi3.so: it uses PyFunction_GetCode, which is not in abi3" in said
    assert "abi3info" in said


def test_fault_47_a_symbol_that_is_newer_than_the_tag_stops_the_wheel(ground: Project) -> None:
    project_of(ground, "truth-newer", LIMITED, source=uses("PyType_GetName"))
    said = refused(ground, "--py-limited-api=cp39")
    assert "PyType_GetName came with Python 3.11" in said
    assert "abi3-py311" in said
    ground.setup("bdist_wheel", "--py-limited-api=cp311")
    assert answer_of(ground, cwd=ground.built_wheel().unpack(ground.folder / "unpacked")) == 1


def test_fault_47_without_the_data_the_audit_finds_it_later(ground: Project, environments: Environments) -> None:
    """In a wheel that was built where nobody could look; with the verdict of abi3audit."""
    with_extra, ground.python = ground.python, environments.make()
    project_of(ground, "truth-later", LIMITED, source=uses("PyFunction_GetCode")).setup("bdist_wheel")
    wheel = ground.built_wheel().path
    done = ground.run(ground.python, "-m", "setuptools_pyo3", "audit", wheel, check=False)
    assert done.returncode == 1
    assert 'pip install "setuptools-pyo3[audit]"' in done.stdout
    ground.python = with_extra
    found = audit(ground, wheel)
    assert rules(found) == ["not-limited"]
    assert found["findings"][0]["where"] == "pkg/_core.abi3.so"
    theirs = abi3audit(ground, wheel)
    assert (theirs["is_abi3"], theirs["non_abi3_symbols"]) == (False, ["PyFunction_GetCode"])


@pytest.mark.slow
def test_pyo3s_own_limited_api_is_pure(shared: Project) -> None:
    limited = f'{{ version = "{crates.PYO3}", features = ["abi3-py39"] }}'
    shared.write({"setup.py": setup_py(CORE), "pkg/__init__.py": ""})
    shared.write(crates.crate("truth-pyo3", module_name="_core", dependency=limited))
    shared.setup("bdist_wheel", "--platform-tag=auto")
    wheel = shared.built_wheel()
    assert wheel.tag.startswith("cp39-abi3-manylinux")
    assert audit(shared, wheel.path)["findings"] == []
    theirs = abi3audit(shared, wheel.path)
    assert (theirs["is_abi3"], theirs["is_abi3_baseline_compatible"], theirs["baseline"]) == (True, True, "3.9")
