"""One writer per format of the report: Allure, HTML, Markdown, JUnit."""
