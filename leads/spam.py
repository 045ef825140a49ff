"""What makes an inquiry suspicious. A suspicion holds it for staff; it discards nothing."""

# People need longer than this to write a sentence; programs that fill in forms do not.
FASTEST_PERSON = 3.0


def suspicions(*, honeypot: str, seconds: float | None) -> list[str]:
    """Reasons, in words for staff, to hold what was sent; none for most people.

    `seconds` is how long the form was open, as the page's script tells; without script it is
    None, which says nothing against anybody.
    """
    found = []
    if honeypot.strip():
        found.append("The field that people cannot see was filled in.")
    if seconds is not None and seconds < FASTEST_PERSON:
        found.append(f"The form was filled in within {seconds:.1f} seconds.")
    return found
