"""Comparison of two API versions: walk, rules, witnesses, policy, renderers."""
