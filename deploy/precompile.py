"""Bytecode for an image whose root cannot be written to: of all our code, and of what it imports.

Of other packages most modules are never loaded here; whoever does load one waits some milliseconds
at each start. Run by the Dockerfile, with nothing set but a SECRET_KEY.
"""

import compileall
import importlib
import os
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

# Python would compare dates otherwise, and copying into a layer may change them.
MODE = PycInvalidationMode.UNCHECKED_HASH
ROOT = Path(__file__).resolve().parent.parent
# What a site for visitors loads, and this one only at its first request or not at all.
BY_SETTINGS = (
    "config.postgresql.base",
    "config.urls",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "config.redis_queue",
    "django.core.cache.backends.redis",
    "django.core.mail.backends.smtp",
    "django.core.management.commands.check",
    "django.core.management.commands.migrate",
    "granian.cli",
    "granian.server",
    "kombu.transport.redis",
    "web.s3",
)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    importlib.import_module("config.wsgi")
    importlib.import_module("config.celery").app.loader.import_default_modules()
    for name in BY_SETTINGS:
        importlib.import_module(name)
    compileall.compile_dir(ROOT, quiet=1, invalidation_mode=MODE)
    loaded = {getattr(module, "__file__", None) or "" for module in sys.modules.values()}
    for file in sorted(loaded):
        if file.endswith(".py") and file.startswith(f"{sys.prefix}/"):
            compileall.compile_file(file, quiet=1, invalidation_mode=MODE)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
