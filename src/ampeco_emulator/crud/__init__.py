"""Generic create, read, update, list and delete for every resource."""
