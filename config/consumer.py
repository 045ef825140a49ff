"""The worker's ear: no message ends it, and no answer of the broker does."""

import logging
import time
from collections.abc import Callable
from typing import Any

from celery.worker.consumer import Consumer as CeleryConsumer
from kombu import Connection
from redis.exceptions import RedisError, ResponseError

logger = logging.getLogger(__name__)


class Consumer(CeleryConsumer):
    connection_errors: tuple[type[Exception], ...]  # Celery sets it; its types do not say so

    def create_task_handler(self, *args: Any, **options: Any) -> Callable[[Any], Any]:
        """Celery's own, and what it stumbles over is rejected. The rows are the truth."""
        handle = super().create_task_handler(*args, **options)

        def on_task_received(message: Any) -> Any:
            try:
                return handle(message)
            except (OSError, RedisError):
                raise  # the broker's trouble, not the message's
            except Exception as error:
                logger.error("Rejected a message that is not a task: %r", error)
                message.reject_log_error(logger, self.connection_errors)

        return on_task_received

    def connection_for_read(self, *args: Any, **options: Any) -> Connection:
        connection = super().connection_for_read(*args, **options)
        if repair := getattr(connection.default_channel, "repair", None):
            repair(self.app.amqp.queues.consume_from.values())
        return connection

    def on_connection_error_after_connected(self, error: Exception) -> None:
        super().on_connection_error_after_connected(error)
        if isinstance(error, ResponseError):
            time.sleep(1)  # it answers, only not what we ask for: no use in asking at full speed
