"""The language of a page: what the visitor chose, else what the organisation set."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from config.text import Language


class LanguageMiddleware:
    """Reads the choice from its cookie. The browser's own wish is not asked: an office has one language."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in that language."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.answer(request)
            response.headers.setdefault("Content-Language", chosen)
        return response


def language() -> Language:
    """The language of this page, as :class:`config.text.Text` wants it."""
    return "zh" if (translation.get_language() or "").startswith("zh") else "en"
