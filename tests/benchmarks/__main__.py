"""Runs the benchmarks that are named, or all."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.benchmarks

ALL = sorted(module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__) if not module.name.startswith("_"))

if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in ALL]
    if unknown:
        sys.exit(f"there is no benchmark {unknown[0]}; there are {', '.join(ALL)}")
    for name in sys.argv[1:] or ALL:
        importlib.import_module(f"tests.benchmarks.{name}").main()
        print()
