"""What is made of a finding before anybody sees it: proven, weighed by the settings, compared with known issues."""
