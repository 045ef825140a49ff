from web.contributions import Contribution
from web.files import Folder

contribution = Contribution(
    not_shown=("demo.DemoRow",),
    impersonal=("demo.DemoRow",),
    bounded={"demo.DemoRow": "As many as the demo has rows, and gone with it."},
    folders=(Folder("demo-logins.json", "Passwords of the demo", "One small file."),),
)
