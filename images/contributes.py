from web.contributions import AUTHOR, EVERYTHING, PUBLISHER, Contribution, Menu

contribution = Contribution(
    shown=("images.Image", "images.Rendition"),
    not_shown=("images.PendingUpload",),
    navigation=(Menu("Writing", ("images.Image",), position=21),),
    rights={
        AUTHOR: {"image": "add view"},  # and the description of one's own: see ImageAdmin
        PUBLISHER: {"image": EVERYTHING},
    },
    impersonal=(
        "images.Image",
        "images.PendingUpload",
        "images.Rendition",
    ),
)
