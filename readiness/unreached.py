"""Rules and results that no answers lead to, and why: for those who edit a question set."""

from readiness import scoring
from readiness.models import NOT_SURE, QuestionSet, Rule
from readiness.reachability import Reach, Reachability
from web.wording import listed


def warnings(question_set: QuestionSet, reached: Reachability | None) -> list[str]:
    """What no answers lead to: rules, and then results. Keeps nobody from publishing."""
    if reached is None:
        return ["This set is too large to count which answers lead to which rule."]
    found = []
    rules = question_set.ordered_rules
    live = set()
    for rule, reach in zip(rules, reached.rules, strict=True):
        if reach.combinations:
            live.add(rule.result_id)
        else:
            why = _why_not(question_set, rule, reach)
            found.append(f"No answers reach {_named(rule)}: {why}")
    for result in question_set.results.all():
        if result.pk not in live:
            led = [str(rule.position) for rule in rules if rule.result_id == result.pk]
            why = "no rule leads to it." if not led else (
                f"the only rule that leads to it, {led[0]}, is never reached."
                if len(led) == 1
                else f"none of the rules that lead to it, {listed(led)}, is ever reached."
            )  # fmt: skip
            found.append(f"Nobody gets the result “{result}”: {why}")
    return found


def _why_not(question_set: QuestionSet, rule: Rule, reach: Reach) -> str:
    if not reach.holding:
        return _contradiction(question_set, rule.condition())
    names = [_named(question_set.ordered_rules[place]) for place in reach.caught_by]
    if len(names) == 1:
        return f"whenever it applies, {names[0]} applies as well and comes first."
    return f"whenever it applies, one of the rules before it applies as well: {listed(names)}."


def _contradiction(question_set: QuestionSet, condition: scoring.Condition) -> str:
    """Why nothing at all meets it: the plain reasons first."""
    asked = question_set.questions.keys()
    highest = question_set.rubric().highest_total
    least, below = condition.min_total, condition.below_total
    if condition.all_zero - asked:
        return "it uses a question that is not in this set."
    if (condition.min_unsure or 0) > len(asked):
        times = condition.min_unsure
        return f"it requires “{NOT_SURE}” {times} times, but there are {len(asked)} questions."
    if least is not None and least > highest:
        return f"it requires a total of {least}, but the highest is {highest}."
    if below == 0:
        return "it requires a total below 0, which is impossible."
    if least is not None and below is not None and least >= below:
        return f"no total is both {least} or more and below {below}."
    return "its conditions contradict each other."


def _named(rule: Rule) -> str:
    """In the middle of a sentence."""
    return f"rule {rule.position} (“{rule.result}”)"
