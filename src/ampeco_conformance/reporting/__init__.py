"""From results to reports: Allure, run summary, charts."""
