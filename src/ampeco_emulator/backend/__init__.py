"""The emulated operator's state: records, schedule and the types of its resources."""
