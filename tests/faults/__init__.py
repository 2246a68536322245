"""Faults a build must survive: each test names the row of the fault catalogue that it proves."""
