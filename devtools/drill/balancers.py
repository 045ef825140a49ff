"""The two balancers of the drill, by the samples of deploy/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from devtools.drill.network import NETWORK
from devtools.drill.processes import Service, listens
from devtools.haproxy import adapted, proxied

if TYPE_CHECKING:
    from devtools.drill.site import Site

ADDRESS = f"{NETWORK}.10"  # where the name of the site would lead; the balancers share it
BALANCER, WEB = 80, 8000  # ports


def balancers(site: Site) -> Iterator[Service]:
    """HAProxy and keepalived for both."""
    for number in (1, 2):
        name, other = f"balancer-{number}", f"balancer-{3 - number}"
        own = site.own(name)
        nodes = [f"{site.machines[node].address}:{WEB}" for node in ["web-1", "web-2"]]
        proxy = proxied(own, f":{BALANCER}", *nodes)
        file = site.write(f"{name}.cfg", adapted("haproxy.cfg", proxy))
        yield site.service(
            f"haproxy-{number}", name, ["haproxy", "-W", "-f", file], listens(BALANCER)
        )
        shared = {
            r"interface eth0.*": "interface eth0",
            r"priority 100.*": f"priority {102 - number}",
            r"unicast_src_ip .*": f"unicast_src_ip {site.machines[name].address}",
            r"10\.0\.0\.12 .*": site.machines[other].address,
            r"10\.0\.0\.10/24.*": f"{ADDRESS}/24",
        }
        file = site.write(f"keepalived-{number}.conf", adapted("keepalived.conf", shared))
        command = ["keepalived", "--dont-fork", "--log-console", "--vrrp", "-f", file]
        command += ["--pid", own / "pid", "--vrrp_pid", own / "vrrp_pid"]
        yield site.service(f"keepalived-{number}", name, command, lambda service: True)
