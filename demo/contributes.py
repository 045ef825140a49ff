from web.contributions import Contribution

contribution = Contribution(
    not_shown=("demo.DemoRow",),
    impersonal=("demo.DemoRow",),
)
