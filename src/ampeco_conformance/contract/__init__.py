"""What the specification says of one operation: its parameters, request body, responses and resources."""
