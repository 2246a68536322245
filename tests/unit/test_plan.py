"""The plan: which cargo commands build the declared extensions, and which of them can share one."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

import pytest

from setuptools_pyo3.declaration.extension import Binding, RustBin, RustExtension
from setuptools_pyo3.mind import pyo3_config
from setuptools_pyo3.mind.abi import ABI3, SPECIFIC, Abi
from setuptools_pyo3.mind.crate import Crate
from setuptools_pyo3.mind.grouping import profile_of
from setuptools_pyo3.mind.interpreter import Interpreter
from setuptools_pyo3.mind.plan import Call, Plan

from .values import ROOT, crate, expected, linux, locked, macos, only_call, package, planned, pypy, situation, windows, with_pyo3

VIRTUAL = '[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n'
OLD_ROOT = package("root", edition="2018", tables='[workspace]\nmembers = ["a", "b"]\n')
VARIABLE = "SETUPTOOLS_PYO3_CARGO_PROFILE"
SERVICE = 'service = { path = "../service"'


def member(name: str, texts: Mapping[str, str], root: str = VIRTUAL, **surroundings: Any) -> Crate:
    """A crate of a workspace, by its folder."""
    return crate({"": root, **texts}, name, **surroundings)


def pair(a: str, b: str, root: str = VIRTUAL, **options: Any) -> Plan:
    """The plan for two members of a workspace; ``options`` are settings of both extensions."""
    texts = {"a": a, "b": b}
    builds = [(RustExtension(f"pkg.{name}", **options), member(name, texts, root)) for name in texts]
    return planned(*builds)


def built(plan: Plan) -> List[List[str]]:
    """The names of what comes out of each call."""
    return [[item.name for item in call.items] for call in plan.calls]


def changes(call: Call) -> Dict[str, Optional[str]]:
    """What a call changes in the environment."""
    return dict(call.changes)


def identity(extension: RustExtension, of: "Crate | str", **circumstances: Any) -> str:
    """The identity of the one thing that is built."""
    (leaf,) = only_call((extension, of), **circumstances).leaves
    return leaf.identity


# -- which commands share one --------------------------------------------------------------------------------------------


def test_members_of_a_workspace_with_the_same_settings_are_one_call() -> None:
    plan = pair(with_pyo3("0.30", name="a"), with_pyo3("0.30", name="b"))
    assert built(plan) == [["pkg.a", "pkg.b"]]
    (call,) = plan.calls
    assert call.arguments == (
        "build",
        "--lib",
        "--manifest-path=Cargo.toml",
        "--message-format=json-render-diagnostics",
        "--release",
        "--package=a",
        "--package=b",
        "--locked",
        *call.identity,
    )


def test_a_single_crate_is_called_by_its_own_manifest() -> None:
    call = only_call((RustExtension("demo"), crate({"rust": with_pyo3()}, "rust")))
    assert call.arguments == (
        "build",
        "--lib",
        "--manifest-path=rust/Cargo.toml",
        "--message-format=json-render-diagnostics",
        "--release",
        "--locked",
        *call.identity,
    )


def test_eight_extensions_are_one_call() -> None:
    names = [f"m{number}" for number in range(8)]
    texts = {name: with_pyo3("0.30", name=name) for name in names}
    plan = planned(*((RustExtension(name), member(name, texts)) for name in names))
    assert built(plan) == [names]


def test_one_crate_under_two_names_is_one_call() -> None:
    plan = planned((RustExtension("pkg.one"), with_pyo3()), (RustExtension("pkg.two"), with_pyo3()))
    assert built(plan) == [["pkg.one", "pkg.two"]]


def test_crates_of_two_workspaces_are_two_calls() -> None:
    texts = {"a": with_pyo3("0.30", name="a"), "b": with_pyo3("0.30", name="b")}
    plan = planned((RustExtension("pkg.a"), crate(texts, "a")), (RustExtension("pkg.b"), crate(texts, "b")))
    assert built(plan) == [["pkg.a"], ["pkg.b"]]


def test_crates_that_ask_different_things_of_pyo3_are_kept_apart() -> None:
    plan = pair(with_pyo3("0.30", "abi3-py39", name="a"), with_pyo3("0.30", name="b"))
    assert built(plan) == [["pkg.a"], ["pkg.b"]]
    assert [call.items[0].abi for call in plan.calls] == [Abi(ABI3, (3, 9)), Abi(SPECIFIC)]


def service(features: str, name: str) -> str:
    """A crate that uses the local crate ``service`` with these features."""
    return with_pyo3("0.30", name=name, tables=f"{SERVICE}, features = [{features}] }}\n")


@pytest.mark.parametrize(("ours", "theirs", "calls"), [('"fast"', '"fast"', 1), ('"fast"', "", 2), ('"fast"', '"small"', 2)])
def test_crates_that_share_a_local_crate_must_agree_about_its_features(ours: str, theirs: str, calls: int) -> None:
    texts = {
        "a": service(ours, "a"),
        "b": service(theirs, "b"),
        "service": package("service", types='"rlib"', tables="[features]\nfast = []\nsmall = []\n"),
    }
    plan = planned(*((RustExtension(f"pkg.{name}"), member(name, texts)) for name in ("a", "b")))
    assert len(plan.calls) == calls


def test_of_three_crates_those_that_agree_are_one_call() -> None:
    names = {"a": '"fast"', "b": '"small"', "c": '"fast"'}
    texts = {name: service(features, name) for name, features in names.items()}
    texts["service"] = package("service", types='"rlib"', tables="[features]\nfast = []\nsmall = []\n")
    plan = planned(*((RustExtension(f"pkg.{name}"), member(name, texts)) for name in names))
    assert built(plan) == [["pkg.a", "pkg.c"], ["pkg.b"]]


@pytest.mark.parametrize(
    "settings",
    [{"profile": "checked"}, {"debug": True}, {"env": {"A": "1"}}, {"quiet": True}, {"args": ["--timings"]}, {"locked": False}],
)
def test_other_settings_are_another_call(settings: Dict[str, Any]) -> None:
    texts = {"a": with_pyo3("0.30", name="a"), "b": with_pyo3("0.30", name="b")}
    plan = planned((RustExtension("pkg.a", **settings), member("a", texts)), (RustExtension("pkg.b"), member("b", texts)))
    assert built(plan) == [["pkg.a"], ["pkg.b"]]


def test_fault_20_an_optional_extension_takes_no_other_with_it() -> None:
    texts = {name: with_pyo3("0.30", name=name) for name in ("a", "b", "c")}
    plan = planned(*((RustExtension(f"pkg.{name}", optional=name == "b"), member(name, texts)) for name in texts))
    assert built(plan) == [["pkg.a", "pkg.c"], ["pkg.b"]]


def test_two_optional_extensions_are_alone_each() -> None:
    assert built(pair(with_pyo3("0.30", name="a"), with_pyo3("0.30", name="b"), optional=True)) == [["pkg.a"], ["pkg.b"]]


def test_rustc_flags_need_a_call_each() -> None:
    plan = pair(with_pyo3("0.30", name="a"), with_pyo3("0.30", name="b"), rustc_flags=["-Cpanic=abort"])
    assert built(plan) == [["pkg.a"], ["pkg.b"]]
    for call in plan.calls:
        assert call.arguments[0] == "rustc"
        assert call.arguments[-2:] == ("--", "-Cpanic=abort")


@pytest.mark.parametrize("types", ['"rlib"', '"dylib"', '"lib"', '"staticlib", "rlib"'])
def test_fault_13_a_crate_without_a_cdylib_is_built_as_one(types: str) -> None:
    arguments = only_call((RustExtension("demo"), with_pyo3(types=types))).arguments
    assert arguments[0] == "rustc"
    assert "--crate-type=cdylib" in arguments


def test_a_crate_type_that_the_project_chooses_is_left_alone() -> None:
    arguments = only_call((RustExtension("demo", args=["--crate-type", "cdylib"]), with_pyo3(types='"rlib"'))).arguments
    assert arguments[0] == "rustc"
    assert [word for word in arguments if "crate-type" in word] == ["--crate-type"]


PROFILES = '[profile.release]\nlto = {}\n[profile.checked]\ninherits = "release"\n'


@pytest.mark.parametrize(
    ("lto", "types", "settings", "variables", "command"),
    [
        ("true", '"rlib", "cdylib"', {}, {}, "rustc"),
        ('"thin"', '"rlib", "cdylib"', {}, {}, "rustc"),
        ('"fat"', '"cdylib", "rlib"', {"profile": "checked"}, {}, "rustc"),
        ("true", '"cdylib"', {}, {}, "build"),
        ("false", '"rlib", "cdylib"', {}, {}, "build"),
        ('"off"', '"rlib", "cdylib"', {}, {}, "build"),
        ("true", '"rlib", "cdylib"', {"debug": True}, {}, "build"),
        ("false", '"rlib", "cdylib"', {}, {"CARGO_PROFILE_RELEASE_LTO": "fat"}, "rustc"),
        ("true", '"rlib", "cdylib"', {}, {"CARGO_PROFILE_RELEASE_LTO": "off"}, "build"),
        ("false", '"rlib", "cdylib"', {"profile": "checked"}, {"CARGO_PROFILE_CHECKED_LTO": "true"}, "rustc"),
        # The variable changes the profile that the chosen one inherits from.
        ("false", '"rlib", "cdylib"', {"profile": "checked"}, {"CARGO_PROFILE_RELEASE_LTO": "fat"}, "rustc"),
        ("true", '"rlib", "cdylib"', {"profile": "checked"}, {"CARGO_PROFILE_RELEASE_LTO": "off"}, "build"),
    ],
)
def test_link_time_optimisation_beside_an_rlib_needs_a_call_of_its_own(
    lto: str, types: str, settings: Dict[str, Any], variables: Dict[str, str], command: str
) -> None:
    text = with_pyo3(types=types, tables=PROFILES.format(lto))
    call = only_call((RustExtension("demo", **settings), text), environ={"PATH": "/usr/bin", **variables})
    assert call.arguments[0] == command
    assert ("--crate-type=cdylib" in call.arguments) is (command == "rustc")


def test_profiles_of_members_do_not_count() -> None:
    a = with_pyo3("0.30", name="a", types='"rlib", "cdylib"', tables="[profile.release]\nlto = true\n")
    assert built(pair(a, with_pyo3("0.30", name="b"))) == [["pkg.a", "pkg.b"]]


def test_profiles_that_inherit_in_a_ring_are_cargos_to_refuse() -> None:
    ring = '[profile.x]\ninherits = "y"\n[profile.y]\ninherits = "x"\n'
    call = only_call((RustExtension("demo", profile="x"), with_pyo3(types='"rlib", "cdylib"', tables=ring)))
    assert call.arguments[0] == "build"


# -- features ------------------------------------------------------------------------------------------------------------

FAST = "[features]\nfast = []\n"


def feature_options(call: Call) -> List[str]:
    """What a call says about features."""
    return [word for word in call.arguments if "features" in word]


def test_features_of_several_crates_are_told_apart() -> None:
    plan = pair(with_pyo3("0.30", name="a", tables=FAST), with_pyo3("0.30", name="b", tables=FAST), features=["fast"])
    assert [feature_options(call) for call in plan.calls] == [["--features=a/fast,b/fast"]]


def test_features_of_one_crate_stand_for_themselves() -> None:
    text = with_pyo3("0.30", tables="[features]\nfast = []\nsmall = []\n")
    assert feature_options(only_call((RustExtension("demo", features=["fast", "small", "fast"]), text))) == [
        "--features=fast,small"
    ]


def test_the_extension_feature_of_old_pyo3_holds_for_the_whole_call() -> None:
    plan = pair(with_pyo3("0.20", name="a"), with_pyo3("0.20", name="b"))
    assert built(plan) == [["pkg.a", "pkg.b"]]
    assert feature_options(plan.calls[0]) == ["--features=pyo3/extension-module"]


def test_default_features_are_turned_off_once() -> None:
    for extension in (RustExtension("demo", no_default_features=True), RustExtension("demo", args=["--no-default-features"])):
        assert feature_options(only_call((extension, with_pyo3()))) == ["--no-default-features"]


def test_a_virtual_workspace_tells_its_members_features_apart_whatever_its_resolver() -> None:
    a, b = (with_pyo3("0.30", name=name, tables=FAST) for name in ("a", "b"))
    assert len(pair(a, b, '[workspace]\nmembers = ["a", "b"]\n', features=["fast"]).calls) == 1


@pytest.mark.parametrize(
    ("version", "settings"),
    [
        ("0.30", {"features": ["fast"]}),
        ("0.30", {"args": ["--features=fast"]}),
        ("0.30", {"no_default_features": True}),
        ("0.30", {"args": ["--no-default-features"]}),
        # Needs pyo3/extension-module.
        ("0.20", {}),
    ],
)
def test_under_the_first_resolver_options_for_features_reach_the_root_package_only(version: str, settings: Dict[str, Any]) -> None:
    # cargo ignores them for the others that are selected, or refuses; a call in the member's own folder is understood.
    plan = pair(with_pyo3(version, name="a", tables=FAST), with_pyo3(version, name="b", tables=FAST), OLD_ROOT, **settings)
    assert built(plan) == [["pkg.a"], ["pkg.b"]]
    assert [word for call in plan.calls for word in call.arguments if "manifest-path" in word] == [
        "--manifest-path=a/Cargo.toml",
        "--manifest-path=b/Cargo.toml",
    ]


def test_under_the_first_resolver_crates_without_such_options_still_share_a_call() -> None:
    assert len(pair(with_pyo3("0.30", name="a"), with_pyo3("0.30", name="b"), OLD_ROOT).calls) == 1


# -- one file of cargo's for several things ------------------------------------------------------------------------------


def test_fault_17_two_variants_of_one_crate_are_two_calls_that_know_of_each_other() -> None:
    text = package(tables=FAST)
    plan = planned(
        (RustExtension("pkg.slow", binding=Binding.NoBinding), text),
        (RustExtension("pkg.fast", binding=Binding.NoBinding, features=["fast"]), text),
    )
    assert built(plan) == [["pkg.slow"], ["pkg.fast"]]
    leaves = [leaf for call in plan.calls for leaf in call.leaves]
    assert [leaf.library for leaf in leaves] == ["demo", "demo"]
    assert len({leaf.identity for leaf in leaves}) == 2


def test_crates_whose_libraries_have_one_name_are_not_built_together() -> None:
    texts = {name: package(name).replace("[lib]", '[lib]\nname = "same"') for name in ("a", "b")}
    plan = planned(*((RustExtension(f"pkg.{n}", binding=Binding.NoBinding), member(n, texts)) for n in texts))
    assert built(plan) == [["pkg.a"], ["pkg.b"]]
    assert len({leaf.identity for call in plan.calls for leaf in call.leaves}) == 2


def test_packages_of_one_name_cannot_be_selected_by_it() -> None:
    texts = {name: with_pyo3("0.30", name=name) for name in ("a", "b")}
    lock = locked("a 0.1.0", "a 0.2.0", "b 0.1.0", "pyo3 0.30.1")
    plan = planned(*((RustExtension(f"pkg.{name}"), member(name, texts, lock=lock)) for name in texts))
    assert built(plan) == [["pkg.a"], ["pkg.b"]]
    assert not any(word.startswith("--package") for call in plan.calls for word in call.arguments)


def test_a_library_that_knows_no_python_is_told_from_one_that_does() -> None:
    (leaf,) = only_call((RustExtension("pkg.c", binding=Binding.NoBinding), package())).leaves
    assert not leaf.knows_python
    (leaf,) = only_call((RustExtension("pkg.c"), with_pyo3())).leaves
    assert leaf.knows_python


# -- executables ---------------------------------------------------------------------------------------------------------


def test_the_executables_of_a_crate_are_one_call() -> None:
    text = package(tables='[dependencies]\nlibc = "0.2"')
    plan = planned((RustBin({"one": "one", "two": "second"}), text), (RustExtension("pkg.three", binding=Binding.Exec), text))
    (call,) = plan.calls
    assert [word for word in call.arguments if word.startswith("--bin")] == ["--bin=one", "--bin=two", "--bin=three"]
    assert "--lib" not in call.arguments
    assert [item.targets for item in call.items] == [(("one", "one"), ("two", "second")), (("three", "pkg.three"),)]


def test_a_binary_that_the_arguments_name_is_not_named_again() -> None:
    text = package(tables='[dependencies]\nlibc = "0.2"')
    call = only_call((RustExtension("pkg.tool", binding=Binding.Exec, args=["--bin", "tool"]), text))
    assert [word for word in call.arguments if word.startswith("--bin")] == ["--bin"]
    assert call.arguments[-2:] == ("--bin", "tool")


def test_a_library_and_an_executable_of_one_crate_are_linked_differently() -> None:
    environ = {"PATH": "/usr/bin", "PYO3_BUILD_EXTENSION_MODULE": "1"}
    plan = planned((RustExtension("demo"), with_pyo3()), (RustBin("tool"), with_pyo3()), environ=environ)
    library, executable = plan.calls
    assert "PYO3_BUILD_EXTENSION_MODULE" not in changes(library)
    assert changes(executable)["PYO3_BUILD_EXTENSION_MODULE"] is None
    assert "lib_dir=/opt/python/lib\n" in executable.config
    assert "lib_dir" not in library.config
    # Their PyO3 lie side by side in one target folder.
    assert library.identity != executable.identity


def test_an_executable_that_knows_no_python_needs_none() -> None:
    call = only_call((RustBin("tool"), package()))
    assert (call.config, call.config_file) == ("", "")
    assert not any(word.startswith("--config") for word in call.arguments)


# -- the profile ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "circumstances", "variable", "profile"),
    [
        # What the kind of build suggests,
        ({}, {}, "", "release"),
        ({}, {"inplace": True}, "", "dev"),
        # the declaration,
        ({"debug": True}, {}, "", "dev"),
        ({"debug": False}, {"inplace": True}, "", "release"),
        ({"args": ["--release"]}, {"inplace": True}, "", "release"),
        ({"args": ["--profile=checked"]}, {}, "", "checked"),
        ({"profile": "checked"}, {"inplace": True}, "", "checked"),
        ({"profile": "checked", "debug": True}, {}, "", "checked"),
        ({"profile": "checked", "args": ["--profile=other"]}, {}, "", "checked"),
        # the command line,
        ({}, {"debug": True}, "", "dev"),
        ({}, {"debug": False, "inplace": True}, "", "release"),
        ({"debug": True}, {"debug": False}, "", "release"),
        ({"profile": "checked"}, {"debug": True}, "", "dev"),
        ({"profile": "checked"}, {"debug": False}, "", "checked"),
        ({"profile": "dev"}, {"debug": False}, "", "release"),
        ({"profile": "checked"}, {"profile": "other"}, "", "other"),
        ({}, {"profile": "other", "debug": True}, "", "other"),
        # and the environment, each before the one above.
        ({}, {"inplace": True}, "outside", "outside"),
        ({"profile": "checked", "args": ["--profile=x"]}, {"profile": "other", "debug": True}, "outside", "outside"),
    ],
)
def test_report_3_who_decides_about_the_profile(
    settings: Dict[str, Any], circumstances: Dict[str, Any], variable: str, profile: str
) -> None:
    environ = {"PATH": "/usr/bin", VARIABLE: variable}
    found = expected(RustExtension("demo", **settings), with_pyo3(), environ=environ, **circumstances)
    assert profile_of(found, situation(environ=environ, **circumstances)) == profile


@pytest.mark.parametrize("args", [["--profile=checked"], ["--profile", "checked"], ["--release", "--profile=checked"]])
def test_report_3_a_profile_is_asked_for_once(args: Sequence[str]) -> None:
    call = only_call((RustExtension("demo", args=args), with_pyo3()))
    assert [word for word in call.arguments if word in ("--release", "-r", "checked") or "profile" in word] == ["--profile=checked"]
    assert call.profile == "checked"


def test_a_dev_build_is_cargos_default() -> None:
    call = only_call((RustExtension("demo"), with_pyo3()), inplace=True)
    assert not any("release" in word or word.startswith("--profile") for word in call.arguments)
    assert (call.profile, call.items[0].debug) == ("dev", True)
    assert not only_call((RustExtension("demo"), with_pyo3())).items[0].debug


# -- the lock ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "circumstances", "lock", "locked_by_us"),
    [
        ({}, {}, "", True),
        ({}, {}, None, False),
        ({}, {"inplace": True}, "", False),
        ({}, {"throwaway": True}, "", False),
        ({"locked": False}, {}, "", False),
        ({"locked": True}, {"inplace": True}, "", True),
        ({"locked": True}, {"throwaway": True}, None, True),
        ({"cargo_manifest_args": ["--frozen"]}, {}, "", False),
        ({"args": ["--locked"]}, {}, "", False),
        ({"cargo_manifest_args": ["--offline"]}, {}, "", True),
    ],
)
def test_report_7_a_build_for_others_does_not_touch_the_lock(
    settings: Dict[str, Any], circumstances: Dict[str, Any], lock: Optional[str], locked_by_us: bool
) -> None:
    extension = RustExtension("demo", **settings)
    call = only_call((extension, crate(with_pyo3(), lock=lock)), **circumstances)
    given = (*extension.args, *extension.cargo_manifest_args)
    assert call.arguments.count("--locked") == given.count("--locked") + locked_by_us
    assert (call.lock_path, call.has_lock) == (f"{ROOT}/Cargo.lock", lock is not None)


# -- words ---------------------------------------------------------------------------------------------------------------


def test_fault_60_each_option_of_ours_is_one_word_with_its_value() -> None:
    extension = RustExtension("demo", features=["fast"], no_default_features=True, profile="checked", rustc_flags=["-Cpanic=abort"])
    call = only_call((extension, with_pyo3(tables=FAST)), triple="x86_64-unknown-linux-gnu", jobs=4, verbosity=3)
    before = call.arguments[: call.arguments.index("--")]
    assert before[0] == "rustc"
    assert all(word.startswith("-") for word in before[1:])
    assert {"--jobs=4", "-vv", "--target=x86_64-unknown-linux-gnu", "--profile=checked", "--features=fast"} <= set(before)


def test_fault_61_the_projects_arguments_follow_ours_untouched() -> None:
    args = ["--config", "profile.release.debug=1", "-Zbuild-std"]
    call = only_call((RustExtension("demo", args=args, cargo_manifest_args=["--offline"]), with_pyo3()))
    assert call.arguments[-4:] == ("--offline", *args)


def test_no_target_is_chosen_on_a_native_build() -> None:
    call = only_call((RustExtension("demo"), with_pyo3()), environ={"PATH": "/usr/bin", "CARGO_BUILD_TARGET": "x"})
    assert not any(word.startswith("--target") for word in call.arguments)


def test_a_target_that_the_project_gives_is_not_given_twice() -> None:
    call = only_call((RustExtension("demo", args=["--target", "a-b-c"]), with_pyo3()), triple="x-y-z")
    assert [word for word in call.arguments if word.startswith("--target")] == ["--target"]


@pytest.mark.parametrize(
    ("settings", "circumstances"), [({"quiet": True}, {}), ({}, {"quiet": True}), ({}, {"quiet": True, "verbosity": 2})]
)
def test_quiet_calls_are_quiet(settings: Dict[str, Any], circumstances: Dict[str, Any]) -> None:
    call = only_call((RustExtension("demo", **settings), with_pyo3()), **circumstances)
    assert call.quiet
    assert "--quiet" in call.arguments
    assert not any(word.startswith("-v") for word in call.arguments)


def test_default_members_do_not_come_in_uninvited() -> None:
    text = with_pyo3(tables='[workspace]\nmembers = ["x"]\ndefault-members = ["x"]\n')
    assert "--package=demo" in only_call((RustExtension("demo"), text)).arguments


def test_cargo_is_the_one_that_the_environment_names() -> None:
    assert planned((RustExtension("demo"), with_pyo3())).cargo == "cargo"
    assert planned((RustExtension("demo"), with_pyo3()), environ={"CARGO": "/opt/cargo"}).cargo == "/opt/cargo"


@pytest.mark.parametrize(("python", "file"), [(macos(), "core.cpython-311-darwin.so"), (linux(), "")])
def test_macos_gets_its_link_arguments_as_values_of_a_call_of_its_own(python: Interpreter, file: str) -> None:
    call = only_call((RustExtension("pkg.core"), with_pyo3()), interpreter=python)
    after = call.arguments[call.arguments.index("--") + 1 :] if "--" in call.arguments else ()
    expected_words = ("-Clink-arg=-undefined", "-Clink-arg=dynamic_lookup", f"-Clink-arg=-Wl,-install_name,@rpath/{file}")
    assert after == (expected_words if file else ())
    assert call.arguments[0] == ("rustc" if file else "build")


def test_macos_names_an_abi3_module_as_it_will_be_called() -> None:
    call = only_call((RustExtension("pkg.core"), with_pyo3("0.30", "abi3-py39")), interpreter=macos())
    assert call.arguments[-1].endswith("@rpath/core.abi3.so")


def test_a_program_on_macos_is_linked_as_programs_are() -> None:
    assert only_call((RustBin("tool"), with_pyo3()), interpreter=macos()).arguments[0] == "build"


def test_on_macos_the_modules_of_a_workspace_are_a_call_each() -> None:
    texts = {name: with_pyo3("0.30", name=name) for name in ("a", "b")}
    plan = planned(*((RustExtension(f"pkg.{name}"), member(name, texts)) for name in texts), interpreter=macos())
    assert built(plan) == [["pkg.a"], ["pkg.b"]]


# -- the environment -----------------------------------------------------------------------------------------------------


def test_what_pyo3_is_told() -> None:
    call = only_call((RustExtension("demo"), with_pyo3()))
    assert call.config == pyo3_config.text(linux(), Abi(SPECIFIC), (0, 30))
    assert call.config_file == f"/cache/{pyo3_config.file_name(call.config)}"
    assert changes(call) == {
        "PYO3_BUILD_EXTENSION_MODULE": "1",
        "PYO3_CONFIG_FILE": call.config_file,
        "PYO3_PYTHON": "/opt/python/bin/python3.11",
        "PYTHON_SYS_EXECUTABLE": "/opt/python/bin/python3.11",
    }
    assert call.bin_folder == "/opt/python/bin"


def test_the_oldest_pyo3_looks_at_the_interpreter_itself() -> None:
    call = only_call((RustExtension("demo"), with_pyo3("0.11")))
    assert (call.config, call.config_file) == ("", "")
    assert changes(call)["PYTHON_SYS_EXECUTABLE"] == "/opt/python/bin/python3.11"
    assert "PYO3_CONFIG_FILE" not in changes(call)


def test_a_library_that_knows_no_python_is_told_nothing_of_one_but_its_name() -> None:
    call = only_call((RustExtension("demo", binding=Binding.NoBinding), package()))
    assert set(changes(call)) == {"PYO3_PYTHON", "PYTHON_SYS_EXECUTABLE"}


def test_an_interpreter_that_the_user_names_is_named_to_build_scripts_too() -> None:
    call = only_call((RustExtension("demo"), with_pyo3()), environ={"PYO3_PYTHON": "python3.11", "PATH": ""})
    assert "PYO3_PYTHON" not in changes(call)


def test_a_config_file_of_the_users_wins_and_the_log_says_so() -> None:
    plan = planned((RustExtension("demo"), with_pyo3()), environ={"PYO3_CONFIG_FILE": "/mine.txt"})
    (call,) = plan.calls
    assert (call.config, call.config_file) == ("", "")
    assert "PYO3_CONFIG_FILE" not in changes(call)
    assert any("/mine.txt" in notice for notice in plan.notices)


def test_a_config_file_that_the_project_sets_is_never_written_over() -> None:
    call = only_call((RustExtension("demo", env={"PYO3_CONFIG_FILE": "/project/mine.txt"}), with_pyo3()))
    assert changes(call)["PYO3_CONFIG_FILE"] == "/project/mine.txt"
    assert call.config_file != "/project/mine.txt"


def test_the_projects_variables_are_added_and_removed() -> None:
    environ = {"PATH": "/usr/bin", "GONE": "1", "SAME": "x"}
    extension = RustExtension("demo", env={"NEW": "1", "GONE": None, "SAME": "x", "NEVER": None})
    found = changes(only_call((extension, with_pyo3()), environ=environ))
    assert (found["NEW"], found["GONE"]) == ("1", None)
    assert {"SAME", "NEVER"}.isdisjoint(found)


def test_a_copy_of_the_environment_changes_nothing() -> None:
    environ = {"PATH": "/usr/bin", "HOME": "/home/me"}
    with_copy = only_call((RustExtension("demo", env=environ), with_pyo3()), environ=environ)
    assert with_copy == only_call((RustExtension("demo"), with_pyo3()), environ=environ)


@pytest.mark.parametrize(
    ("path", "folder"), [("/usr/bin", "/opt/python/bin"), ("/opt/python/bin:/usr/bin", ""), ("", "/opt/python/bin")]
)
def test_fault_7_the_interpreters_folder_is_first_on_path(path: str, folder: str) -> None:
    assert only_call((RustExtension("demo"), with_pyo3()), environ={"PATH": path}).bin_folder == folder


# -- identities ----------------------------------------------------------------------------------------------------------

TABLES = "[features]\nfast = []\n"


@pytest.mark.parametrize(
    ("settings", "circumstances"),
    [
        ({}, {"verbosity": 2}),
        ({}, {"quiet": True}),
        ({}, {"jobs": 2}),
        ({}, {"throwaway": True}),
        ({"quiet": True}, {}),
        ({"locked": False}, {}),
        ({"optional": True}, {}),
        ({"cargo_manifest_args": ["--offline"]}, {}),
        ({"args": ["--locked", "-v"]}, {}),
        ({}, {"environ": {"PATH": "/elsewhere", "VIRTUAL_ENV": "/venv"}}),
        ({}, {"interpreter": linux(executable="/new/environment/bin/python")}),
        ({"env": {"PATH": "/usr/bin"}}, {}),
    ],
)
def test_an_identity_stays_where_cargo_would_build_the_same(settings: Dict[str, Any], circumstances: Dict[str, Any]) -> None:
    plain = identity(RustExtension("demo"), with_pyo3(tables=TABLES))
    assert identity(RustExtension("demo", **settings), with_pyo3(tables=TABLES), **circumstances) == plain


@pytest.mark.parametrize(
    ("settings", "circumstances"),
    [
        ({"features": ["fast"]}, {}),
        ({"args": ["--features=fast"]}, {}),
        ({"no_default_features": True}, {}),
        ({"profile": "checked"}, {}),
        ({"rustc_flags": ["-Cpanic=abort"]}, {}),
        ({"env": {"A": "1"}}, {}),
        ({"args": ["--config", "profile.release.lto=true"]}, {}),
        ({}, {"inplace": True}),
        ({}, {"interpreter": linux((3, 12))}),
        ({}, {"interpreter": linux((3, 13), threaded=True)}),
        ({}, {"interpreter": pypy()}),
        ({}, {"interpreter": windows()}),
        ({}, {"triple": "aarch64-unknown-linux-gnu"}),
        ({}, {"environ": {"PYO3_CONFIG_FILE": "/mine.txt"}}),
    ],
)
def test_an_identity_changes_where_cargo_would_build_something_else(
    settings: Dict[str, Any], circumstances: Dict[str, Any]
) -> None:
    plain = identity(RustExtension("demo"), with_pyo3(tables=TABLES))
    assert identity(RustExtension("demo", **settings), with_pyo3(tables=TABLES), **circumstances) != plain


def test_one_abi3_build_is_the_same_for_all_interpreters() -> None:
    text = with_pyo3("0.30", "abi3-py39")
    assert len({identity(RustExtension("demo"), text, interpreter=linux((3, minor))) for minor in (9, 11, 13)}) == 1


def test_a_pyo3_without_a_config_file_is_told_apart_by_the_interpreter() -> None:
    text = with_pyo3("0.11")
    assert len({identity(RustExtension("demo"), text, interpreter=linux((3, minor))) for minor in (9, 10)}) == 2


def test_an_identity_does_not_depend_on_what_else_is_built() -> None:
    texts = {"a": with_pyo3("0.30", name="a"), "b": with_pyo3("0.30", name="b")}
    together = planned(*((RustExtension(f"pkg.{name}"), member(name, texts)) for name in texts)).calls[0].leaves[0]
    assert together.identity == identity(RustExtension("pkg.a"), member("a", texts))


def test_a_plan_is_the_same_each_time() -> None:
    env = {"B": "1", "A": "2"}
    one = planned((RustExtension("demo", env=env), with_pyo3()))
    other = planned((RustExtension("demo", env=dict(reversed(env.items()))), with_pyo3()))
    assert one == other


def test_notices_are_told_once() -> None:
    text = with_pyo3("0.30", "abi3-py39")
    python = linux((3, 13), threaded=True)
    plan = planned((RustExtension("pkg.a"), text), (RustExtension("pkg.a"), text), interpreter=python)
    assert len(plan.notices) == 1


def test_nothing_declared_is_nothing_to_run() -> None:
    assert planned().calls == ()
