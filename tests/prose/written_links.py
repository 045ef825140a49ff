"""Links as people type them, for the tests of both sides that read them."""

AS_TYPED = {
    "www.example.test/pricing": "https://www.example.test/pricing",
    "example.test/path": "https://example.test/path",
    "example.test": "https://example.test",
    " Example.Test ": "https://Example.Test",
    "example.test:8443/x?y=1#z": "https://example.test:8443/x?y=1#z",
    "example.test?x": "https://example.test?x",
    "bücher.example": "https://bücher.example",
    "//example.test/x": "https://example.test/x",
    "https:/example.test": "https://example.test",
    "http//example.test/x": "http://example.test/x",
    "<https://example.test>": "https://example.test",
    "https://example.test/a@b": "https://example.test/a@b",
    "HTTPS://example.test": "HTTPS://example.test",
    "http://localhost:8000/x": "http://localhost:8000/x",
    "me@example.test": "mailto:me@example.test",
    "first.last+tag@sub.example.test": "mailto:first.last+tag@sub.example.test",
    "me@example.test?subject=Hi": "mailto:me@example.test?subject=Hi",
    "mailto:me@example.test": "mailto:me@example.test",
    "+45 12 34 56 78": "tel:+4512345678",
    "tel:+4512345678": "tel:+4512345678",
    "/contact/": "/contact/",
    "/articles/x/?a=b#c": "/articles/x/?a=b#c",
    "example.test/report.pdf": "https://example.test/report.pdf",
}
THAT_LEAD_NOWHERE = ["", "pricing", "about/team", "report.pdf", "index.html", "../x", "see below"]
