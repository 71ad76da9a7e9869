"""What a session must cost: the bill by hand, from a tariff's terms and the course of a session.

Written from the published facts alone; it shares nothing with the emulator.
"""
