from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from desk.matching import matching
from images import owners
from images.models import Image
from web.contributions import AUTHOR, EVERYTHING, PUBLISHER, Contribution, Menu
from web.files import Advice
from web.screens import WRITING, Action, Found, Screen


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    if request.user.has_perm("images.view_image"):
        for image in matching(Image.objects.all(), words, "title", "alt", "credit"):
            url = reverse("admin:images_image_change", args=[image.pk])
            yield Found(image.title, url, "Pictures", image.alt)


contribution = Contribution(
    shown=("images.Image", "images.Rendition"),
    not_shown=("images.PendingUpload",),
    navigation=(Menu("Writing", ("images.Image",), position=21),),
    screens=(
        Screen(
            "Library",
            "admin:images_image_changelist",
            group=WRITING,
            position=22,
            permissions=("images.view_image",),
            covers=("images.Image",),
            words="images pictures photos",
        ),
    ),
    actions=(
        Action(
            "Add a picture",
            "admin:images_image_add",
            ("images.add_image",),
            words="new upload image photo",
        ),
    ),
    finds=finds,
    rights={
        AUTHOR: {"image": "add view"},  # and the description of one's own: see ImageAdmin
        PUBLISHER: {"image": EVERYTHING},
    },
    impersonal=(
        "images.Image",
        "images.PendingUpload",
        "images.Rendition",
    ),
    bounded={
        "images.Image": "As many as staff upload.",
        "images.PendingUpload": "Deleted after a day, each hour.",
        "images.Rendition": "Six per picture at most, and gone with it.",
    },
    media=owners.KINDS,
    advice=(
        Advice(
            "Uploads",
            "Delete pictures that no page shows, in the library.",
            "admin:images_image_changelist",
        ),
    ),
)
