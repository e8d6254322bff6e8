"""What somebody does on the page: take the form as it stands, send it, and read the rate."""

import os
import unittest
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from service import Service


class Form(HTMLParser):
    def __init__(self):
        super().__init__()
        self.action, self.values = "", {}

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.action = given["action"]
        if tag == "input":
            self.values[given["name"]] = given["value"]


class Asking(unittest.TestCase):
    def test_the_form_gives_a_rate(self):
        service = Service()
        self.addCleanup(service.close)
        form = Form()
        form.feed(Path("web/public/index.html").read_text())
        asked = f"{form.action}?{urlencode(form.values)}"
        self.assertEqual(service.ask(asked, **{"X-Token": os.environ["SERVICE_TOKEN"]}), (200, {"rate": "860.66"}))
