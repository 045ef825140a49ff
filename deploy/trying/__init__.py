"""Trials on a bare Debian: `machine` is one, `terminal` is what an operator would see, `visitor` is
who acts inside the machine; `installing` and `upgrading` say what is tried, in its order, and
`trial` runs one of them.
"""
