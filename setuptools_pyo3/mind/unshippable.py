"""What no source distribution and no wheel may hold: secrets, by the names and the content of files."""

from __future__ import annotations

import re
from typing import Any, Iterator, List, Mapping, Optional, Tuple

from ..errors import DeclarationProblem
from .toml import table

_NAMES = frozenset(
    {
        ".netrc",
        "_netrc",
        ".pypirc",
        ".git-credentials",
        ".htpasswd",
        ".pgpass",
        "credentials.toml",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
    }
)
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg"})
_EXAMPLES = (".example", ".sample", ".template", ".dist")
# They may hold a private key, a certificate, or something else altogether.
_MAYBE_KEYS = (".pem", ".key", ".ppk", ".asc")
_KEY_STORES = (".p12", ".pfx", ".jks", ".keystore")
_PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\APuTTY-User-Key-File")
_URL_WITH_PASSWORD = re.compile(r"\A[a-z][a-z0-9+.-]*://[^/@\s:]*:[^/@\s]+@", re.IGNORECASE)
_SECRET_VARIABLE = re.compile(
    r"(?:\A|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|SECRET_KEY|ACCESS_KEY|CREDENTIALS?)\Z", re.IGNORECASE
)


def always(path: str) -> bool:
    """Whether a file is a secret by its name: credentials, ssh's keys, an ``.env`` (one that is only an example is none).

    Args:
        path: relative, with slashes.
    """
    *folders, name = path.split("/")
    if name == ".env" or (name.startswith(".env.") and not name.endswith(_EXAMPLES)):
        return True
    # Old cargo's credentials have no ending.
    return name in _NAMES or not _FOLDERS.isdisjoint(folders) or (name == "credentials" and folders[-1:] == [".cargo"])


def may_be_key(path: str) -> bool:
    """Whether a file has to be looked into to tell if it is a private key."""
    return path.endswith((*_MAYBE_KEYS, *_KEY_STORES))


def is_key(path: str, content: bytes) -> bool:
    """Whether a file that may be a private key is one. Certificates and public keys are none.

    Args:
        path: of the file.
        content: how it begins.
    """
    return path.endswith(_KEY_STORES) or _PRIVATE_KEY.search(content) is not None


def check_configuration(content: Mapping[str, Any], text: str, where: str) -> None:
    """Refuse a configuration of cargo that tells a secret.

    Args:
        content: the file, as parsed.
        text: the file, for finding the line.
        where: its path, for the message.

    Raises:
        DeclarationProblem: it holds a token, a password in an address, or a variable that is called like one.
    """
    hint = "move it to credentials.toml in cargo's home (`cargo login` does that), or to an environment variable"
    _refuse(_secrets(content), text, where, hint)


def check_manifest(content: Mapping[str, Any], text: str, where: str) -> None:
    """Refuse a crate's manifest that has a password or a token in the address of a git repository.

    Args:
        content: the file, as parsed.
        text: the file, for finding the line.
        where: its path, for the message.

    Raises:
        DeclarationProblem: it has.
    """
    found = (((*keys, "git"), value) for keys, value in _repositories((), content) if _has_password(value))
    hint = "take it out of the address, and give it to git: cargo asks git's credential helpers"
    _refuse(found, text, where, hint)


def _refuse(secrets: Iterator[Tuple[Tuple[str, ...], str]], text: str, where: str, hint: str) -> None:
    for keys, value in secrets:
        line = _line(text, keys[-1], value)
        raise DeclarationProblem(
            f"{'.'.join(keys)} holds a secret, and this file would be in the source distribution",
            where=f"{where}:{line}" if line else where,
            why="cargo needs the file to build the project, so it can't be left out",
            hint=hint,
        )


def _secrets(content: Mapping[str, Any]) -> Iterator[Tuple[Tuple[str, ...], str]]:
    registries: List[Tuple[Tuple[str, ...], Mapping[str, Any]]] = [(("registry",), table(content, "registry"))]
    registries += [(("registries", name), table(content, "registries", name)) for name in table(content, "registries")]
    for keys, registry in registries:
        for key in ("token", "secret-key"):
            if isinstance(registry.get(key), str):
                yield (*keys, key), registry[key]
    for name, value in table(content, "env").items():
        said = value.get("value") if isinstance(value, Mapping) else value
        if isinstance(said, str) and said and _SECRET_VARIABLE.search(name):
            yield ("env", name), said
    yield from _addresses((), content)


def _addresses(keys: Tuple[str, ...], value: Any) -> Iterator[Tuple[Tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _addresses((*keys, str(key)), inner)
    elif isinstance(value, str) and _has_password(value):
        yield keys, value


def _repositories(keys: Tuple[str, ...], table_: Mapping[str, Any]) -> Iterator[Tuple[Tuple[str, ...], str]]:
    for key, value in table_.items():
        if key == "git" and isinstance(value, str):
            yield keys, value
        elif isinstance(value, Mapping):
            yield from _repositories((*keys, key), value)


def _has_password(address: str) -> bool:
    return _URL_WITH_PASSWORD.match(address.removeprefix("sparse+")) is not None


def _line(text: str, key: str, value: str) -> Optional[int]:
    """The line that says it; None where it is spelt in a way that a look doesn't find."""
    lines = text.splitlines()
    found = [number for number, line in enumerate(lines, 1) if value in line]
    return next((number for number in found if key in lines[number - 1]), found[0] if found else None)
