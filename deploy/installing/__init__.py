"""How the site comes onto a Debian server. `place` knows where everything is, `questions` asks,
`changes` counts and logs what is done; `machine`, `release`, `database`, `settings`, `services` and
`web_server` each bring one part, `journey` puts them in order, and `commands` is what the operator
types.

Standard library alone: it works with the system's Python, before any of our packages is there.
"""
