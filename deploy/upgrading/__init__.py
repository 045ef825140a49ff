"""How a site in use changes to another release. `place` knows where everything is, `fetching` makes
a release ready to run, `notes` reads what it asks of the operator, `services` exchanges processes,
`journey` puts these steps in order, and `commands` is what the operator types.

Standard library alone: it works with the system's Python, before any of our packages is there.
"""
