"""What manage.py can do with islands."""
