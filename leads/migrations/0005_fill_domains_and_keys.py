"""Fills the domains of people and what companies' names are compared by; brings companies' domains
into the same form, where no other company has it.
"""

from django.db import migrations

from leads.migrations import _first_domains

AT_ONCE = 5_000


def fill(apps, schema_editor):
    using = schema_editor.connection.alias
    contacts = apps.get_model("leads", "Contact").objects.using(using).filter(domain="")
    found = [
        (domain, pk)
        for pk, address in contacts.values_list("pk", "address")
        if (domain := _first_domains.organization(address))
    ]
    _write(schema_editor, "UPDATE leads_contact SET domain = %s WHERE id = %s", found)
    companies = apps.get_model("leads", "Company").objects.using(using).order_by("pk")
    names = list(companies.values_list("pk", "name", "domain"))
    keys = [(_first_domains.company_key(name), pk) for pk, name, _ in names]
    _write(schema_editor, "UPDATE leads_company SET key = %s WHERE id = %s", keys)
    taken = {domain.lower() for _, _, domain in names if domain}
    for pk, _, domain in names:
        better = _first_domains.registrable(domain)
        if better != domain:
            is_taken = better in taken and better != domain.lower()
            companies.filter(pk=pk).update(domain="" if is_taken else better)
            taken.add(better)


def _write(schema_editor, sql, rows):
    """Many small statements in a row, which both databases take quickly."""
    with schema_editor.connection.cursor() as cursor:
        for first in range(0, len(rows), AT_ONCE):
            cursor.executemany(sql, rows[first : first + AT_ONCE])


class Migration(migrations.Migration):
    dependencies = [("leads", "0004_domains_and_keys")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
