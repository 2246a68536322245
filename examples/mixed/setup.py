"""The C extension; all else is in pyproject.toml."""

from setuptools import Extension, setup

setup(ext_modules=[Extension("mixed._c", ["c/_c.c"])])
