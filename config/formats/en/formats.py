"""How the admin writes moments: short, and read alike on both sides of the Atlantic."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
