"""What the whole database holds, as digests: to show that nothing else has changed."""

import hashlib

from django.apps import apps


def digests():
    """Of each row of each model, by model and key: "leads.Inquiry 12"."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        columns = [field.attname for field in model._meta.concrete_fields]
        for key, *values in model._default_manager.values_list("pk", *columns):
            said = hashlib.sha256(repr(values).encode()).hexdigest()
            found[f"{model._meta.label} {key}"] = said
    return found
