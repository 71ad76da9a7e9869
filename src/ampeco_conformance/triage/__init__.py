"""From a finding to its standing: reproduced, strict or tolerated, known or new."""
