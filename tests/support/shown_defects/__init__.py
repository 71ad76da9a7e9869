"""A probe for every defect of the emulator, by kind: its result differs while the defect is switched on."""

from tests.support.defect_probes import EmulatorProbe
from tests.support.shown_defects import access, business, queries, responses, writes

SHOWS: dict[str, EmulatorProbe] = {
    name: probe for kind in (responses, access, queries, writes, business) for name, probe in kind.SHOWS.items()
}
