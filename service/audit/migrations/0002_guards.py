from django.db import migrations

_REFUSE = """
CREATE TRIGGER audit_no_{0} BEFORE {1} ON audit_record
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END
"""


class Migration(migrations.Migration):
    """The database itself refuses to change or remove a record."""

    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(_REFUSE.format(word, word.upper()), f"DROP TRIGGER audit_no_{word}")
        for word in ("update", "delete")
    ]
