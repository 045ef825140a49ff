from web.contributions import ADMINISTRATOR, PUBLISHER, SALES, Contribution, Menu

contribution = Contribution(
    not_shown=("privacy.Deletion", "privacy.Erasure", "privacy.Wording"),
    never_changed=("privacy_erasure", "privacy_wording"),
    never_deleted={"privacy_erasure": "TRUE", "privacy_wording": "TRUE"},
    navigation=(
        Menu("Privacy", ("privacy.Erasure", "privacy.Deletion", "privacy.Wording"), position=35),
    ),
    rights={
        **{role: {"wording": "view"} for role in (PUBLISHER, SALES)},
        # Whoever may add an erasure may erase people, and see all that is stored about them.
        ADMINISTRATOR: {"wording": "view", "erasure": "add view", "deletion": "view"},
    },
    impersonal=("privacy.Deletion", "privacy.Erasure", "privacy.Wording"),
)
