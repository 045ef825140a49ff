"""Alerts and dashboard: each asks for what there is, and each alert has its steps in the guide."""

import json
import re
import shutil
import subprocess

import pytest
from django.conf import settings

from tests.test_docs import anchors_in
from web import health
from web.metrics import Histogram, scrape

pytestmark = pytest.mark.django_db

ROOT = settings.BASE_DIR
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
OPERATOR = ROOT / "docs" / "operator.md"
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text())


def alerts():
    """Each alert of the file, with what stands below it."""
    _, *parts = re.split(r"(?m)^      - alert: ", ALERTS.read_text())
    return {part.split("\n")[0]: part for part in parts}


def known_names(settings, tmp_path):
    """Every name that /metrics can say, and the labels of each."""
    settings.BACKUP_DIR = tmp_path
    names = {}
    for one in [*scrape.counted(), *scrape.gauges()]:
        ends = ("_bucket", "_sum", "_count") if isinstance(one, Histogram) else ("",)
        names |= {f"{one.name}{end}": {*one.labels, *(["le"] if end else [])} for end in ends}
    return names | {"up": {"job"}, "site_workers": {"queue"}}  # the latter needs Redis


def asked(expression):
    """The names and labels that a PromQL expression asks for."""
    bare = re.sub(r'"[^"]*"', "", expression)
    for name, labels in re.findall(r"\b(site_\w+|up)\b(?:\{([^}]*)\})?", bare):
        yield name, set(re.findall(r"(\w+) *(?:=|!=|=~|!~)", labels))


def expressions():
    for name, part in alerts().items():
        yield name, part.split("expr:")[1].split("labels:")[0]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def test_alerts_and_dashboard_ask_only_for_what_there_is(settings, tmp_path):
    known = known_names(settings, tmp_path)

    for place, expression in expressions():
        found = list(asked(expression))
        assert found, place
        for name, labels in found:
            assert name in known, f"{place}: {name}"
            assert labels <= known[name], f"{place}: {name}"


def test_all_that_is_told_is_asked_for_by_an_alert_or_shown(settings, tmp_path):
    """A number that nobody looks at costs and helps nobody."""
    told = known_names(settings, tmp_path).keys()
    used = {name for _, expression in expressions() for name, _ in asked(expression)}

    assert {name for name in told if not name.endswith(("_sum", "_bucket"))} - used == set()


def test_checks_that_alerts_name_exist():
    named = set(re.findall(r'check=~?"([^"]+)"', ALERTS.read_text()))
    names = {one for words in named for one in words.split("|")}

    assert names <= health.checks().keys()


def test_each_alert_leads_to_its_steps_in_the_guide_and_the_guide_has_no_other():
    headings = OPERATOR.read_text().split("\n## Alerts\n")[1].split("\n## ")[0]
    steps = dict(re.findall(r"(?ms)^### (\w+)\n(.+?)(?=^### |\Z)", headings))

    assert steps.keys() == alerts().keys()
    for name, part in alerts().items():
        assert f"runbook_url: docs/operator.md#{name.lower()}\n" in part
        assert name.lower() in anchors_in(OPERATOR)
        assert re.search(r"(?m)^1\. ", steps[name]), name
        assert re.search(r"severity: (page|ticket)", part), name
        assert "summary:" in part, name


def test_the_tests_of_the_alerts_set_off_every_one():
    [count] = re.findall(r"value: (\d+)\}\]", (ALERTS.with_name("alerts_test.yaml")).read_text())

    assert int(count) == len(alerts())


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize("arguments", ["check rules alerts.yaml", "test rules alerts_test.yaml"])
def test_promtool_finds_no_fault(arguments):
    done = subprocess.run(
        ["promtool", *arguments.split()], cwd=ALERTS.parent, capture_output=True, text=True
    )

    assert not done.returncode, done.stdout + done.stderr


def test_the_dashboard_is_one_that_grafana_takes():
    """https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/"""
    panels = DASHBOARD["panels"]
    [variable] = DASHBOARD["templating"]["list"]

    assert DASHBOARD["title"] and DASHBOARD["uid"] and DASHBOARD["schemaVersion"] >= 36
    assert (variable["name"], variable["type"], variable["query"]) == (
        "datasource", "datasource", "prometheus",
    )  # fmt: skip
    assert len({panel["id"] for panel in panels}) == len(panels) <= 20
    for panel in panels:
        assert panel["type"] in ("stat", "timeseries", "bargauge")
        assert panel["title"] and panel["description"].endswith(".")
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


def test_panels_of_the_dashboard_do_not_overlap():
    cells = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
