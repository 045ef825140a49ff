"""deploy/kubernetes/: what Kubernetes' own schemas say, and what the manifests promise besides."""

import re

import kubernetes_validate
import pytest
import yaml

from devtools.environment import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
VERSION = "1.33"
FILES = sorted(FOLDER.glob("*.yaml"))
MANIFESTS = [one for file in FILES for one in yaml.safe_load_all(file.read_text())]
PODS = [
    (one["metadata"]["name"], pod)
    for one in MANIFESTS
    for pod in [
        one["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        if one["kind"] == "CronJob"
        else one.get("spec", {}).get("template", {}).get("spec")
    ]
    if pod
]


def of_kind(kind):
    return {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == kind}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: one["metadata"]["name"])
def test_a_manifest_is_what_kubernetes_expects(manifest):
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_the_validator_says_no_to_a_word_that_kubernetes_does_not_know():
    wrong = {**of_kind("Service")["site-web"], "spec": {"selektor": {}}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


@pytest.mark.parametrize(("name", "pod"), PODS, ids=[name for name, _ in PODS])
def test_a_pod_is_nobody_special_and_writes_nowhere_but_where_it_may(name, pod):
    [container] = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {one["name"] for one in container["volumeMounts"]}
    assert mounted == {one["name"] for one in pod["volumes"]}
    assert container["resources"]["limits"]["memory"]


def test_all_pods_run_the_same_image():
    assert len({pod["containers"][0]["image"] for _, pod in PODS}) == 1


def test_each_pod_starts_what_the_image_knows_and_web_listens_to_the_cluster():
    known = re.findall(r"(?m)^    (\w+)\)$", (ROOT / "deploy" / "run").read_text())
    started = {name: pod["containers"][0]["args"] for name, pod in PODS}

    assert {arguments[0] for arguments in started.values()} <= set(known)
    assert started["site-web"] == ["web", "--host", "0.0.0.0"]


def test_the_web_pods_are_probed_where_the_site_answers_probes():
    pod = of_kind("Deployment")["site-web"]["spec"]["template"]["spec"]
    [web] = pod["containers"]

    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert pod["terminationGracePeriodSeconds"] > 30  # what workers take to stop, and granian


def test_there_is_one_beat_and_two_of_everything_else():
    replicas = {name: one["spec"]["replicas"] for name, one in of_kind("Deployment").items()}

    assert replicas == {"site-web": 2, "site-worker": 2, "site-sender": 2, "site-beat": 1}


def test_selectors_find_what_they_are_for():
    labels = [
        one["spec"]["template"]["metadata"]["labels"] for one in of_kind("Deployment").values()
    ]
    selectors = [one["spec"]["selector"] for one in of_kind("Service").values()]
    selectors += [
        one["spec"]["selector"]["matchLabels"] for one in of_kind("PodDisruptionBudget").values()
    ]

    assert all(selector in labels for selector in selectors)


def test_every_variable_is_one_of_ours_and_every_secret_is_a_file_that_is_mounted():
    settings = of_kind("ConfigMap")["site"]["data"]
    ours = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text()))
    files = {name: path for name, path in settings.items() if name.endswith("_FILE")}
    keys = of_kind("Secret")["site"]["stringData"].keys()

    assert {name.removesuffix("_FILE") for name in settings} <= ours
    assert {path.rpartition("/")[2] for path in files.values()} == set(keys)
    for _, pod in PODS:
        [container] = pod["containers"]
        paths = {one["mountPath"] for one in container["volumeMounts"]}
        assert {path.rpartition("/")[0] for path in files.values()} <= paths
        assert settings["VAR_DIR"] in paths


def test_every_claim_that_is_used_is_made():
    used = {
        volume["persistentVolumeClaim"]["claimName"]
        for _, pod in PODS
        for volume in pod["volumes"]
        if "persistentVolumeClaim" in volume
    }

    assert used == of_kind("PersistentVolumeClaim").keys()
