"""Shards: `--shard 2/4` runs the second of four parts, and every run records which items were selected.

Each part takes every n-th item, so that all parts get items of all aspects and all machines divide alike.
"""

import pytest

from ampeco_conformance.core.errors import ConfigurationError, ExitCode, unwritable
from ampeco_conformance.plugin.results import is_suite_run
from ampeco_conformance.reporting.selection import Selection, parse_shard, read_selection, write_selection


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the items of other shards, and record the selection and this shard's part of it."""
    if not is_suite_run(config):
        return
    try:
        shard, shards = parse_shard(config.option.shard)
    except ConfigurationError as error:
        pytest.exit(str(error), returncode=ExitCode.CONFIGURATION)
    selected = [item.nodeid for item in items]
    others = [item for index, item in enumerate(items) if index % shards != shard - 1]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = items[shard - 1 :: shards]
    # In a parallel run all workers collect the same items and the controller collects none.
    is_first = getattr(config, "workerinput", {}).get("workerid", "gw0") == "gw0"
    if is_first and not config.option.collectonly:
        own = [item.nodeid for item in items]
        if config.option.append:
            earlier = read_selection(config.option.reports)
            selected, own = earlier.selected + selected, earlier.own + own
        try:
            write_selection(Selection(shard, shards, config.option.seed, selected, own), config.option.reports)
        except OSError as error:
            # In a parallel run the controller, which writes to the same folder, reports it.
            if not hasattr(config, "workerinput"):
                pytest.exit(unwritable(error, config.option.reports), returncode=ExitCode.ENVIRONMENT)
