"""The demo: believable content for a new installation, and the way to be rid of it again."""
