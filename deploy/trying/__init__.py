"""The installer's trial: `machine` is a bare Debian, `terminal` is what an operator would see,
`acts` is what is tried, in its order, and `visitor` is who acts inside the machine.
"""
