"""Which changes are noticed by an import, what it does about them, and that it does nothing where there are none."""

from __future__ import annotations

import os

import pytest

from ..faults.ground import lock, manifest, module
from .editable import Editable

REBUILD = "--config-settings=rebuild=true"


def test_an_edit_is_there_at_the_next_import_and_only_there(editable: Editable) -> None:
    editable.with_crate("rb-edit")
    assert "pkg._core: built again on import after a change" in editable.install(REBUILD)
    assert editable.imports() == (0, "42", "\n")
    files = editable.files("**/*")
    editable.edit("src/lib.rs", "42", "43")
    changed = editable.imports()
    assert (changed.out, changed.rebuilds, changed.compiled) == ("43", 1, ["rb-edit"])
    assert f"{editable.folder / 'src' / 'lib.rs'} has changed" in changed.err
    assert editable.imports() == (0, "43", "\n")
    assert editable.files("**/*") == files


def test_nothing_is_imported_for_it_while_nothing_has_changed(editable: Editable) -> None:
    editable.with_crate("rb-cheap").install(REBUILD)
    code = "import pkg._core, sys; print(*sorted(sys.modules))"
    watched = set(editable.imports(code).out.split())
    assert watched - set(editable.imports(code, SETUPTOOLS_PYO3_REBUILD="0").out.split()) == set()
    (pth,) = editable.site_packages.glob("_setuptools_pyo3_*.pth")
    pth.unlink()
    assert watched - set(editable.imports(code).out.split()) == {"_setuptools_pyo3_demo"}


def test_a_touched_file_costs_one_build(editable: Editable) -> None:
    editable.with_crate("rb-touch").install(REBUILD)
    os.utime(editable.folder / "pyproject.toml")
    touched = editable.imports()
    # cargo doesn't read that file, so nothing was compiled.
    assert (touched.out, touched.rebuilds, touched.compiled) == ("42", 1, [])
    assert editable.imports() == (0, "42", "\n")


BUILD_RS = """\
fn main() {
    println!("cargo:rerun-if-changed=data");
    println!("cargo:rerun-if-env-changed=ASKED_BY_SCRIPT");
    let extra = std::fs::read_dir("data").unwrap().count();
    println!("cargo:rustc-env=FROM_SCRIPT={extra}");
}
"""
# Counts what it was made from: a file, two variables, a dependency, a folder.
ANSWER = """(include_str!("some text.txt").len() + option_env!("ASKED_BY_CRATE").map_or(0, str::len)
    + rb_inputs_dep::asked() + env!("FROM_SCRIPT").len() + if cfg!(feature = "more") { 1000 } else { 0 }) as c_long"""


@pytest.mark.slow
def test_every_kind_of_input_counts(editable: Editable) -> None:
    tables = '[dependencies]\nrb-inputs-dep = { path = "dep" }\n\n[features]\nmore = []\n'
    editable.with_crate("rb-inputs", source=module(answer=ANSWER))
    editable.write(
        {
            "Cargo.toml": manifest("rb-inputs", extra=tables),
            "Cargo.lock": lock("rb-inputs", "rb-inputs-dep"),
            "src/some text.txt": "12345",
            "build.rs": BUILD_RS,
            "data/one": "",
            "dep/Cargo.toml": manifest("rb-inputs-dep", types=""),
            "dep/src/lib.rs": 'pub fn asked() -> usize {\n    option_env!("ASKED_BY_DEPENDENCY").map_or(0, str::len)\n}\n',
        }
    )
    editable.install(REBUILD)
    assert editable.imports() == (0, "6", "\n")

    def once(answer: str, because: str, **env: str) -> None:
        editable.env.update(env)
        changed = editable.imports()
        assert (changed.out, changed.rebuilds) == (answer, 1), changed.err
        assert because in changed.err
        assert editable.imports() == (0, answer, "\n")

    editable.edit("src/some text.txt", "12345", "123456\n")
    once("8", "some text.txt has changed")
    once("11", "the variable ASKED_BY_CRATE has changed", ASKED_BY_CRATE="abc")
    once("13", "the variable ASKED_BY_DEPENDENCY has changed", ASKED_BY_DEPENDENCY="ab")
    once("13", "the variable ASKED_BY_SCRIPT has changed", ASKED_BY_SCRIPT="1")
    del editable.env["ASKED_BY_CRATE"]
    once("10", "the variable ASKED_BY_CRATE has changed")
    editable.edit("dep/src/lib.rs", "usize {", "usize {\n    100 +")
    once("110", "dep/src/lib.rs has changed")
    (editable.folder / "data" / "one").write_text("changed")
    once("110", "data/one has changed")
    for number in range(9):
        (editable.folder / "data" / f"new {number}").touch()
    once("111", "data has changed")
    editable.edit("Cargo.toml", "more = []", 'more = []\ndefault = ["more"]')
    once("1111", "Cargo.toml has changed")
    (editable.folder / ".cargo").mkdir()
    (editable.folder / ".cargo" / "config.toml").write_text('[env]\nANY = "thing"\n')
    once("1111", "config.toml has changed")


def test_a_build_script_that_says_nothing_depends_on_all_files(editable: Editable) -> None:
    editable.with_crate("rb-silent").write({"build.rs": "fn main() {}\n", "schema/a.txt": "1"})
    editable.install(REBUILD)
    assert editable.imports() == (0, "42", "\n")
    (editable.folder / "schema" / "a.txt").write_text("changed")
    assert editable.imports().rebuilds == 1
    assert editable.imports() == (0, "42", "\n")
    # Python is not Rust.
    (editable.folder / "pkg" / "__init__.py").write_text("# edited\n")
    assert editable.imports() == (0, "42", "\n")


def test_what_the_build_itself_writes_is_no_change(editable: Editable) -> None:
    source = module(answer='include!(concat!(env!("OUT_DIR"), "/answer.rs"))')
    script = 'fn main() {\n    std::fs::write(std::env::var("OUT_DIR").unwrap() + "/answer.rs", "42").unwrap();\n}\n'
    editable.with_crate("rb-generated", source=source).write({"build.rs": script})
    (editable.folder / "Cargo.lock").unlink()
    editable.install(REBUILD)
    assert editable.imports() == (0, "42", "\n")
    editable.edit("build.rs", '"42"', '"43"')
    assert editable.imports().out == "43"
    assert editable.imports() == (0, "43", "\n")


def test_a_change_that_is_made_while_cargo_runs_counts(editable: Editable) -> None:
    # Once it has been read, the build script changes the source, as an editor might.
    script = """\
        fn main() {
            println!("cargo:rerun-if-changed=build.rs");
            if let Ok(_) = std::fs::remove_file("edit once") {
                std::fs::write("later.txt", "1234567").unwrap();
            }
        }
    """
    editable.with_crate("rb-race", source=module(answer='include_str!("../later.txt").len() as c_long'))
    editable.write({"build.rs": script, "later.txt": "123"})
    editable.install(REBUILD)
    assert editable.imports() == (0, "3", "\n")
    (editable.folder / "edit once").touch()
    os.utime(editable.folder / "build.rs")
    # Whether this build saw it is cargo's to say; that the file has changed since it began must not be forgotten.
    editable.imports()
    again = editable.imports()
    assert (again.out, again.rebuilds) == ("7", 1)
    assert editable.imports() == (0, "7", "\n")


def test_a_failing_build_is_an_import_error_with_the_compilers_words(editable: Editable) -> None:
    editable.with_crate("rb-broken").install(REBUILD)
    editable.edit("src/lib.rs", "42", "not_there")
    failed = editable.imports("try:\n    import pkg._core\nexcept ImportError as error:\n    print(error, error.name)")
    assert "cannot find value `not_there`" in failed.out
    assert "--> src/lib.rs:" in failed.out
    assert "SETUPTOOLS_PYO3_REBUILD=0" in failed.out
    assert failed.out.endswith(" pkg._core")
    # Shown as cargo says it, too.
    assert "Compiling rb-broken" in failed.err
    assert editable.imports(SETUPTOOLS_PYO3_REBUILD="0") == (0, "42", "\n")
    editable.edit("src/lib.rs", "not_there", "44")
    assert editable.imports().out == "44"


def test_cargo_is_missing(editable: Editable) -> None:
    editable.with_crate("rb-no-cargo").install(REBUILD)
    editable.edit("src/lib.rs", "42", "43")
    failed = editable.imports(CARGO="no-such-cargo")
    assert failed.code == 1
    assert "ImportError: pkg._core has changed and can't be built again" in failed.err
    assert "cargo was not found (no-such-cargo)" in failed.err
    # The one of the installation is found where the importing program has none on its PATH.
    assert editable.imports(PATH="/nowhere").out == "43"


def test_a_module_that_is_declared_no_more(editable: Editable) -> None:
    editable.with_crate("rb-renamed").install(REBUILD)
    editable.edit("pyproject.toml", "pkg._core", "pkg._renamed")
    editable.edit("src/lib.rs", "PyInit__core", "PyInit__renamed")
    failed = editable.imports()
    assert failed.code
    assert "error: demo declares no such module any more" in failed.err


def test_each_module_has_inputs_of_its_own_and_all_are_built_by_one_command(editable: Editable) -> None:
    members = '[workspace]\nmembers = ["one", "two"]\nresolver = "2"\n'
    tables = (f'target = "pkg.{name}"\npath = "{name}/Cargo.toml"' for name in ("one", "two"))
    editable.with_crate("unused", *tables).write(
        {
            "Cargo.toml": members,
            "one/Cargo.toml": manifest("rb-several-one").replace("[lib]", '[lib]\nname = "one"'),
            "one/src/lib.rs": module("one", 1),
            "two/Cargo.toml": manifest("rb-several-two").replace("[lib]", '[lib]\nname = "two"'),
            "two/src/lib.rs": module("two", 2),
        }
    )
    (editable.folder / "Cargo.lock").unlink()
    (editable.folder / "src" / "lib.rs").unlink()
    editable.install(REBUILD)
    both = "from pkg import one, two; print(one.ANSWER, two.ANSWER)"
    assert editable.imports(both) == (0, "1 2", "\n")
    editable.edit("one/src/lib.rs", ", 1)", ", 10)")
    editable.edit("two/src/lib.rs", ", 2)", ", 20)")
    changed = editable.imports(both)
    assert changed.out == "10 20"
    assert changed.rebuilds == changed.err.count(" cargo build ") == 1
    editable.edit("two/src/lib.rs", ", 20)", ", not_there)")
    assert editable.imports("from pkg import one; print(one.ANSWER)") == (0, "10", "\n")
    assert editable.imports(both).code == 1


@pytest.mark.parametrize("word", ["maybe", "2"])
def test_a_setting_that_is_neither_yes_nor_no(editable: Editable, word: str) -> None:
    editable.with_crate("rb-maybe")
    done = editable.run(
        *("uv", "pip", "install", "--python", editable.python, "--no-build-isolation", f"-Crebuild={word}", "-e", "."), check=False
    )
    assert done.returncode
    assert f"--config-settings rebuild: expected true or false, found '{word}'" in done.stdout
    assert "Traceback" not in done.stdout
