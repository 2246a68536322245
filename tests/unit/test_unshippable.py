"""Secrets are known by their names and by what is in them, and things that only look like them aren't taken for any."""

from __future__ import annotations

import pytest

from setuptools_pyo3.mind import inclusions, unshippable


@pytest.mark.parametrize(
    "path",
    [".env", "a/.env", ".env.production", ".cargo/credentials", "x/credentials.toml", ".ssh/config", "keys/id_ed25519", ".netrc"],
)
def test_what_is_a_secret_by_its_name(path: str) -> None:
    assert unshippable.always(path)


@pytest.mark.parametrize("path", [".env.example", "env", "src/credentials.rs", "credentials", "docs/id_rsa.md", "a/.envrc.md"])
def test_what_is_none(path: str) -> None:
    assert not unshippable.always(path)


@pytest.mark.parametrize(
    ("path", "content", "is_key"),
    [
        ("a.pem", b"-----BEGIN CERTIFICATE-----\n", False),
        ("a.pem", b"-----BEGIN PUBLIC KEY-----\n", False),
        ("a.pem", b"# ours\n-----BEGIN PRIVATE KEY-----\n", True),
        ("a.pem", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", True),
        ("a.key", b"-----BEGIN OPENSSH PRIVATE KEY-----\n", True),
        ("a.asc", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", True),
        ("a.asc", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", False),
        ("a.ppk", b"PuTTY-User-Key-File-3: ssh-rsa\n", True),
        ("a.p12", b"\x30\x82", True),
    ],
)
def test_keys_are_told_by_what_is_in_them(path: str, content: bytes, is_key: bool) -> None:
    assert unshippable.may_be_key(path)
    assert unshippable.is_key(path, content) is is_key


def test_a_configuration_without_a_secret_passes() -> None:
    content = {
        "registries": {"ours": {"index": "sparse+https://example.org/index/", "credential-provider": ["cargo:token"]}},
        "http": {"proxy": "http://proxy.example.org:3128"},
        "env": {"TOKENIZER": "fast", "KEY_FILE": "x", "EMPTY_TOKEN": ""},
        "net": {"git-fetch-with-cli": True},
        "source": {"ssh": {"git": "ssh://git@example.org/x.git"}},
    }
    unshippable.check_configuration(content, "", ".cargo/config.toml")


def test_included_files_are_found_where_they_are_named_in_plain_strings() -> None:
    source = b"""
        const A: &str = include_str!("a.txt");
        const B: &[u8] = include_bytes! (
            r"b.bin",
        );
        include!["c.rs"];
        #[path = "d.rs"]
        mod d;
        const E: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/e.txt"));
        const F: &str = include_str!(concat!(env!("OUT_DIR"), "/f.txt"));
        #![doc = include_str!("../README.md")]
    """
    beside = [name for from_package, name in inclusions.named(source) if not from_package]
    assert beside == ["a.txt", "b.bin", "c.rs", "d.rs", "../README.md"]
    assert [name for from_package, name in inclusions.named(source) if from_package] == ["e.txt"]
