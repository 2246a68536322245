"""What real Pythons of many platforms say about themselves: excerpts of their sysconfigdata, and of their build-details.json."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional


class Real(NamedTuple):
    """One Python.

    Args:
        triple: Rust's name for what it runs on.
        variables: an excerpt of its sysconfigdata; None on Windows, which has none.
        platform: its ``sysconfig.get_platform()``.
        suffix: its ``EXT_SUFFIX``.
        tag: of a version-specific wheel.
        platform_tag: of a wheel with native code, before any audit.
        version: (major, minor).
        width: its pointer width.
        free_threaded: built without the GIL.
    """

    triple: str
    variables: Optional[Dict[str, Any]]
    platform: str
    suffix: str
    tag: str
    platform_tag: str
    version: "tuple[int, int]" = (3, 11)
    width: int = 64
    free_threaded: bool = False


def variables(suffix: str, *, width: int = 64, version: str = "3.11", **others: Any) -> Dict[str, Any]:
    """What every CPython's file says, in its own spelling."""
    return {
        "EXT_SUFFIX": suffix,
        "SOABI": suffix.strip(".").rpartition(".")[0] or suffix,
        "VERSION": version,
        "LDVERSION": version,
        "SIZEOF_VOID_P": width // 8,
        "Py_ENABLE_SHARED": 1,
        "Py_DEBUG": 0,
        "PYTHONFRAMEWORK": "",
        "EXE": "",
        "MACOSX_DEPLOYMENT_TARGET": "",
        "ANDROID_API_LEVEL": 0,
        **others,
    }


def debian(multiarch: str, gnu_type: str, *, width: int = 64, version: str = "3.11") -> Dict[str, Any]:
    """Debian's; the files of bookworm's libpython3.11-stdlib for each architecture, and of sid's where noted."""
    digits = version.replace(".", "")
    return variables(
        f".cpython-{digits}-{multiarch}.so",
        width=width,
        version=version,
        MULTIARCH=multiarch,
        HOST_GNU_TYPE=gnu_type,
        BUILD_GNU_TYPE=gnu_type,
        LDLIBRARY=f"libpython{version}.so",
        LIBDIR=f"/usr/lib/{multiarch}",
        LIBPL=f"/usr/lib/python{version}/config-{version}-{multiarch}",
    )


def _linux(triple: str, machine: str, multiarch: str, gnu_type: str, *, width: int = 64) -> Real:
    return Real(
        triple,
        debian(multiarch, gnu_type, width=width),
        f"linux-{machine}",
        f".cpython-311-{multiarch}.so",
        "cp311-cp311",
        f"linux_{machine}",
        width=width,
    )


REAL = {
    "Debian amd64": _linux("x86_64-unknown-linux-gnu", "x86_64", "x86_64-linux-gnu", "x86_64-pc-linux-gnu"),
    "Debian i386": _linux("i686-unknown-linux-gnu", "i686", "i386-linux-gnu", "i686-pc-linux-gnu", width=32),
    "Debian arm64": _linux("aarch64-unknown-linux-gnu", "aarch64", "aarch64-linux-gnu", "aarch64-unknown-linux-gnu"),
    # Built on a 64-bit machine, which shows in HOST_GNU_TYPE.
    "Debian armhf": _linux(
        "armv7-unknown-linux-gnueabihf", "armv7l", "arm-linux-gnueabihf", "armv8l-unknown-linux-gnueabihf", width=32
    ),
    "Raspberry Pi OS, first Pi": _linux(
        "arm-unknown-linux-gnueabihf", "armv6l", "arm-linux-gnueabihf", "arm-unknown-linux-gnueabihf", width=32
    ),
    "Debian armel": _linux(
        "armv5te-unknown-linux-gnueabi", "armv5tel", "arm-linux-gnueabi", "armv8l-unknown-linux-gnueabi", width=32
    ),
    "Debian ppc64el": _linux("powerpc64le-unknown-linux-gnu", "ppc64le", "powerpc64le-linux-gnu", "powerpc64le-unknown-linux-gnu"),
    "Debian s390x": _linux("s390x-unknown-linux-gnu", "s390x", "s390x-linux-gnu", "s390x-ibm-linux-gnu"),
    "Debian mips64el": _linux(
        "mips64el-unknown-linux-gnuabi64", "mips64", "mips64el-linux-gnuabi64", "mips64el-unknown-linux-gnuabi64"
    ),
    "Debian riscv64": _linux("riscv64gc-unknown-linux-gnu", "riscv64", "riscv64-linux-gnu", "riscv64-unknown-linux-gnu"),
    "Debian loong64": _linux(
        "loongarch64-unknown-linux-gnu", "loongarch64", "loongarch64-linux-gnu", "loongarch64-unknown-linux-gnu"
    ),
    "Alpine x86_64": _linux("x86_64-unknown-linux-musl", "x86_64", "x86_64-linux-musl", "x86_64-alpine-linux-musl"),
    "Alpine aarch64": _linux("aarch64-unknown-linux-musl", "aarch64", "aarch64-linux-musl", "aarch64-alpine-linux-musl"),
    "Alpine armv7": _linux(
        "armv7-unknown-linux-musleabihf", "armv7l", "arm-linux-musleabihf", "armv7-alpine-linux-musleabihf", width=32
    ),
    "musllinux container, 3.10": Real(
        "x86_64-unknown-linux-musl",
        variables(".cpython-310-x86_64-linux-gnu.so", version="3.10", MULTIARCH="x86_64-linux-gnu"),
        "linux-x86_64",
        ".cpython-310-x86_64-linux-gnu.so",
        "cp310-cp310",
        "linux_x86_64",
        (3, 10),
    ),
    "free-threaded 3.13": Real(
        "x86_64-unknown-linux-gnu",
        variables(".cpython-313t-x86_64-linux-gnu.so", version="3.13", LDVERSION="3.13t", Py_GIL_DISABLED=1),
        "linux-x86_64",
        ".cpython-313t-x86_64-linux-gnu.so",
        "cp313-cp313t",
        "linux_x86_64",
        (3, 13),
        free_threaded=True,
    ),
    "macOS, conda's arm64": Real(
        "aarch64-apple-darwin",
        variables(
            ".cpython-312-darwin.so",
            version="3.12",
            MULTIARCH="darwin",
            MACOSX_DEPLOYMENT_TARGET="11.0",
            HOST_GNU_TYPE="arm64-apple-darwin20.0.0",
        ),
        "macosx-11.0-arm64",
        ".cpython-312-darwin.so",
        "cp312-cp312",
        "macosx_11_0_arm64",
        (3, 12),
    ),
    "macOS, python.org's": Real(
        "x86_64-apple-darwin",
        variables(
            ".cpython-313-darwin.so",
            version="3.13",
            MULTIARCH="darwin",
            MACOSX_DEPLOYMENT_TARGET="10.13",
            PYTHONFRAMEWORK="Python",
            Py_ENABLE_SHARED=0,
        ),
        "macosx-10.13-x86_64",
        ".cpython-313-darwin.so",
        "cp313-cp313",
        "macosx_10_13_x86_64",
        (3, 13),
    ),
    "Windows x64": Real("x86_64-pc-windows-msvc", None, "win-amd64", ".cp313-win_amd64.pyd", "cp313-cp313", "win_amd64", (3, 13)),
    "Windows x86": Real("i686-pc-windows-msvc", None, "win32", ".cp39-win32.pyd", "cp39-cp39", "win32", (3, 9), 32),
    "Windows on ARM": Real(
        "aarch64-pc-windows-msvc", None, "win-arm64", ".cp312-win_arm64.pyd", "cp312-cp312", "win_arm64", (3, 12)
    ),
    "Windows, free-threaded": Real(
        "x86_64-pc-windows-gnu",
        None,
        "win-amd64",
        ".cp314t-win_amd64.pyd",
        "cp314-cp314t",
        "win_amd64",
        (3, 14),
        free_threaded=True,
    ),
    "Android": Real(
        "aarch64-linux-android",
        variables(
            ".cpython-313-aarch64-linux-android.so",
            version="3.13",
            MULTIARCH="aarch64-linux-android",
            ANDROID_API_LEVEL=21,
            HOST_GNU_TYPE="aarch64-unknown-linux-android21",
        ),
        "android-21-arm64_v8a",
        ".cpython-313-aarch64-linux-android.so",
        "cp313-cp313",
        "android_21_arm64_v8a",
        (3, 13),
    ),
    "Android's emulator": Real(
        "x86_64-linux-android",
        variables(".cpython-314-x86_64-linux-android.so", version="3.14", MULTIARCH="x86_64-linux-android", ANDROID_API_LEVEL=24),
        "android-24-x86_64",
        ".cpython-314-x86_64-linux-android.so",
        "cp314-cp314",
        "android_24_x86_64",
        (3, 14),
    ),
    "iOS": Real(
        "aarch64-apple-ios",
        variables(
            ".cpython-313-iphoneos.so",
            version="3.13",
            MULTIARCH="arm64-iphoneos",
            IPHONEOS_DEPLOYMENT_TARGET="13.0",
            PYTHONFRAMEWORK="Python",
        ),
        "ios-13.0-arm64-iphoneos",
        ".cpython-313-iphoneos.so",
        "cp313-cp313",
        "ios_13_0_arm64_iphoneos",
        (3, 13),
    ),
    "iOS' simulator": Real(
        "aarch64-apple-ios-sim",
        variables(
            ".cpython-313-iphonesimulator.so",
            version="3.13",
            MULTIARCH="arm64-iphonesimulator",
            IPHONEOS_DEPLOYMENT_TARGET="13.0",
            PYTHONFRAMEWORK="Python",
        ),
        "ios-13.0-arm64-iphonesimulator",
        ".cpython-313-iphonesimulator.so",
        "cp313-cp313",
        "ios_13_0_arm64_iphonesimulator",
        (3, 13),
    ),
    "FreeBSD": Real(
        "x86_64-unknown-freebsd",
        variables(".cpython-311.so", HOST_GNU_TYPE="amd64-portbld-freebsd13.2"),
        "freebsd-13.2-RELEASE-amd64",
        ".cpython-311.so",
        "cp311-cp311",
        "freebsd_13_2_release_amd64",
    ),
}

# sid's python3.15 on amd64, as its build-details..x86_64-linux-gnu.json says it.
BUILD_DETAILS: Dict[str, Any] = {
    "schema_version": "1.0",
    "base_prefix": "/usr",
    "base_interpreter": "/usr/bin/python3.15",
    "platform": "linux-x86_64",
    "language": {"version": "3.15", "version_info": {"major": 3, "minor": 15, "micro": 2, "releaselevel": "final", "serial": 0}},
    "implementation": {
        "name": "cpython",
        "cache_tag": "cpython-315",
        "version": {"major": 3, "minor": 15, "micro": 2, "releaselevel": "final", "serial": 0},
        "hexversion": 51315440,
        "_multiarch": "x86_64-linux-gnu",
        "supports_isolated_interpreters": True,
    },
    "abi": {"flags": []},
    "suffixes": {
        "source": [".py"],
        "bytecode": [".pyc"],
        "extensions": [
            ".cpython-315-x86_64-linux-gnu.so",
            ".abi3-x86_64-linux-gnu.so",
            ".abi3.so",
            ".abi3t-x86_64-linux-gnu.so",
            ".abi3t.so",
            ".so",
        ],
    },
    "libpython": {"static": "/usr/lib/x86_64-linux-gnu/libpython3.15.a"},
    "c_api": {"headers": "/usr/include/python3.15", "pkgconfig_path": "/usr/lib/x86_64-linux-gnu/pkgconfig"},
}

# The whole of Debian's PyPy 3.11; its SOABI leaves the platform out.
PYPY = {
    "ABIFLAGS": "",
    "EXE": "",
    "EXT_SUFFIX": ".pypy311-pp80-x86_64-linux-gnu.so",
    "HOST_GNU_TYPE": "x86_64-linux-gnu",
    "LDLIBRARY": "libpypy3.11-c.so",
    "LDVERSION": "3.11",
    "LIBDIR": "/usr/lib/x86_64-linux-gnu",
    "MULTIARCH": "x86_64-linux-gnu",
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 0,
    "SIZEOF_VOID_P": 8,
    "SOABI": "pypy311-pp80",
    "VERSION": "3.11",
}
