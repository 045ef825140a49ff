"""Headers that an application may read and a cache in front of it does not take into account."""

UNKEYED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Port": "4444",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Scheme": "nothttps",
    "X-Forwarded-Prefix": "/evil",
    "X-Host": "evil.example",
    "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/",
    "X-HTTP-Method-Override": "POST",
    "Forwarded": "host=evil.example;proto=http",
    "Accept-Language": "da",
}
