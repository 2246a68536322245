"""Rust compilers, C compilers and sysroots for other machines, made of Debian's packages without installing them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Mapping, NamedTuple

from ..support import run
from .store import Store, script

# Debian's release with a C library old enough for every machine that runs these tests.
RELEASE = "bookworm"
LIB = "usr/lib/x86_64-linux-gnu"


class Machine(NamedTuple):
    """A machine with Linux and glibc that isn't ours.

    Args:
        triple: Rust's name of it.
        debian: Debian's name of its architecture.
        gnu: what its C compiler's name begins with.
        multiarch: the folder of its libraries, and the part of a suffix that names it.
        qemu: the emulator's name of its processor.
        platform: the wheel's platform tag.
    """

    triple: str
    debian: str
    gnu: str
    multiarch: str
    qemu: str
    platform: str


ARMV7 = Machine("armv7-unknown-linux-gnueabihf", "armhf", "arm-linux-gnueabihf", "arm-linux-gnueabihf", "arm", "linux_armv7l")
AARCH64 = Machine("aarch64-unknown-linux-gnu", "arm64", "aarch64-linux-gnu", "aarch64-linux-gnu", "aarch64", "linux_aarch64")
I686 = Machine("i686-unknown-linux-gnu", "i386", "i686-linux-gnu", "i386-linux-gnu", "i386", "linux_i686")
S390X = Machine("s390x-unknown-linux-gnu", "s390x", "s390x-linux-gnu", "s390x-linux-gnu", "s390x", "linux_s390x")
MACHINES = (ARMV7, AARCH64, I686, S390X)

_COMPILER = ("rustc-web", "libstd-rust-web-1.85", "libstd-rust-web-dev", "libllvm19")
_PYTHON = (
    *("libc6", "libc6-dev", "linux-libc-dev", "libcrypt1", "libcrypt-dev", "libgcc-s1", "zlib1g", "libexpat1", "libssl3"),
    *("libffi8", "libbz2-1.0", "liblzma5", "libsqlite3-0", "libuuid1", "python3.11-minimal", "libpython3.11-minimal"),
    *("libpython3.11-stdlib", "libpython3.11", "libpython3.11-dev"),
)
_OLDER_PYTHON = ("python3.9-minimal", "libpython3.9-minimal", "libpython3.9-stdlib", "libpython3.9-dev")
_HOST_LIBRARIES = ("libisl23", "libmpc3", "libmpfr6")
_COMPILER_WITH_SOURCES = ("rustc-web", "libstd-rust-web-1.96", "libstd-rust-web-dev", "libllvm22", "rust-web-src")
_MINGW = (
    *("gcc-mingw-w64-x86-64-win32", "gcc-mingw-w64-x86-64-win32-runtime", "binutils-mingw-w64-x86-64", "mingw-w64-x86-64-dev"),
    *("mingw-w64-common", *_HOST_LIBRARIES),
)


class Cross(NamedTuple):
    """All that is needed to build for a machine, and to run what was built.

    Args:
        machine: which.
        sysroot: the folder that stands for its ``/``.
        qemu: the emulator.
        rustc: the compiler, with the machine's standard library.
        tools: a folder for PATH with the C compiler and strip, by the names that distributions give them.
        version: of its CPython.
        prefix: where that is installed, ``usr`` of the sysroot or of another one.
    """

    machine: Machine
    sysroot: Path
    qemu: Path
    rustc: Path
    tools: Path
    version: str
    prefix: Path

    @property
    def lib_dir(self) -> Path:
        """What PYO3_CROSS_LIB_DIR is set to."""
        return self.prefix / "lib"

    @property
    def include_dir(self) -> Path:
        """What PYO3_CROSS_INCLUDE_DIR is set to."""
        return self.prefix / "include" / f"python{self.version}"

    @property
    def abi(self) -> str:
        """The Python part of a wheel's tag, and the ABI part."""
        return f"cp{self.version.replace('.', '')}"

    @property
    def suffix(self) -> str:
        """What its Python's extension modules end in."""
        return f".cpython-{self.version.replace('.', '')}-{self.machine.multiarch}.so"

    def evaluate(self, code: str, cwd: Path) -> str:
        """What the machine's own Python says when it runs some code in a folder, stripped."""
        env = {"PATH": os.defpath, "QEMU_LD_PREFIX": str(self.sysroot), "PYTHONDONTWRITEBYTECODE": "1"}
        return run([self.qemu, self.prefix / "bin" / f"python{self.version}", "-c", code], cwd=cwd, env=env).stdout.strip()


def cross(store: Store, machine: Machine) -> Cross:
    """The toolchain for a machine, with the standard library that comes compiled, as ``rustup target add`` gives it.

    Raises:
        Unavailable: it can't be had here.
    """
    base = _rust_with_std(store)

    def fill(part: Path, final: Path) -> None:
        version = (base / "version").read_text(encoding="utf-8")
        std = part / "rust"
        store.debian.unpack(RELEASE, machine.debian, [f"libstd-rust-web-dev={version}"], std)
        rustlib = std / "usr" / "lib" / "rustlib"
        (rustlib / "x86_64-unknown-linux-gnu").symlink_to(base / "usr" / "lib" / "rustlib" / "x86_64-unknown-linux-gnu")
        _rustc(part / "rustc", base, f"--sysroot={final}/rust/usr")
        store.debian.unpack(RELEASE, machine.debian, _PYTHON, part / "sysroot")
        _linker(store, machine, part, final)

    folder = store.get(f"cross-{machine.debian}", (machine, _PYTHON, base), fill)
    qemu, sysroot = _qemu(store) / f"qemu-{machine.qemu}-static", folder / "sysroot"
    return Cross(machine, sysroot, qemu, folder / "rustc", folder / "tools", "3.11", sysroot / "usr")


def with_older_python(store: Store, to: Cross) -> Cross:
    """The same with CPython 3.9, which PyO3 before 0.14 supports.

    Raises:
        Unavailable: it can't be had here.
    """

    def fill(part: Path, final: Path) -> None:
        store.debian.unpack("bullseye", to.machine.debian, _OLDER_PYTHON, part)

    folder = store.get(f"python3.9-{to.machine.debian}", _OLDER_PYTHON, fill)
    return to._replace(version="3.9", prefix=folder / "usr")


def _linker(store: Store, machine: Machine, part: Path, final: Path) -> None:
    """A C compiler that finds the sysroot beside it, and strip."""
    packages = (f"gcc-12-{machine.gnu}", f"binutils-{machine.gnu}", f"libgcc-12-dev-{machine.debian}-cross", *_HOST_LIBRARIES)
    store.debian.unpack(RELEASE, "amd64", packages, part / "gcc")
    for name, program in (("gcc", f"gcc-12 --sysroot={final}/sysroot"), ("strip", "strip")):
        command = f"{final}/gcc/usr/bin/{machine.gnu}-{program}"
        script(part / "tools" / f"{machine.gnu}-{name}", f'LD_LIBRARY_PATH={final}/gcc/{LIB} exec {command} "$@"')


def _rustc(path: Path, base: Path, *options: str) -> None:
    """A rustc that finds its own libraries, which Debian puts where the system's loader looks."""
    script(path, f"LD_LIBRARY_PATH={base}/{LIB} exec {' '.join([f'{base}/usr/bin/rustc', *options])} \"$@\"")


def _rust_with_std(store: Store) -> Path:
    """PyO3's oldest supported rustc: the release has its standard library for every machine."""

    def fill(part: Path, final: Path) -> None:
        versions = store.debian.unpack(RELEASE, "amd64", _COMPILER, part)
        (part / "version").write_text(versions["rustc-web"], encoding="utf-8")

    return store.get("rust", _COMPILER, fill)


def _qemu(store: Store) -> Path:
    wanted = [f"qemu-{machine.qemu}-static" for machine in MACHINES]

    def fill(part: Path, final: Path) -> None:
        store.debian.unpack(RELEASE, "amd64", ["qemu-user-static"], part / "all")
        for name in wanted:
            (part / "all" / "usr" / "bin" / name).rename(part / name)
        shutil.rmtree(part / "all")

    return store.get("qemu", wanted, fill)


def build_std(store: Store) -> Mapping[str, str]:
    """The environment in which cargo compiles the standard library itself, for targets that Debian has none for.

    Raises:
        Unavailable: it can't be had here.
    """

    def fill(part: Path, final: Path) -> None:
        store.debian.unpack(f"{RELEASE}-security", "amd64", _COMPILER_WITH_SOURCES, part)
        _rustc(part / "bin" / "rustc", final)

    folder = store.get("rust-src", _COMPILER_WITH_SOURCES, fill)
    return {
        "RUSTC": str(folder / "bin" / "rustc"),
        "RUSTC_BOOTSTRAP": "1",
        "CARGO_UNSTABLE_BUILD_STD": "std",
        # Without backtraces it takes less time.
        "CARGO_UNSTABLE_BUILD_STD_FEATURES": "panic-unwind",
    }


def mingw(store: Store) -> Path:
    """A folder for PATH with the C compiler for Windows, and dlltool, which rustc runs by its name.

    Raises:
        Unavailable: it can't be had here.
    """

    def fill(part: Path, final: Path) -> None:
        store.debian.unpack(RELEASE, "amd64", _MINGW, part)
        gcc = f"{final}/usr/bin/x86_64-w64-mingw32-gcc-win32"
        script(part / "bin" / "x86_64-w64-mingw32-gcc", f'LD_LIBRARY_PATH={final}/{LIB} exec {gcc} "$@"')
        for name in ("dlltool", "as"):
            (part / "bin" / f"x86_64-w64-mingw32-{name}").symlink_to(f"../usr/bin/x86_64-w64-mingw32-{name}")

    return store.get("mingw", _MINGW, fill) / "bin"


def llvm(store: Store) -> Path:
    """A folder for PATH with llvm-lipo, which makes one Mach-O file of two.

    Raises:
        Unavailable: it can't be had here.
    """
    packages = ("llvm-19", "libllvm19")

    def fill(part: Path, final: Path) -> None:
        store.debian.unpack(RELEASE, "amd64", packages, part)
        script(part / "bin" / "llvm-lipo", f'LD_LIBRARY_PATH={final}/{LIB} exec {final}/usr/lib/llvm-19/bin/llvm-lipo "$@"')

    return store.get("llvm", packages, fill) / "bin"
