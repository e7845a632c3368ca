"""Every address. Who may open which stands in :mod:`service.officers.roles`."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from service.approvals.wire import lending

urlpatterns = [
    path("", include("service.today.urls")),
    path("", include("service.officers.urls")),
    path("incidents/", include("service.incidents.urls")),
    path("lendings/", include("service.approvals.urls")),
    path("agents/", include("service.fleet.urls")),
    path("audit/", include("service.audit.urls")),
    path("api/v1/", include("service.ingest.urls")),
    path("api/v1/registers", include("service.registers.urls")),
    path("api/v1/lending", lending, name="lending"),
    path("language/", set_language, name="language"),
]
handler400 = "service.officers.pages.bad_request"
handler403 = "service.officers.pages.forbidden"
handler404 = "service.officers.pages.missing"
handler500 = "service.officers.pages.broken"
