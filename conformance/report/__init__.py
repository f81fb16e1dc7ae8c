"""Results and the reports that are made of them: HTML, JUnit, HAR, JSON, terminal."""
