"""What every WSGI host shares: the environment as core reads it, and the outer station."""
