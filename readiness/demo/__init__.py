"""What the demo has to read about each dimension and question of the assessment."""

from functools import partial
from pathlib import Path

from articles.models import Topic
from readiness.models import Dimension, Question, QuestionSet
from web.demo import Demo, Part, content

CONTENT = content(Path(__file__).parent)


def load(demo: Demo) -> None:
    if questions := QuestionSet.objects.current():
        for dimension in questions.scales:
            _read_about(demo, dimension.letter, dimension)
        for key, question in questions.questions.items():
            _read_about(demo, key, question)


def _read_about(demo: Demo, key: str, about: Dimension | Question) -> None:
    name = "dimension" if isinstance(about, Dimension) else "question"
    for topic in Topic.objects.filter(slug__in=CONTENT["topics"].get(key, [])):
        link = {name: about, "topic": topic}
        make = partial(about.topics.through.objects.create, **link)
        demo.once(f"readiness {key} {topic.slug}", make)


part = Part(load)
