"""Who can have a lead at all."""

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import ADMINISTRATOR, SALES


def in_sales() -> QuerySet[User]:
    """Those who may sign in and work on leads."""
    may = Q(is_superuser=True) | Q(groups__name__in=[SALES, ADMINISTRATOR])
    return User.objects.filter(may, is_active=True, is_staff=True).distinct()


def is_in_sales(user: User) -> bool:
    return in_sales().filter(pk=user.pk).exists()
