"""JSON over HTTP: it translates requests and answers, and decides nothing."""

from plumbline.api.app import all_routes, make_app
from plumbline.http.certificate import Certificate
from plumbline.http.logs import log_to_stderr
from plumbline.http.serve import listen, serve, url_of

__all__ = ["Certificate", "all_routes", "listen", "log_to_stderr", "make_app", "serve", "url_of"]
