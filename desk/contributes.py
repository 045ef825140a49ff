from web.contributions import Contribution

contribution = Contribution(
    not_shown=("desk.SentForm",),
    impersonal=("desk.SentForm",),
)
