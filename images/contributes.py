from web.contributions import AUTHOR, EVERYTHING, PUBLISHER, Contribution

contribution = Contribution(
    shown=("images.Image", "images.Rendition"),
    not_shown=("images.PendingUpload",),
    rights={
        AUTHOR: {"image": "add view"},  # and the description of one's own: see ImageAdmin
        PUBLISHER: {"image": EVERYTHING},
    },
)
