"""What dev.py does, in the standard library alone. The product never imports it; its tests may."""
