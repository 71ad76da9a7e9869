"""The states of the countries that have them.

Facts: US, AU, CA, UM and RO have states, each with a list of its own; other countries have a region.
"""

from collections.abc import Mapping

STATES: Mapping[str, frozenset[str]] = {
    country: frozenset(states.split())
    for country, states in {
        "US": (
            "AL AK AS AZ AR CA CO CT DE DC FM FL GA GU HI ID IL IN IA KS KY LA ME MH MD MA MI MN MS MO MT NE NV "
            "NH NJ NM NY NC ND MP OH OK OR PW PA PR RI SC SD TN TX UT VT VI VA WA WV WI WY"
        ),
        "AU": ("NSW VIC QLD WA SA TAS ACT NT JBT CX NF CC AQ CSI ACI HM"),
        "CA": ("AB BC MB NB NL NT NS NU ON PE QC SK YT"),
        "UM": ("81 84 85 67 89 71 76 95 79"),
        "RO": (
            "AB AR AG BC BH BN BT BV BR B BZ CL CS CT CV DB DJ GL GR GJ HR HD IL IS IF MM MH MS NT OT PH SM SJ SB "
            "SV TR TM TL VS VL VN"
        ),
    }.items()
}
