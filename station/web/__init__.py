"""The web shell: the application, error pages, security headers, sign-in gate, language, navigation, static files."""
