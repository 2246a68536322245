"""Fault rows 59 and 60: names and values that would lead out of the tree, or be taken for options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from ..support import Project, cargo_calls, compiled
from .ground import Before, answer_of, content, crate, function, manifest, module, program, project_of, pyproject, setup_py

# -- row 59: names

_EVIL_NAMES = [
    "../../evil",
    "..evil",
    "pkg...evil",
    "/abs/evil",
    "pkg/../../evil",
    "pkg.../evil",
    "pkg\\..\\evil",
    "C:\\evil",
    "~/evil",
    "pkg.evil name",
    "pkg.1evil",
    "pkg.evil-name",
    "pkg.class",
    "pkg.None",
    ".evil",
    "evil.",
    "",
    " ",
    "pkg.*",
    "pkg.$(evil)",
]
_EVIL_LIBRARIES = ["../evil", "/evil", "pkg/../evil", "pkg//evil", "pkg/", "./evil", "pkg/evil.so", "pkg.lib/evil", "pkg\\evil"]
_EVIL_SCRIPTS = ["../evil", "/evil", "..", ".", "pkg/evil", "-evil", "evil\\evil", "evil evil", "", ".evil", "~evil", "C:evil"]
_EVIL_EXECUTABLES = ["../evil", "/evil", "pkg./evil", "pkg.-evil", "pkg...evil", "pkg.evil/evil", ""]


def _declared(kind: str, name: str) -> str:
    if kind == "module":
        return f"RustExtension({name!r})"
    if kind == "library":
        return f"RustExtension({name!r}, binding=Binding.NoBinding)"
    if kind == "script":
        return f"RustBin({{'tool': {name!r}}})"
    return f"RustExtension({{'tool': {name!r}}}, binding=Binding.Exec)"


def _table(kind: str, name: str) -> str:
    quoted = json.dumps(name)
    if kind == "module":
        return f"[[tool.setuptools-pyo3.ext-modules]]\ntarget = {quoted}\n"
    if kind == "library":
        return f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = {quoted}\nbinding = "NoBinding"\n'
    if kind == "script":
        return f"[[tool.setuptools-pyo3.bins]]\ntarget = {{ tool = {quoted} }}\n"
    return f'[[tool.setuptools-pyo3.ext-modules]]\ntarget = {{ tool = {quoted} }}\nbinding = "Exec"\n'


_EVIL: List[Tuple[str, List[str]]] = [
    ("module", _EVIL_NAMES),
    ("library", _EVIL_LIBRARIES),
    ("script", _EVIL_SCRIPTS),
    ("executable", _EVIL_EXECUTABLES),
]


@pytest.mark.parametrize(("kind", "names"), _EVIL)
@pytest.mark.parametrize("place", ["setup.py", "pyproject.toml"])
@pytest.mark.parametrize("command", [("build_ext", "--inplace"), ("bdist_wheel",), ("pip",)])
def test_fault_59_names_that_lead_anywhere_else(
    ground: Project, tmp_path: Path, kind: str, names: List[str], place: str, command: Tuple[str, ...]
) -> None:
    project_of(ground, "fault-59")
    ground.write({"src/main.rs": program()})
    if place == "setup.py":
        ground.write({"setup.py": setup_py(*(_declared(kind, name) for name in names))})
    else:
        (ground.folder / "setup.py").unlink()
        ground.write({"pyproject.toml": pyproject() + "\n".join(_table(kind, name) for name in names)})
    before, around = Before(ground), sorted(path.name for path in tmp_path.iterdir())
    output = before.fails(*command, tells=[])
    # Every single one of them is told, with its place.
    unsaid = [name for name in names if f"{name!r} can't be a target" not in output and f"in {name!r}" not in output]
    assert not unsaid, f"{unsaid} accepted:\n{output}"
    if place == "pyproject.toml":
        table = "bins" if kind == "script" else "ext-modules"
        assert all(f"pyproject.toml: tool.setuptools-pyo3.{table}[{index}]" in output for index in range(len(names)))
    assert not compiled(output)
    assert sorted(path.name for path in tmp_path.iterdir()) == around


def test_fault_59_a_single_one_is_refused_as_well(ground: Project) -> None:
    project_of(ground, "fault-59-single", _declared("module", "../../evil"))
    before = Before(ground)
    for command in ("bdist_wheel", "egg_info", "pip"):
        before.fails(command, tells=["'../../evil' can't be a target", "next: "])


@pytest.mark.parametrize("name", ["../../evil", "/abs/evil", "pkg/evil", "evil\nevil", "-evil"])
def test_fault_59_names_in_a_crates_metadata(ground: Project, name: str) -> None:
    """A project that declares nothing takes the module's name from Cargo.toml."""
    extra = f"[package.metadata.setuptools-pyo3]\nmodule = {json.dumps(name)}\n\n[dependencies]\npyo3 = {{ path = 'pyo3' }}\n"
    ground.write(
        {
            **crate("fault-59-metadata", extra=extra),
            "pyproject.toml": pyproject(extra="[tool.setuptools-pyo3]\n"),
            "pkg/__init__.py": "",
        }
    )
    ground.write({"pyo3/Cargo.toml": manifest("pyo3", types='"lib"'), "pyo3/src/lib.rs": ""})
    before = Before(ground)
    for command in ("bdist_wheel", "pip"):
        before.fails(command, tells=["Cargo.toml", "package.metadata.setuptools-pyo3", repr(name)])


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("../x", "pkg"),
        ("/etc/hostname", "pkg"),
        ("a/../../x", "pkg"),
        ("x", "../pkg"),
        ("x", "/pkg"),
        ("x", "pkg/sub"),
        ("", "pkg"),
        ("..\\x", "pkg"),
    ],
)
def test_fault_59_generated_files_that_lead_anywhere_else(ground: Project, source: str, package: str) -> None:
    declared = f"RustExtension('pkg._core', generated_files={{{source!r}: {package!r}}})"
    project_of(ground, "fault-59-generated", declared).write({"build.rs": "fn main() {}\n"})
    Before(ground).fails("bdist_wheel", tells=["pkg._core", repr(source)])


def test_fault_59_what_a_link_in_the_package_points_to_is_not_overwritten(ground: Project, tmp_path: Path) -> None:
    """The module replaces a link in its place; it doesn't follow it out of the tree."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    project_of(ground, "fault-59-link", "RustExtension('pkg._core', binding=Binding.NoBinding)", source=function())
    (ground.folder / "pkg" / "_core.so").symlink_to(precious)
    ground.setup("build_ext", "--inplace")
    assert precious.read_text() == "precious"
    assert not (ground.folder / "pkg" / "_core.so").is_symlink()


@pytest.mark.parametrize(
    ("extension", "file"),
    [
        ("RustExtension('pkg.lib._deep')", "pkg/lib/_deep"),
        ("RustExtension('_top')", "_top"),
        ("RustExtension('pkg.größe')", "pkg/größe"),
        ("RustExtension('pkg/lib/native', binding=Binding.NoBinding)", "pkg/lib/native"),
    ],
)
def test_fault_59_names_that_are_right_stay_in_the_tree(ground: Project, extension: str, file: str) -> None:
    name = file.rpartition("/")[2]
    # The init symbol of a name that is not ASCII is another one (PEP 489), so that one can only be refused in words.
    if not name.isascii():
        project_of(ground, "fault-59-right", extension)
        Before(ground).fails("build_ext", "--inplace", tells=["pkg.größe", "init symbol"])
        return
    project_of(ground, "fault-59-right", extension, source=function() if "NoBinding" in extension else module(name))
    (ground.folder / "pkg" / "lib").mkdir()
    outside = {path.name for path in ground.folder.parent.iterdir()} | {"target"}
    ground.setup("build_ext", "--inplace")
    (built,) = ground.files("**/*.so")
    assert built.startswith(f"{file}.")
    assert {path.name for path in ground.folder.parent.iterdir()} <= outside


# -- row 60: values

_EVIL_VALUES = [
    ("features=['--config=evil']", ".features[0]", "a leading dash"),
    ("features=['good', 'bad\\nbad']", ".features[1]", "a newline"),
    ("features=['bad\\0']", ".features[0]", "a NUL byte"),
    ("path='-evil/Cargo.toml'", ".path", "a leading dash"),
    ("path='evil\\0/Cargo.toml'", ".path", "a NUL byte"),
    ("path='evil\\n/Cargo.toml'", ".path", "a newline"),
    ("profile='--config=evil'", ".profile", "a leading dash"),
    ("profile='evil\\rprofile'", ".profile", "a newline"),
    ("rust_version='>=1.60\\n'", ".rust_version", "a newline"),
    ("rust_version='-1'", ".rust_version", "a leading dash"),
    ("args=['--config', 'a\\0b']", ".args[1]", "a NUL byte"),
    ("args=['a\\nb']", ".args[0]", "a newline"),
    ("cargo_manifest_args=['a\\0b']", ".cargo_manifest_args[0]", "a NUL byte"),
    ("rustc_flags=['a\\nb']", ".rustc_flags[0]", "a newline"),
    ("env={'A': 'b\\0'}", ".env.A", "a NUL byte"),
    ("env={'A\\0B': 'c'}", ".env[", "a NUL byte"),
    ("env={'A=B': 'c'}", ".env.A=B", "'A=B'"),
    ("env={'': 'c'}", ".env.", "''"),
    ("generated_files={'a\\0b': 'pkg'}", ".generated_files[", "a NUL byte"),
    ("generated_files={'-a': '-pkg'}", ".generated_files.-a", "a leading dash"),
]


def test_fault_60_values_in_setup_py(ground: Project) -> None:
    project_of(
        ground,
        "fault-60",
        *(f"RustExtension('pkg._core', {value})" for value, _, _ in _EVIL_VALUES),
        "RustExtension('-evil')",
        "RustBin('to\\0ol')",
    )
    before = Before(ground)
    for command in (("bdist_wheel",), ("build_ext", "--inplace"), ("pip",)):
        output = before.fails(*command, tells=["RustExtension('-evil').target", "a NUL byte in 'to\\x00ol'"])
        lines = output.splitlines()
        unsaid = [value for value, key, fault in _EVIL_VALUES if not any(key in line and fault in line for line in lines)]
        assert not unsaid, f"{unsaid} accepted:\n{output}"
        assert not cargo_calls(output)


def test_fault_60_each_value_alone_stops_the_build(ground: Project) -> None:
    """Also those that another mistake beside them might hide."""
    project_of(ground, "fault-60-alone")
    before = Before(ground)
    for value, key, _ in _EVIL_VALUES:
        ground.write({"setup.py": setup_py(f"RustExtension('pkg._core', {value})")})
        before.files["setup.py"] = (ground.folder / "setup.py").read_bytes()
        before.fails("build_ext", "--inplace", tells=[key])


def test_fault_60_values_in_pyproject(ground: Project) -> None:
    tables = [
        ('features = ["--config=evil"]', ".features[0]: expected a list of strings, found a leading dash"),
        ('features = ["bad\\nbad"]', ".features[0]: expected a list of strings, found a newline"),
        ('path = "-evil/Cargo.toml"', ".path: expected a string, found a leading dash"),
        ('path = "evil\\u0000/Cargo.toml"', ".path: expected a string, found a NUL byte"),
        ('profile = "--config=evil"', ".profile: expected a string, found a leading dash"),
        ('args = ["a\\u0000b"]', ".args[0]: expected a list of strings, found a NUL byte"),
        ('rustc-flags = ["a\\nb"]', ".rustc-flags[0]: expected a list of strings, found a newline"),
        ('env = { A = "b\\u0000" }', ".env.A: expected a table of strings, found a NUL byte"),
        ('env = { "A=B" = "c" }', ".env.A=B"),
    ]
    text = pyproject(*(f'target = "pkg._core"\n{line}' for line, _ in tables))
    ground.write({"pyproject.toml": text, "pkg/__init__.py": "", **crate("fault-60-tables")})
    told = [f"pyproject.toml: tool.setuptools-pyo3.ext-modules[{index}]{said}" for index, (_, said) in enumerate(tables)]
    before = Before(ground)
    for command in ("bdist_wheel", "pip"):
        before.fails(command, tells=told)


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("build_rust", "--profile=--config=evil"), {}),
        (("build_rust", "--profile=a\nb"), {}),
        (("build_rust", "--target=--config=evil"), {}),
        (("build_rust", "--target=a\nb"), {}),
        (("bdist_wheel", "--target=-evil"), {}),
        (("bdist_wheel",), {"SETUPTOOLS_PYO3_CARGO_PROFILE": "--config=evil"}),
        (("bdist_wheel",), {"SETUPTOOLS_PYO3_CARGO_PROFILE": "a\nb"}),
        (("bdist_wheel",), {"PYO3_PYTHON": "-evil"}),
    ],
)
def test_fault_60_values_on_the_command_line_and_in_the_environment(
    ground: Project, arguments: Tuple[str, ...], variables: Dict[str, str]
) -> None:
    """Nothing of it ever stands alone in cargo's arguments, where it would be an option of its own."""
    project_of(ground, "fault-60-line")
    ground.env.update(variables)
    output = Before(ground).fails(*arguments, tells=[])
    for call in cargo_calls(output):
        assert " --config=evil" not in call
        assert " -evil" not in call


def test_fault_60_options_are_passed_with_an_equals_sign(ground: Project) -> None:
    files = {"Cargo.toml": '[workspace]\nmembers = ["one", "two"]\nresolver = "2"\n\n[profile.checked]\ninherits = "release"\n'}
    for name in ("one", "two"):
        files.update(crate(f"fault-60-{name}", folder=name, source=module(f"_{name}"), extra="[features]\nextra = []\n"))
        del files[f"{name}/Cargo.lock"]
    declared = [
        f"RustExtension('pkg._{name}', '{name}/Cargo.toml', features=['extra'], profile='checked')" for name in ("one", "two")
    ]
    ground.write({**files, "setup.py": setup_py(*declared), "pkg/__init__.py": ""})
    (call,) = cargo_calls(ground.setup("build_ext", "--inplace", "--parallel=2").stdout)
    words = call.partition(" build ")[2].split()
    assert all(word.startswith("-") for word in words), words
    assert {"--profile=checked", "--package=fault-60-one", "--package=fault-60-two", "--jobs=2"} <= set(words)
    assert {word.partition("=")[0] for word in words} >= {"--features", "--manifest-path", "--message-format"}
    assert [answer_of(ground, f"pkg._{name}") for name in ("one", "two")] == [42, 42]


def test_fault_60_a_hostile_manifest(ground: Project) -> None:
    """What a manifest says becomes an argument too: a package's name, which cargo would refuse, must not become an option."""
    project_of(ground, "fault-60-manifest")
    for name in ("--config=evil", "a b", "../evil", ""):
        text = manifest("NAME").replace('"NAME"', json.dumps(name)) + "\n[workspace]\ndefault-members = ['.']\n"
        ground.write({"Cargo.toml": text})
        before = content(ground.folder)
        done = ground.setup("bdist_wheel", check=False)
        assert done.returncode != 0
        assert "Traceback" not in done.stdout
        assert content(ground.folder) == before
        assert not compiled(done.stdout)
