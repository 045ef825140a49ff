from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(max_length=120, unique=True)),
                ("last_ran_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "periodic job",
                "ordering": ["task"],
            },
        ),
    ]
