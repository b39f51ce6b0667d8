"""The only reader of the historian on behalf of pages: pure reading, kept for seconds, never on the event loop."""
