"""The sales desk inside the admin."""

from leads.admin import inquiries, leads, people

__all__ = ["inquiries", "leads", "people"]
