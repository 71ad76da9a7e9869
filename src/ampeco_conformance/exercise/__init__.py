"""How operations, collections and resources are exercised: from the first success to every boundary."""
