"""The periodic jobs and the audit log in the admin."""

from django.contrib import admin

from desk.audit_admin import AuditEventAdmin as AuditEventAdmin
from desk.read_only import ReadOnly
from web.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ReadOnly, admin.ModelAdmin):
    """When each periodic job last ran; the desk shows which are late."""

    list_display = ["task", "last_ran_at"]
