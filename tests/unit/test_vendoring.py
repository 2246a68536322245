"""cargo's configuration for vendored crates is merged into the project's own as TOML."""

from __future__ import annotations

from setuptools_pyo3.mind import vendoring
from setuptools_pyo3.mind.shipment import Layout, relative

PRINTED = {
    "source": {
        "crates-io": {"replace-with": "vendored-sources"},
        "vendored-sources": {"directory": ".cargo/vendor"},
    }
}


def test_what_the_project_says_otherwise_stays() -> None:
    own = {"build": {"rustflags": ["-A"]}, "source": {"crates-io": {"replace-with": "mirror"}, "mirror": {"registry": "sparse+x"}}}
    merged = vendoring.merged(own, PRINTED, {})
    assert merged["build"] == own["build"]
    assert merged["source"]["crates-io"] == {"replace-with": "vendored-sources"}
    assert merged["source"]["mirror"] == {"registry": "sparse+x"}
    # The project's own is untouched.
    assert own["source"]["crates-io"] == {"replace-with": "mirror"}


def test_registries_that_it_names_itself_stay() -> None:
    merged = vendoring.merged({"registries": {"a": {"index": "mine"}}}, PRINTED, {"a": "other", "b": "new"})
    assert merged["registries"] == {"a": {"index": "mine"}, "b": {"index": "new"}}


def test_registries_are_found_in_every_kind_of_dependency() -> None:
    manifest = {
        "dependencies": {"a": {"version": "1", "registry": "one"}, "b": "1"},
        "target": {"cfg(unix)": {"build-dependencies": {"c": {"registry": "two"}}}},
        "workspace": {"dependencies": {"d": {"registry": "three"}}},
    }
    assert sorted(vendoring.registries(manifest)) == ["one", "three", "two"]


def test_a_stub_resolves_as_the_crate_does_and_builds_nothing() -> None:
    manifest = {
        "package": {"name": "win", "version": "1.2.3", "edition": "2021", "links": "win", "build": "build.rs", "license": "MIT"},
        "lib": {"name": "win", "path": "lib/win.rs", "proc-macro": True},
        "bin": [{"name": "w", "path": "w.rs"}],
        "features": {"default": ["x"], "x": ["dep:y"]},
        "dependencies": {"y": {"version": "1", "optional": True}},
        "dev-dependencies": {"z": "1"},
    }
    assert vendoring.stub(manifest) == {
        "package": {"name": "win", "version": "1.2.3", "edition": "2021", "build": False},
        "lib": {"name": "win", "proc-macro": True, "path": "src/lib.rs"},
        "features": {"default": ["x"], "x": ["dep:y"]},
        "dependencies": {"y": {"version": "1", "optional": True}},
    }


def test_places() -> None:
    layout = Layout("/repo/python", "/repo")
    assert layout.place("/repo/python") == ""
    assert layout.place("/repo/python/rust") == "rust"
    assert layout.place("/repo") == ".cargo/crates"
    assert layout.place("/repo/core/src") == ".cargo/crates/core/src"
    assert layout.place("/repository") is None
    assert Layout("/repo/python").place("/repo/core") is None
    assert relative("", ".cargo/crates/core") == ".cargo/crates/core"
    assert relative("rust", "") == ".."
