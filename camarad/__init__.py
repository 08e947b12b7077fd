"""The kernel: settings, database, scope, errors, clock, ids, money, logs and the command line."""

__version__ = "0.1.0"
