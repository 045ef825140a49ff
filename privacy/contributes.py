from web.contributions import ADMINISTRATOR, PUBLISHER, SALES, Contribution, Menu
from web.screens import Action, Screen

contribution = Contribution(
    not_shown=("privacy.Deletion", "privacy.Erasure", "privacy.Wording"),
    never_changed={"privacy_erasure": "TRUE", "privacy_wording": "TRUE"},
    never_deleted={"privacy_erasure": "TRUE", "privacy_wording": "TRUE"},
    navigation=(
        Menu("Privacy", ("privacy.Erasure", "privacy.Deletion", "privacy.Wording"), position=35),
    ),
    screens=(
        Screen(
            "Privacy",
            "admin:privacy_erasure_changelist",
            group="Settings",
            position=60,
            permissions=("privacy.view_erasure",),
            covers=("privacy.Erasure", "privacy.Deletion"),
            words="erasures erase personal data export",
        ),
        Screen(
            "Privacy wordings",
            "admin:privacy_wording_changelist",
            group="Settings",
            position=61,
            permissions=("privacy.view_wording",),
            covers=("privacy.Wording",),
        ),
    ),
    actions=(
        Action(
            "Erase or export what is stored about a person",
            "admin:privacy_erasure_add",
            ("privacy.add_erasure",),
            words="privacy gdpr delete data",
        ),
    ),
    rights={
        **{role: {"wording": "view"} for role in (PUBLISHER, SALES)},
        # Whoever may add an erasure may erase people, and see all that is stored about them.
        ADMINISTRATOR: {"wording": "view", "erasure": "add view", "deletion": "view"},
    },
    impersonal=("privacy.Deletion", "privacy.Erasure", "privacy.Wording"),
)
