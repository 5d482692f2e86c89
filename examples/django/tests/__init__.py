"""The tests: ``python manage.py test``."""
