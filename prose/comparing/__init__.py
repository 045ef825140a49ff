"""What versions of a text have apart and in common, block by block. Takes sanitized HTML only."""
