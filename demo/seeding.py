"""Loading the demo. Each row is made once; loading again adds only what is new in the demo."""

from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import SALES
from articles import publishing
from articles.models import Article, Author, Byline, MoreArticle, Series, Topic
from demo import content
from demo.ledger import Ledger
from images import uploads
from images.models import Image
from leads.intake import receiving
from leads.messages import compose
from leads.models import Activity, Brief, Contact, Inquiry, Lead, Notification, Recipient
from leads.pipeline import assessments, moves
from mail.addresses import mailbox
from mail.models import Message
from offices.models import Office
from offices.working_days import one_working_day_after
from pages.models import Feature, MenuLink, Page, Service, SiteSettings
from privacy import wordings
from readiness import taking
from readiness.models import Dimension, Question, QuestionSet

MENU = [("header", "About", "about", 35)]  # place, label, slug of a page, position


@transaction.atomic
def seed(now: datetime) -> None:
    """Make every row of the demo that is not there yet."""
    Seeding(now).everything()


class Seeding:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.demo = content.demo()
        self.ledger = Ledger()
        self.pictures: dict[str, Image] = {}

    def everything(self) -> None:
        self.load_pictures()
        self.load_offices()
        self.load_copy()
        self.load_shelves()
        for entry in self.demo["articles"]:
            self.load_article(entry)
        for entry in self.demo["articles"]:
            self.load_more(entry)
        self.load_recipient()
        # The oldest first, so that somebody's second email finds the lead of the first.
        for entry in sorted(self.demo["inquiries"], key=lambda entry: -entry["hours_ago"]):
            self.load_inquiry(entry)

    def load_pictures(self) -> None:
        for entry in self.demo["pictures"]:
            try:
                made = self.ledger.once(f"picture {entry['name']}", partial(_upload, entry))
            except uploads.AlreadyHere as here:
                made = here.existing  # somebody's own, and not for the demo to remove
            if made:
                self.pictures[entry["name"]] = made

    def load_offices(self) -> None:
        for entry in self.demo["offices"]:
            self.ledger.once(f"office {entry['slug']}", partial(self._office, entry))

    def _office(self, entry: dict[str, Any]) -> Office:
        fields = {name: value for name, value in entry.items() if name != "picture"}
        fields["opens_at"] = time.fromisoformat(entry["opens_at"])
        fields["closes_at"] = time.fromisoformat(entry["closes_at"])
        if Office.objects.headquarters():
            fields["is_headquarters"] = False
        return Office.objects.create(image=self.pictures.get(entry["picture"]), **fields)

    def load_copy(self) -> None:
        for position, entry in enumerate(self.demo["services"]):
            self.ledger.once(
                f"service {entry['heading']}",
                partial(self._service, entry, position),
            )
        for entry in self.demo["pages"]:
            if not Page.objects.filter(slug=entry["slug"]).exists():
                self.ledger.once(f"page {entry['slug']}", partial(Page.objects.create, **entry))
        for place, label, slug, position in MENU:
            if page := Page.objects.filter(slug=slug).first():
                link = {"place": place, "label": label, "page": page, "position": position}
                self.ledger.once(f"link {place} {slug}", partial(MenuLink.objects.create, **link))
        settings = SiteSettings.load()
        if _is_untouched(settings):
            for name, value in self.demo["site"].items():
                setattr(settings, name, value)
            settings.save()

    def _service(self, entry: dict[str, Any], position: int) -> Service:
        service = Service.objects.create(
            heading=entry["heading"], text="\n\n".join(entry["paragraphs"]), position=position
        )
        for place, feature in enumerate(entry["features"]):
            made = Feature.objects.create(service=service, position=place, **feature)
            self.ledger.note(f"feature {feature['title']}", made)
        return service

    def load_shelves(self) -> None:
        """Authors, topics, series: what articles stand under."""
        for entry in self.demo["authors"]:
            fields = {name: value for name, value in entry.items() if name != "picture"}
            fields["image"] = self.pictures.get(entry["picture"])
            self._shelf("author", Author, fields)
        for entry in self.demo["topics"]:
            self._shelf("topic", Topic, entry)
        for entry in self.demo["series"]:
            self._shelf("series", Series, entry)
        if questions := QuestionSet.objects.current():
            for dimension in questions.scales:
                self._read_about(dimension.letter, dimension)
            for key, question in questions.questions.items():
                self._read_about(key, question)

    def _read_about(self, key: str, part: Dimension | Question) -> None:
        for topic in Topic.objects.filter(slug__in=self.demo["readiness"].get(key, [])):
            name = "dimension" if isinstance(part, Dimension) else "question"
            self.ledger.once(
                f"readiness {key} {topic.slug}",
                partial(part.topics.through.objects.create, **{name: part}, topic=topic),
            )

    def _shelf(self, kind: str, model: type[Author | Topic | Series], fields: dict) -> None:
        if not model.objects.filter(slug=fields["slug"]).exists():
            self.ledger.once(f"{kind} {fields['slug']}", lambda: model.objects.create(**fields))

    def load_article(self, entry: dict[str, Any]) -> None:
        if not Article.objects.filter(slug=entry["slug"]).exists():
            self.ledger.once(f"article {entry['slug']}", lambda: self._article(entry))

    def _article(self, entry: dict[str, Any]) -> Article:
        article = Article.objects.create(
            slug=entry["slug"],
            series=Series.objects.filter(slug=entry.get("series", "")).first(),
            series_position=entry.get("series_position"),
        )
        article.topics.set(Topic.objects.filter(slug__in=entry["topics"]))
        for position, slug in enumerate(entry["authors"]):
            author = Author.objects.get(slug=slug)
            Byline.objects.create(article=article, author=author, position=position)
        words = {
            "title": entry["title"],
            "summary": entry["summary"],
            "body": content.article_body(
                entry["slug"],
                {name: (image.pk, image.file.url) for name, image in self.pictures.items()},
            ),
            "cover": self.pictures.get(entry["cover"]),
            "seo_title": entry.get("seo_title", ""),
            "seo_description": entry.get("seo_description", ""),
        }
        self._revise(article, words)
        if entry.get("state", "live") == "live":
            publishing.release(article, at=self.now - timedelta(days=entry["days_ago"]))
        if "updated_days_ago" in entry:
            self._revise(article, words, note="Figures brought up to date")
            publishing.release(article, at=self.now - timedelta(days=entry["updated_days_ago"]))
        return article

    def _revise(self, article: Article, words: dict[str, Any], note: str = "") -> None:
        revision = publishing.save_working_copy(article, words=words, by=None, note=note)
        self.ledger.note(f"revision {article.slug} {revision.number}", revision)

    def load_more(self, entry: dict[str, Any]) -> None:
        for position, slug in enumerate(entry.get("more", [])):
            article = self._article_of_ours(entry["slug"])
            other = self._article_of_ours(slug)
            if article and other:
                self.ledger.once(
                    f"more {entry['slug']} {slug}",
                    partial(
                        MoreArticle.objects.create, article=article, other=other, position=position
                    ),
                )

    def _article_of_ours(self, slug: str) -> Article | None:
        _, pk = self.ledger.rows.get(f"article {slug}", ("", 0))
        return Article.objects.filter(pk=pk).first()

    def load_recipient(self) -> None:
        if not Recipient.objects.exists():
            self.ledger.once(
                "recipient sales",
                lambda: Recipient.objects.create(email="sales@cleansystems.example"),
            )

    def load_inquiry(self, entry: dict[str, Any]) -> None:
        key = f"inquiry {entry['email']} {entry['hours_ago']}"
        self.ledger.once(key, lambda: self._inquiry(entry))

    def _inquiry(self, entry: dict[str, Any]) -> Inquiry:
        """An inquiry as if it had come in back then, with what sales made of it since."""
        received_at = self.now - timedelta(hours=entry["hours_ago"])
        message = entry["message"].strip()
        brief = Brief(**{name: words.strip() for name, words in entry.get("brief", {}).items()})
        said = receiving.fingerprint(entry["email"], message, brief if "brief" in entry else None)
        inquiry = Inquiry(
            **{name: entry[name] for name in (
                "name", "email", "company", "source_path", "referrer_host",
                "utm_source", "utm_medium", "utm_campaign", "verdict", "reasons",
            )},
            message=message,
            article=Article.objects.filter(slug=entry["article"]).first(),
            office=Office.objects.headquarters(),
            wording=wordings.live(),
            received_at=received_at,
            fingerprint=said,
            submission_key=f"demo-{entry['hours_ago']}:{said[:32]}",
        )  # fmt: skip
        if inquiry.is_suspected:
            inquiry.save()
            return inquiry
        lead, is_new = self._lead(inquiry)
        inquiry.contact, inquiry.lead, inquiry.notified_at = lead.contact, lead, received_at
        inquiry.save()
        if "brief" in entry:
            brief.inquiry = inquiry
            brief.save()
        self._remember(lead, f"Sent from {inquiry.source_path or 'the site'}", received_at, inquiry)
        if "readiness" in entry:
            self._assess(inquiry, entry["readiness"], entry.get("wishes", {}))
        self._emails(inquiry)
        if is_new:
            self._work(lead, entry, received_at)
        return inquiry

    def _assess(self, inquiry: Inquiry, values: list[int], wishes: dict[str, str]) -> None:
        """The assessment that came with it: an option for each question, in their order."""
        questions = QuestionSet.objects.current()
        if questions is None or len(questions.questions) != len(values):
            return  # somebody has published questions of their own
        assessment, key = taking.begin(questions, at=inquiry.received_at - timedelta(minutes=6))
        answers = dict(zip(questions.questions, values, strict=True))
        taking.save(assessment, answers=answers, wishes=wishes)
        taking.finish(assessment, at=inquiry.received_at - timedelta(minutes=1))
        self.ledger.note(f"assessment {inquiry.submission_key}", assessment)
        assessments.attach(inquiry, taking.result_key(key))

    def _lead(self, inquiry: Inquiry) -> tuple[Lead, bool]:
        address = mailbox(inquiry.email)
        contact = Contact.objects.filter(address=address).first()
        if contact is None:
            contact = Contact(name=inquiry.name, email=inquiry.email)
            if inquiry.company:
                contact.company = receiving.company(inquiry.company)
            contact.save()
            if contact.company and f"company {contact.company.name}" not in self.ledger.rows:
                self.ledger.note(f"company {contact.company.name}", contact.company)
            self.ledger.note(f"contact {address}", contact)
        lead = Lead.objects.open().filter(contact=contact).first()
        if lead:
            return lead, False
        lead = Lead.objects.create(
            contact=contact,
            office=inquiry.office,
            opened_at=inquiry.received_at,
            respond_by=one_working_day_after(inquiry.received_at, inquiry.office),
        )
        self.ledger.note(f"lead {address} {inquiry.submission_key}", lead)
        return lead, True

    def _emails(self, inquiry: Inquiry) -> None:
        reports = assessments.of_inquiry(inquiry)
        told = [
            (
                Notification.Kind.NOTIFICATION,
                to,
                compose.notification_for(to, inquiry, compose.notification(inquiry, reports)),
            )
            for to in Recipient.objects.addresses()
        ]
        acknowledgment = compose.acknowledgment(*reports[:1])
        told.append((Notification.Kind.ACKNOWLEDGMENT, inquiry.email, acknowledgment))
        inquiry.assessments.update(notified_at=inquiry.received_at)
        for kind, recipient, email in told:
            sent_at = inquiry.received_at + timedelta(seconds=2)
            key = f"inquiry {inquiry.pk} {kind} {recipient}"
            message = Message.objects.create(
                key=key,
                to=recipient,
                message_id=f"<demo-{inquiry.pk}-{kind}@demo.example>",
                state=Message.State.SENT,
                attempts=1,
                created_at=inquiry.received_at,
                due_at=inquiry.received_at,
                sent_at=sent_at,
                sender_name=SiteSettings.load().name,
                **email,
            )
            self.ledger.note(f"message {key}", message)
            notification = Notification.objects.create(
                inquiry=inquiry, kind=kind, recipient=recipient, message=message
            )
            self.ledger.note(f"notification {key}", notification)

    def _work(self, lead: Lead, entry: dict[str, Any], began: datetime) -> None:
        """What sales did with the lead since, spread over the time that has passed."""
        sales = User.objects.with_role(SALES).first() if entry["owner"] else None
        steps = len(entry["notes"]) + 2
        pause = (self.now - began) / (steps + 1)
        lead.value, lead.currency = entry.get("value"), entry.get("currency", "EUR")
        lead.save()
        moves.assign(lead, sales, by=sales, at=began + pause)
        for number, note in enumerate(entry["notes"]):
            moves.note(lead, note, by=sales, at=began + pause * (number + 2))
        if entry["stage"] != Lead.Stage.NEW:
            moves.answer(lead, by=sales, at=began + pause)
        moves.move(
            lead,
            entry["stage"],
            by=sales,
            at=began + pause * steps,
            lost_reason=entry.get("lost_reason", ""),
        )
        if entry["stage"] in ("qualified", "proposal"):
            step = moves.add_next_step(
                lead,
                "Call about the next step",
                due_on=timezone.localdate() + timedelta(days=1),
                owner=sales,
                by=sales,
                at=began + pause * steps,
            )
            self.ledger.note(f"follow-up {lead.pk}", step)
        for activity in lead.activities.all():
            key = f"activity {activity.pk}"
            if key not in self.ledger.rows:
                self.ledger.note(key, activity)

    def _remember(self, lead: Lead, text: str, at: datetime, inquiry: Inquiry) -> None:
        activity = Activity.objects.create(
            lead=lead, kind=Activity.Kind.INQUIRY, text=text, at=at, inquiry=inquiry
        )
        self.ledger.note(f"activity {activity.pk}", activity)


def unseed() -> list[str]:
    """Take away what `seed` made and reset the settings that still say what the demo says.

    Returns a sentence for each row that had to stay.
    """
    stayed = list(Ledger().remove())
    settings = SiteSettings.load()
    for name, value in content.demo()["site"].items():
        if getattr(settings, name) == value:
            setattr(settings, name, getattr(SiteSettings(), name))
    settings.save()
    return stayed


def _is_untouched(settings: SiteSettings) -> bool:
    return all(
        getattr(settings, name) == getattr(SiteSettings(), name) for name in content.demo()["site"]
    )


def _upload(entry: dict[str, Any]) -> Image:
    fields = {name: value for name, value in entry.items() if name != "name"}
    with content.picture_file(entry["name"]).open("rb") as file:
        return uploads.receive(File(file, name=f"{entry['name']}.png"), **fields)
