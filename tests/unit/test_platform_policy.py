"""What breaks a platform policy, and which one files keep to."""

from __future__ import annotations

from typing import Sequence

import pytest

from setuptools_pyo3.mind.native_file import NativeFile
from setuptools_pyo3.mind.platform_policy import lowest, named, newer_than, violations

from .natives import MUSL, NEWER, NEWEST, OLD, POLICIES, PUBLISHED, VENDORED, imports, module


@pytest.mark.parametrize(
    ("symbols", "keeps_to"),
    [
        ((), OLD),
        (("statx@GLIBC_2.28",), NEWER),
        # auditwheel counts weak symbols too: without a mark of its own, the loader refuses a version that it doesn't know.
        (("?gettid@GLIBC_2.34",), NEWEST),
        (("new@GLIBC_2.41",), None),
        # A feature of the loader that no symbol stands for.
        (("@GLIBC_ABI_DT_RELR",), None),
        (("SSL_new@OPENSSL_3.0.0",), OLD),
    ],
)
def test_the_newest_symbol_decides(symbols: Sequence[str], keeps_to: object) -> None:
    assert lowest(POLICIES, [module("pkg/_core.abi3.so", *symbols)]) == keeps_to


def test_one_file_spoils_a_wheel() -> None:
    good, bad = module(), module("pkg/_other.abi3.so", "statx@GLIBC_2.28")
    assert lowest(POLICIES, [good, bad]) == NEWER
    assert [finding.where for finding in violations(OLD, [good, bad])] == [bad.name]


def test_each_symbol_is_named_with_its_version_the_newest_first() -> None:
    file = module("a.abi3.so", "statx@GLIBC_2.28", "pthread_join@GLIBC_2.34", "fstat64@GLIBC_2.33", "?gettid@GLIBC_2.30")
    (finding,) = violations(OLD, [file])
    assert finding.rule == "symbol-version"
    assert finding.what == "it needs GLIBC_2.34, but manylinux_2_17_x86_64 promises nothing as new"
    expected = ["pthread_join needs GLIBC_2.34", "fstat64 needs GLIBC_2.33", "gettid needs GLIBC_2.30", "statx needs GLIBC_2.28"]
    assert finding.why == ", ".join(expected)
    assert "zig" in finding.hint
    assert "image" in finding.hint


@pytest.mark.parametrize(
    ("changes", "rule", "says"),
    [
        ({"needed": ("libc.so.6", "libssl.so.3", "liblzma.so.5")}, "library", "libssl.so.3, liblzma.so.5"),
        ({"needed": ("libc.so.6", "libpython3.11.so.1.0")}, "libpython", "libpython3.11.so.1.0"),
        ({"needed": ("libc.so.6", "libz.so.1"), "imports": imports("zcfree", "inflate")}, "symbol", "zcfree of libz.so.1"),
        ({"isa": "x86-64-v3"}, "isa", "x86-64-v3"),
        ({"isa": "native"}, "isa", "this very processor"),
        ({"needed": ("libc.musl-x86_64.so.1",)}, "libc", "linked to musl"),
    ],
)
def test_what_no_policy_allows(changes: "dict[str, object]", rule: str, says: str) -> None:
    for policy in POLICIES:
        (finding,) = violations(policy, [module(**changes)])
        assert finding.rule == rule
        assert says in finding.what
    assert lowest(POLICIES, [module(**changes)]) is None


def test_forbidden_symbols_may_be_looked_for_weakly() -> None:
    assert violations(OLD, [module(needed=("libc.so.6", "libz.so.1"), imports=imports("inflate", "?zcfree"))]) == ()


def test_the_loaders_own_versions_go_with_the_libc() -> None:
    loader = imports("__tls_get_addr@GLIBC_2.99")[0]._replace(library="ld-linux-x86-64.so.2")
    assert violations(OLD, [module(imports=(loader,))]) == ()


def test_vendored_libraries_are_found_by_the_run_path_only() -> None:
    module_file = PUBLISHED["musllinux_1_2_x86_64"]
    assert violations(MUSL, [module_file, VENDORED]) == ()
    (finding,) = violations(MUSL, [module_file._replace(search=()), VENDORED])
    assert "libgcc_s-0cd532bd.so.1" in finding.what


@pytest.mark.parametrize("name", ["libc.so", "libc.musl-x86_64.so.1", "libpthread.so.0", "libm.so.6", "ld-musl-x86_64.so.1"])
def test_names_that_musl_answers_itself(name: str) -> None:
    """zig and rustc's own linker write ``libc.so``, Alpine's gcc the long name: the loader takes both for itself."""
    assert violations(MUSL, [module(needed=("libc.so", name), imports=())]) == ()


def test_glibc_code_is_not_for_musl() -> None:
    (finding,) = violations(MUSL, [module()])
    assert finding.rule == "libc"


@pytest.mark.parametrize(("glibc", "wrong"), [((2, 30), ["statx2"]), ((2, 17), ["statx2", "statx"]), ((2, 41), [])])
def test_glibc_alone_where_there_is_no_policy(glibc: "tuple[int, int]", wrong: "list[str]") -> None:
    file = module("a.abi3.so", "statx@GLIBC_2.28", "statx2@GLIBC_2.33", "x@GLIBC_PRIVATE", "y@GLIBCXX_3.4.30")
    found = newer_than(glibc, "manylinux_2_30_x86_64", [file])
    assert [part.split()[0] for finding in found for part in finding.why.split(", ")] == wrong


def test_files_of_other_systems_are_not_judged() -> None:
    assert violations(OLD, [PUBLISHED["win_amd64"], NativeFile("x.so", "ELF", fault="damaged")]) == ()


def test_policies_are_known_by_new_and_old_names() -> None:
    assert named(POLICIES, "manylinux2014_x86_64") is named(POLICIES, "manylinux_2_17_x86_64") is OLD
    assert named(POLICIES, "manylinux_2_17_aarch64") is None
    assert OLD.tag == "manylinux2014_x86_64.manylinux_2_17_x86_64"
