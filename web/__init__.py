"""What every request relies on. Knows no app."""
