"""The doors from setuptools: its hooks, and our parts of its commands."""
