"""What one test item sent and found."""
