"""The project: settings, routes, and the application for the server."""
