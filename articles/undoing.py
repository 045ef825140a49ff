"""Taking back what was done to articles in one act: the opposite of each line of their history."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from articles import fixing, history, review_emails, reviewing
from articles.checking.revisions import passed, refuse_confidential
from articles.history import Kind, moment_of
from articles.models import Article, HistoryLine, Revision
from articles.moving import lock, put_in_line, swap, take_off, take_out_of_line
from desk.acts import TOO_LATE, UNDO_THAT_FIRST, NotYetError, Undo
from desk.models import Act

# These concern the text of a revision: whoever has written since would be overruled.
OF_THE_TEXT = {
    Kind.SUBMITTED,
    Kind.APPROVED,
    Kind.SENT_BACK,
    Kind.PUBLISHED,
    Kind.SCHEDULED,
    Kind.UNSCHEDULED,
    Kind.TOOK_IN,
    Kind.DISCARDED,
    Kind.RESTORED,
}

IN_TURN = "in_turn"  # of a refusal that ends once something later is taken back


def tell(act: Act) -> str:
    """What was done and to what."""
    lines = act.article_history.order_by("pk").select_related("article", "revision")
    first = lines.first()
    if first is None:
        return "Articles: changed"
    done = first.get_kind_display()
    if act.count > 1:
        return f"{act.count} articles: {done}"
    title = first.revision.title if first.revision else str(first.article)
    return f"{title}: {done}"


def take_back(act: Act, by: User, at: datetime) -> list[str]:
    """Put every article back as it was before the act, but for those on which someone has worked
    since. Says what came of it, in sentences.

    Raises `NotYetError`, and does nothing, where the same person did more to one of them since.
    """
    lines: dict[int, list[HistoryLine]] = defaultdict(list)
    for line in act.article_history.order_by("-pk").select_related("revision"):
        lines[line.article_id].append(line)
    done, left_out, first = 0, list[str](), list[str]()
    for article in Article.objects.filter(pk__in=lines).order_by("pk"):
        try:
            with transaction.atomic():  # what is refused halfway is not done at all
                _take_back(article, lines[article.pk], by=by)
            done += 1
        except ValidationError as error:
            left_out += error.messages
            first += error.messages if getattr(error, "code", None) == IN_TURN else []
    if first:
        raise NotYetError(first)
    said = [f"Undone: {done} of them." if done > 1 else "Undone."] if done else []
    left_out += review_emails.take_back(act) if done and not left_out else []
    return [*said, *left_out] or [TOO_LATE]


undo = Undo(tell=tell, take_back=take_back)


def _take_back(article: Article, lines: list[HistoryLine], *, by: User) -> None:
    lock(article)
    for line in lines:
        _check_nobody_went_on(article, line, by=by)
    for line in lines:
        _OPPOSITES[Kind(line.kind)](article, line)
        said = f"Taken back: {line.get_kind_display().lower()}"
        history.write(article, Kind.UNDONE, by=by, revision=line.revision, text=said, undoes=line)


def _check_nobody_went_on(article: Article, line: HistoryLine, *, by: User) -> None:
    """Raises `ValidationError` that says who did what since, with the code `IN_TURN` where it is
    theirs to take back first.
    """
    title = line.revision.title if line.revision else str(article)
    since = article.history_lines.filter(pk__gt=line.pk).exclude(act=line.act_id or 0)
    later = since.exclude(kind=Kind.UNDONE).filter(undone_by=None).first()
    if later:
        what = f"({later.get_kind_display().lower()}, {history.clock(later.at)})"
        if later.by_id != by.pk:
            who = later.by_name or "someone"
            raise ValidationError(f"Not undone: {who} has worked on “{title}” since {what}.")
        why = f"Not undone: you have worked on “{title}” since {what}."
        mine = Act.objects.filter(pk=later.act_id or 0, by=by).undoable(timezone.now())
        if mine.exists():
            raise ValidationError(f"{why} {UNDO_THAT_FIRST}", code=IN_TURN)
        raise ValidationError(why)
    if line.kind in OF_THE_TEXT:
        newer = article.revisions.filter(edited_at__gt=line.at).exclude(state="discarded")
        if changed := newer.select_related("edited_by").order_by("-edited_at").first():
            who = "you have" if changed.edited_by_id == by.pk else f"{changed.edited_by} has"
            when = history.clock(changed.edited_at)
            raise ValidationError(
                f"Not undone: {who} changed the text of “{changed.title}” since ({when})."
            )


def _unpublish_or_unschedule(article: Article, line: HistoryLine) -> None:
    """The text is the draft again. Readers may have seen it: an article that has nothing else to
    show them is unpublished then, not as if it had never been there.
    """
    assert line.revision and line.before
    was_seen = line.revision.live_from and line.revision.live_from <= timezone.now()
    take_out_of_line(line.revision, line.before["state"])
    unpublished_at = moment_of(line.before, "unpublished_at")
    retired_at = moment_of(line.before, "retired_at")
    seen = article.revisions.filter(live_from__lte=timezone.now())
    if was_seen and not (unpublished_at or retired_at or seen.exists()):
        unpublished_at = timezone.now()
    take_off(article, unpublished_at=unpublished_at, retired_at=retired_at)


def _fixed(article: Article, line: HistoryLine) -> None:
    assert line.revision
    if article.live_revision() != line.revision:
        raise ValidationError("Not undone: readers see another revision by now.")
    take_out_of_line(line.revision, Revision.State.DISCARDED)


def _took_in(article: Article, line: HistoryLine) -> None:
    assert line.revision and line.before
    if line.revision not in fixing.waiting(article):
        raise ValidationError("Not undone: the version with the fix no longer waits.")
    swap(line.revision, article.revisions.get(pk=line.before["replaced"]))


def _schedule_again(article: Article, line: HistoryLine) -> None:
    assert line.revision and line.before
    at = moment_of(line.before, "live_from")
    if at is None or at <= timezone.now():
        raise ValidationError("Not undone: its time has passed. Publish it, or schedule it again.")
    put_in_line(passed(line.revision, at=at), at)


def _submitted(article: Article, line: HistoryLine) -> None:
    assert line.revision
    reviewing.bring_back(line.revision, line.before or {"state": Revision.State.DRAFT})


def _decided(article: Article, line: HistoryLine) -> None:
    assert line.revision
    reviewing.reopen(line.revision)


def _discarded(article: Article, line: HistoryLine) -> None:
    assert line.revision and line.before
    line.revision.state = line.before["state"]
    line.revision.save(update_fields=["state"])


def _restored(article: Article, line: HistoryLine) -> None:
    assert line.revision
    line.revision.state = Revision.State.DISCARDED
    line.revision.save(update_fields=["state"])


def _on_the_site_as_before(article: Article, line: HistoryLine) -> None:
    before = line.before or {}
    if line.revision and not any(before.values()):  # readers see it again
        refuse_confidential(line.revision)
    take_off(
        article,
        unpublished_at=moment_of(before, "unpublished_at"),
        retired_at=moment_of(before, "retired_at"),
    )


def _topic(article: Article, line: HistoryLine) -> None:
    article.topics.remove(*(line.before or {}).get("added", []))


_OPPOSITES: dict[Kind, Callable[[Article, HistoryLine], None]] = {
    Kind.SUBMITTED: _submitted,
    Kind.APPROVED: _decided,
    Kind.SENT_BACK: _decided,
    Kind.PUBLISHED: _unpublish_or_unschedule,
    Kind.SCHEDULED: _unpublish_or_unschedule,
    Kind.UNSCHEDULED: _schedule_again,
    Kind.FIXED: _fixed,
    Kind.TOOK_IN: _took_in,
    Kind.DISCARDED: _discarded,
    Kind.RESTORED: _restored,
    Kind.UNPUBLISHED: _on_the_site_as_before,
    Kind.RETIRED: _on_the_site_as_before,
    Kind.REPUBLISHED: _on_the_site_as_before,
    Kind.TOPIC: _topic,
    Kind.ALLOWED: lambda article, line: None,  # it counts no longer
}
