"""What cargo and rustc write down about what they read, on several platforms."""

from __future__ import annotations

from setuptools_pyo3.mind import dep_info, messages
from setuptools_pyo3.mind.messages import Artifact


def artifact(name: str, *files: str, kind: str = "lib") -> Artifact:
    return Artifact("/p/Cargo.toml", "path+file:///p#x@0.1.0", (kind,), name, files, "", True)


def test_files_of_cargos_rule() -> None:
    assert dep_info.files("/t/debug/libx.so: /p/build.rs /p/src/lib.rs\n") == ["/p/build.rs", "/p/src/lib.rs"]
    assert dep_info.files("/t/libx.so: /p/a\\ b.txt /p/src/lib.rs\n") == ["/p/a b.txt", "/p/src/lib.rs"]
    assert dep_info.files("C:\\t\\debug\\x.dll: C:\\p\\my\\ crate\\src\\lib.rs C:\\p\\build.rs\n") == [
        "C:\\p\\my crate\\src\\lib.rs",
        "C:\\p\\build.rs",
    ]
    assert dep_info.files("/t/libx.so:\n") == []
    assert dep_info.files("") == []


def test_variables_of_rustcs_file() -> None:
    text = "/t/deps/x.d: src/lib.rs\n\nsrc/lib.rs:\n\n# env-dep:SET=a=b\\nc\n# env-dep:UNSET\n# env-dep:WITH SPACE\n"
    assert dep_info.variables(text) == ["SET", "UNSET", "WITH SPACE"]
    assert dep_info.variables("/t/deps/x.d: src/lib.rs\n") == []


def test_what_a_build_script_names() -> None:
    old = "cargo:rustc-cfg=x\ncargo:rerun-if-env-changed=CC\ncargo:rerun-if-changed=a.h\n"
    assert dep_info.script(old) == (("CC",), False)
    assert dep_info.script("cargo::rerun-if-env-changed=CXX\nany other output\n") == (("CXX",), False)
    assert dep_info.script("cargo:rerun-if-changed=a.h\n") == ((), False)
    assert dep_info.script("cargo:rustc-link-lib=z\n") == ((), True)
    assert dep_info.script("") == ((), True)


def test_where_rustc_has_written() -> None:
    library = artifact("my-dep", "/t/debug/deps/libmy_dep-0a.rlib", "/t/debug/deps/libmy_dep-0a.rmeta")
    assert dep_info.rustc_file(library, "") == "/t/debug/deps/my_dep-0a.d"
    # One of a name that begins like the prefix.
    assert dep_info.rustc_file(artifact("libz", "/t/deps/liblibz-0a.rlib"), "") == "/t/deps/libz-0a.d"
    # Windows has no prefix for what is loaded.
    macro = artifact("lib-macros", "/t/deps/lib_macros-0a.dll", kind="proc-macro")
    assert dep_info.rustc_file(macro, "") == "/t/deps/lib_macros-0a.d"
    module = artifact("_core", "/t/debug/lib_core.so", kind="cdylib")
    assert dep_info.rustc_file(module, "/b/debug/deps") == "/b/debug/deps/_core.d"
    assert dep_info.rustc_file(artifact("tool", "/t/debug/tool", kind="bin"), "/b/debug/deps") is None


def test_the_folder_of_what_cargo_does_not_show() -> None:
    module = artifact("_core", "/t/debug/lib_core.so", kind="cdylib")
    assert dep_info.deps_folder([module, artifact("dep", "/b/debug/deps/libdep-0a.rmeta")]) == "/b/debug/deps"
    assert dep_info.deps_folder([module]) == ""


def test_local_packages() -> None:
    assert messages.is_local("path+file:///p#x@0.1.0")
    assert messages.is_local("x 0.1.0 (path+file:///p)")
    assert not messages.is_local("registry+https://github.com/rust-lang/crates.io-index#libc@0.2.0")
    assert not messages.is_local("libc 0.2.0 (registry+https://github.com/rust-lang/crates.io-index)")
    assert not messages.is_local("git+https://example.org/x?branch=main#x@0.1.0")
