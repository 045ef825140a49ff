from web.contributions import ADMINISTRATOR, PUBLISHER, SALES, Contribution, Menu

contribution = Contribution(
    not_shown=("privacy.Wording",),
    never_changed=("privacy_wording",),
    never_deleted={"privacy_wording": "TRUE"},
    navigation=(Menu("Site", ("privacy.Wording",), position=35),),
    rights={role: {"wording": "view"} for role in (PUBLISHER, SALES, ADMINISTRATOR)},
    impersonal=("privacy.Wording",),
)
