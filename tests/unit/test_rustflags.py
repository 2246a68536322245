"""The flag that musl needs is added to the user's rustflags, at the one place that cargo takes them from."""

from __future__ import annotations

from typing import Dict, Mapping, Optional, Tuple

import pytest

from setuptools_pyo3.errors import DeclarationProblem
from setuptools_pyo3.mind import cargo_config, rustflags
from setuptools_pyo3.mind.cargo_config import Configuration

from .values import toml

FLAG = "-Ctarget-feature=-crt-static"
MUSL = "x86_64-unknown-linux-musl"
OWN = f'--config=target.\'cfg(all(target_env="musl"))\'.rustflags=["{FLAG}"]'


def flags(
    environ: Optional[Mapping[str, str]] = None, *texts: str, triple: str = MUSL
) -> Tuple[Tuple[str, ...], Dict[str, Optional[str]]]:
    files = [Configuration(f"/{number}/.cargo/config.toml", toml(text)) for number, text in enumerate(texts)]
    options, changes = rustflags.added((rustflags.SHARED_MUSL,), triple, environ or {}, files)
    return options, dict(changes)


def test_nothing_set_has_a_table_of_its_own() -> None:
    assert flags() == ((OWN,), {})


@pytest.mark.parametrize(
    ("environ", "change"),
    [
        ({"RUSTFLAGS": "-Cdebuginfo=1"}, {"RUSTFLAGS": f"-Cdebuginfo=1 {FLAG}"}),
        # Set and empty, it still takes the place of all configuration.
        ({"RUSTFLAGS": ""}, {"RUSTFLAGS": FLAG}),
        ({"CARGO_ENCODED_RUSTFLAGS": "-C\x1fdebuginfo=1"}, {"CARGO_ENCODED_RUSTFLAGS": f"-C\x1fdebuginfo=1\x1f{FLAG}"}),
        ({"CARGO_ENCODED_RUSTFLAGS": "-g", "RUSTFLAGS": "-O"}, {"CARGO_ENCODED_RUSTFLAGS": f"-g\x1f{FLAG}"}),
        ({"RUSTFLAGS": f"-g {FLAG}"}, {}),
        ({"RUSTFLAGS": "-g -C target-feature=-crt-static"}, {}),
    ],
)
def test_a_variable_is_added_to(environ: Dict[str, str], change: Dict[str, str]) -> None:
    assert flags(environ, '[build]\nrustflags = ["-g"]') == ((), change)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('[build]\nrustflags = ["-g"]', (f'--config=build.rustflags=["{FLAG}"]',)),
        ('[build]\nrustflags = "-g -O"', (f'--config=build.rustflags="-g -O {FLAG}"',)),
        (f'[target.{MUSL}]\nrustflags = ["-g"]', (f"--config=target.'{MUSL}'.rustflags=[\"{FLAG}\"]",)),
        (
            '[target.\'cfg(unix)\']\nrustflags = "-g"\n[build]\nrustflags = ["-O"]',
            (f'--config=build.rustflags=["{FLAG}"]', f"--config=target.'cfg(unix)'.rustflags=\"-g {FLAG}\""),
        ),
        ('[build]\njobs = 2\n[target.x]\nlinker = "cc"', (OWN,)),
    ],
)
def test_a_configuration_is_added_to_wherever_it_has_flags(text: str, options: Tuple[str, ...]) -> None:
    assert flags({}, text) == (options, {})


def test_variables_of_a_table_count_as_the_table() -> None:
    own = {"CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS": "-g"}
    assert flags(own, '[build]\nrustflags = ["-O"]') == ((OWN,), {})
    assert flags(own, '[build]\nrustflags = ["-O"]', triple="") == ((OWN,), {})
    assert flags({"CARGO_TARGET_WASM32_RUSTFLAGS": "-g"}, '[build]\nrustflags = ["-O"]')[0] == (
        f'--config=build.rustflags=["{FLAG}"]',
    )
    assert flags({"CARGO_BUILD_RUSTFLAGS": "-g"}) == ((f'--config=build.rustflags=["{FLAG}"]',), {})


def test_the_target_that_a_configuration_names_is_the_nearest_ones() -> None:
    files = [
        Configuration(path, toml(text)) for path, text in (("near", "[build]\njobs = 1"), ("far", '[build]\ntarget = "a-b-c"'))
    ]
    assert cargo_config.target(files) == ("a-b-c", "far")
    assert cargo_config.target([Configuration("near", toml('[build]\ntarget = ["a-b-c"]'))]) == ("a-b-c", "near")
    assert cargo_config.target([]) == ("", "")


def test_several_targets_in_a_configuration_are_refused() -> None:
    with pytest.raises(DeclarationProblem) as raised:
        cargo_config.target([Configuration("/p/.cargo/config.toml", toml('[build]\ntarget = ["a-b-c", "x-y-z"]'))])
    assert "a-b-c, x-y-z" in str(raised.value)


SPACED = rustflags.Flag("-Clinker=/my cache/cc")


def test_a_flag_with_a_space_goes_where_it_can_be_written() -> None:
    options, changes = rustflags.added((SPACED,), "", {"RUSTFLAGS": "-g  -O"}, [])
    assert (options, changes) == ((), (("CARGO_ENCODED_RUSTFLAGS", "-g\x1f-O\x1f-Clinker=/my cache/cc"),))
    options, changes = rustflags.added((SPACED,), "", {}, [])
    assert options == (f"--config=target.'cfg(not(any()))'.rustflags=[\"{SPACED.text}\"]",)
    with pytest.raises(DeclarationProblem, match="holds a space"):
        rustflags.added((SPACED,), "", {}, [Configuration("/.cargo/config.toml", toml('[build]\nrustflags = "-g"'))])


def test_flags_of_ours_stand_together_where_the_user_has_some() -> None:
    files = [Configuration("/.cargo/config.toml", toml('[build]\nrustflags = ["-g"]'))]
    flags = (rustflags.SHARED_MUSL, rustflags.Flag("-Clinker=cc"))
    assert rustflags.added(flags, MUSL, {}, files)[0] == (f'--config=build.rustflags=["{FLAG}", "-Clinker=cc"]',)
    assert len(rustflags.added(flags, MUSL, {}, [])[0]) == 2
    settled = rustflags.added(flags, MUSL, {"RUSTFLAGS": FLAG}, files)
    assert settled == ((), (("RUSTFLAGS", f"{FLAG} -Clinker=cc"),))


def test_several_flags_of_one_kind_add_up() -> None:
    flags = [rustflags.Flag("--remap-path-prefix=/home/a b=/cargo"), rustflags.Flag("--remap-path-prefix=/t=/target")]
    table = "--config=target.'cfg(not(any()))'.rustflags="
    assert rustflags.added(flags, "", {}, [])[0] == tuple(f'{table}["{flag.text}"]' for flag in flags)
    assert rustflags.added(flags[1:], "", {"RUSTFLAGS": "-g"}, [])[1] == (("RUSTFLAGS", f"-g {flags[1].text}"),)
