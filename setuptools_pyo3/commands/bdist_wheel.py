"""Our part of ``bdist_wheel``: the tag follows from what was built."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from typing import Any, Iterator, List, Optional, Tuple

from ..declaration.extension import RustExtension
from ..declaration.names import PLATFORM_TAG_VARIABLE
from ..errors import Problem
from ..mind import abi, source_date
from ..mind.abi import Abi
from . import placement, targets
from . import session as sessions
from .guard import guarded, guarded_lock
from .record import Record
from .session import Session, say

Tag = Tuple[str, str, str]

OPTIONS: Tuple[Tuple[str, Optional[str], str], ...] = (
    ("target=", None, "build Rust extensions for this target triple"),
    ("platform-tag=", None, "platform tag for Linux: auto, linux, manylinux_2_28, musllinux_1_2, ... (checked)"),
    ("zig", None, "compile and link Rust extensions with zig (setuptools-pyo3[zig])"),
)


class BdistWheel:
    """Mixed in before a project's own ``bdist_wheel`` class."""

    distribution: Any
    bdist_dir: Any
    keep_temp: Any
    py_limited_api: Any

    def initialize_options(self) -> None:
        """Set our options to their defaults."""
        self.target: Optional[str] = None
        self.platform_tag: Optional[str] = None
        self._writes = False
        self.zig: Any = None
        self._time = source_date.FIXED
        super().initialize_options()  # type: ignore[misc]

    def finalize_options(self) -> None:
        """Drop a limited API that the interpreter doesn't have, which setuptools would refuse with a traceback."""
        if self.py_limited_api:
            with guarded():
                interpreter = sessions.of(self.distribution).interpreter(os.environ)
            if not abi.supports_limited_api(interpreter):
                say(
                    f"setuptools-pyo3: py_limited_api={self.py_limited_api} is passed over, because {interpreter.described} "
                    "has no limited API; the wheel is for this version only"
                )
                self.py_limited_api = False
        super().finalize_options()  # type: ignore[misc]

    def run(self) -> None:
        """Build the wheel; two builds in one tree wait for each other."""
        session = sessions.of(self.distribution)
        with guarded_lock(session.lock()):
            targets.check_others(session, os.environ)
            if self._asked_for_platform:
                from . import wheel_audit

                wheel_audit.prepare(self)
            self._writes = True
            if not self.keep_temp:
                # What a build that was stopped has left in the wheel's tree would get into this wheel.
                shutil.rmtree(self.bdist_dir, ignore_errors=True)
            with guarded():
                self._time = source_date.of(os.environ)
            with _unchanged(source_date.VARIABLE):
                super().run()  # type: ignore[misc]

    @property
    def _asked_for_platform(self) -> bool:
        settings = sessions.of(self.distribution).settings
        said = self.platform_tag or os.environ.get(PLATFORM_TAG_VARIABLE) or settings.get("platform_tag")
        return bool(said) or targets.names_platform(self.distribution)

    @property
    def root_is_pure(self) -> bool:
        """Whether the wheel holds nothing native; so it is when all optional extensions failed and there are no others."""
        return self._declared_pure or sessions.of(self.distribution).nothing_native

    @root_is_pure.setter
    def root_is_pure(self, value: bool) -> None:
        self._declared_pure = value

    _declared_pure: Any = None

    def write_wheelfile(self, wheelfile_base: str, *arguments: Any, **keywords: Any) -> None:
        """Complete the folder ``.dist-info``: what is written here is the last that gets into it."""
        super().write_wheelfile(wheelfile_base, *arguments, **keywords)  # type: ignore[misc]
        session = sessions.of(self.distribution)
        if self._writes and session.extensions:
            from ..hands import archive
            from . import materials

            with guarded():
                materials.add(session, wheelfile_base, os.environ)
                materials.add_licenses(session, wheelfile_base, os.environ)
                archive.settle_tree(os.path.dirname(wheelfile_base), time=self._time)
            # RECORD is written from memory, and takes its time from here. cargo has run.
            os.environ[source_date.VARIABLE] = str(self._time)

    def egg2dist(self, egginfo_path: str, distinfo_path: str) -> None:
        """Make the folder ``.dist-info``; for ``dist_info`` too, which says before the build what will be in the wheel."""
        super().egg2dist(egginfo_path, distinfo_path)  # type: ignore[misc]
        session = sessions.of(self.distribution)
        if session.settings.get("third_party_licenses"):
            from . import materials

            if materials.wants_licenses(session):
                materials.announce_licenses(distinfo_path)

    def get_tag(self) -> Tag:
        """The wheel's tag: the Python and ABI part from the built files, the platform from setuptools.

        A project's own ``get_tag`` wins in every part in which it differs from setuptools' answer.
        """
        asked: Tag = super().get_tag()  # type: ignore[misc]
        session = sessions.of(self.distribution)
        if not session.extensions or self.root_is_pure:
            return asked
        vanilla = self._setuptools_tag(asked)
        with guarded():
            ours = (*self._python_and_abi(session, vanilla), self._platform(session, vanilla))
        tag: Tag = tuple(a if a != v else o for a, v, o in zip(asked, vanilla, ours))  # type: ignore[assignment]
        # An editable wheel asks for the tag too, and has no files that could be looked at.
        if not self._writes or not (asked != vanilla or self._asked_for_platform or self._knows_limited_api(tag)):
            return tag
        from . import wheel_audit

        with guarded():
            return wheel_audit.judged(self, tag, own_platform=asked[2] != vanilla[2])

    @staticmethod
    def _knows_limited_api(tag: Tag) -> bool:
        """Whether the wheel is for the limited API and there is the data to hold it against."""
        return "abi3" in tag[1] and importlib.util.find_spec("abi3info") is not None

    @staticmethod
    def _platform(session: Session, vanilla: Tag) -> str:
        """The platform tag: setuptools' own, which is that of the Python that runs it, unless the build is for another one."""
        facts = session.target_facts(os.environ)
        if facts.target.crossed and not targets.names_platform(session.distribution):
            from ..mind import platform_tags

            return platform_tags.tag(facts.target.platform)
        return abi.platform_tag(vanilla[2], (name for outcome in session.outcomes.values() for name in outcome.architectures))

    def _setuptools_tag(self, asked: Tag) -> Tag:
        """What setuptools (or wheel) itself says, without the project's own class."""
        for cls in type(self).__mro__:
            owner = cls.__module__.partition(".")[0]
            if "get_tag" in vars(cls) and owner in ("setuptools", "wheel"):
                tag: Tag = vars(cls)["get_tag"](self)
                return tag
        return asked

    def _python_and_abi(self, session: Session, vanilla: Tag) -> Tuple[str, str]:
        others = [ext for ext in self.distribution.ext_modules or () if not isinstance(ext, RustExtension)]
        found = abi.combine(self._abis(session))
        interpreter = session.interpreter(os.environ)
        if others or self.distribution.has_c_libraries():
            return self._with_others(found, vanilla)
        return abi.tag(found, interpreter)

    def _with_others(self, found: Abi, vanilla: Tag) -> Tuple[str, str]:
        """C and Cython extensions have the ABI that setuptools says; the wheel has the more demanding one."""
        minimum = abi.parse_python_tag(vanilla[0])
        if "abi3" not in vanilla[1] or found.kind == abi.NONE or minimum is None:
            return vanilla[0], vanilla[1]
        interpreter = sessions.of(self.distribution).interpreter(os.environ)
        return abi.tag(abi.combine((found, Abi(abi.ABI3, minimum))), interpreter)

    def _abis(self, session: Session) -> List[Abi]:
        """The ABI of each extension: as built now, as recorded by an earlier build, or as expected."""
        command: Any = self.distribution.get_command_obj("build_rust")
        command.ensure_finalized()
        record = Record(command.build_temp or "build")
        found: List[Abi] = []
        for ext in session.extensions:
            outcome = session.outcomes.get(ext)
            if outcome is not None:
                found += [outcome.abi] if outcome.abi is not None else []
            else:
                found.append(_recorded(ext, command, record) or session.abi(ext))
        return found


@contextlib.contextmanager
def _unchanged(variable: str) -> Iterator[None]:
    """Let a variable of the environment be in the end what it was before."""
    before = os.environ.get(variable)
    try:
        yield
    finally:
        os.environ.pop(variable, None)
        os.environ.update({} if before is None else {variable: before})


def _recorded(ext: RustExtension, command: Any, record: Record) -> Optional[Abi]:
    """What an earlier build noted about an extension's files; for ``--skip-build``, which needs no Rust."""
    places = ext.binaries().values() if ext.is_executable else (ext.name,)
    kinds = (abi.SPECIFIC, abi.ABI3, abi.ABI3T, abi.NONE)
    try:
        found = [record.placed(placement.place(command, ext, place, Abi(kind))) for place in places for kind in kinds]
    except Problem:
        return None
    known = [one for one in found if one is not None]
    return abi.combine(known) if known else None
