"""The options of the session that `./conform selftest` starts."""

from ampeco_conformance.plugin.option_values import Option, seconds, worker_count

SELFTEST = (
    Option(name="--selftest-defect", metavar="NAME", is_repeatable=True, help="A defect to try; repeatable."),
    Option(name="--selftest-variant", metavar="NAME", is_repeatable=True, help="A variant to try; repeatable."),
    Option(
        name="--selftest-workers",
        parse=worker_count,
        default=1,
        metavar="N",
        help="Defects tried in parallel.",
    ),
    Option(
        name="--selftest-limit", parse=seconds, default=3600.0, metavar="SECONDS", help="Time limit for one defect."
    ),
)
