"""Find a team's module by its file or name, and what it has to have."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from flask import Flask

from voicehost.engines.protocol import LoadError


@dataclass(frozen=True, slots=True)
class TeamModule:
    app: Flask
    initialize_model: Callable[[], object]


def team_module(setting: str, where: str) -> TeamModule:
    """Import the module that the setting names; what stands under `__main__` does not run.

    Raises LoadError when it is not there or lacks something, and what the module raises.
    """
    module = _by_file(setting, Path(where)) if where.endswith(".py") else _by_name(setting, where)
    app = getattr(module, "app", None)
    if not isinstance(app, Flask):
        raise LoadError(
            f"{setting} has no Flask application called app. Make one at the top of the "
            "module: app = Flask(__name__)."
        )
    initialize_model = getattr(module, "initialize_model", None)
    if not callable(initialize_model):
        raise LoadError(
            f"{setting} has no function called initialize_model. Put what loads the model "
            "into one that takes no arguments."
        )
    return TeamModule(app, initialize_model)


def _by_file(setting: str, file: Path) -> ModuleType:
    if not file.is_file():
        raise LoadError(f"{setting}: there is no such file. Copy it into the image.")
    name = file.stem
    if name in sys.modules or name in sys.stdlib_module_names:
        name = f"adopted_{name}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise LoadError(f"{setting} is not a Python module.")
    # As `python server.py` has it: its neighbours can be imported, and it can be found by name.
    sys.path.insert(0, str(file.parent.resolve()))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _by_name(setting: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise LoadError(
            f"{setting}: there is no such module. Name a file that ends in .py, or put the folder "
            "of the module on PYTHONPATH."
        ) from None
