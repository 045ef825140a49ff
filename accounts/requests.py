"""Who asks inside the admin."""

from django.http import HttpRequest

from accounts.models import User


class StaffRequest(HttpRequest):
    """A request inside the admin, where someone is always signed in."""

    user: User
