"""The queue in Redis. Kombu's transport, made to outlive whatever Redis answers or holds."""

import logging
from collections.abc import Iterable
from queue import Empty
from typing import Any

from kombu.transport import redis, virtual
from redis.exceptions import ConnectionError as BrokerGone
from redis.exceptions import RedisError

from config.sentinels import ClosedWhenLate, ClosedWhenLateWithTLS

logger = logging.getLogger(__name__)


class QoS(redis.QoS):
    """Counts no message as unfinished that could not be acknowledged.

    Celery logs such a failure and goes on. A worker that holds as many unfinished messages as it
    may asks for no more, so it would never notice that its connection is gone: two that failed made
    it deaf for good. In Redis the message stays, and comes again once its time has passed.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def restore_by_tag(self, tag: str, client: Any = None, leftmost: bool = False) -> None:
        """Give an unfinished message back. One that cannot be read is dropped, and said."""
        try:
            super().restore_by_tag(tag, client=client, leftmost=leftmost)
        except (OSError, RedisError):
            raise
        except Exception as error:
            logger.error("Dropped an unfinished message that cannot be read: %r", error)
            self._remove_from_indices(tag).execute()  # type: ignore[attr-defined]  # kombu's own


class Channel(redis.Channel):
    """Skips messages that cannot be read, and says that its connection is gone when it is.

    A task that ends while the worker loses its broker is acknowledged on the old channel. Celery
    takes a lost connection calmly there; of the `AttributeError` that kombu raises (celery/kombu
    issue 582) the worker died.
    """

    QoS = QoS

    def repair(self, queues: Iterable[Any]) -> None:
        """Remove what stands under our names and is of another type than ours.

        Nothing there is worth keeping: the rows are the truth.
        """
        wanted = {self.unacked_key: b"hash", self.unacked_index_key: b"zset"}
        wanted[self.unacked_mutex_key] = b"string"
        for queue in queues:
            for step in self.priority_steps:
                wanted[self._q_for_pri(queue.name, step)] = b"list"  # type: ignore[attr-defined]  # kombu's own
            wanted[self.keyprefix_queue % queue.exchange.name] = b"set"
        for name in ("celery.pidbox", "reply.celery.pidbox", "celeryev"):
            wanted[self.keyprefix_queue % name] = b"set"
        with self.conn_or_acquire() as client:
            for key, kind in wanted.items():
                found = client.type(f"{self.global_keyprefix}{key}")
                if found not in (b"none", kind):
                    logger.error("Removed the %s at %s: not ours.", found.decode(), key)
                    client.delete(key)

    def get_table(self, exchange: str) -> list[tuple[str, str, str]]:
        return [row for row in super().get_table(exchange) if len(row) == 3]

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # kombu's own
        except (Empty, OSError, RedisError):
            raise
        except Exception as error:
            logger.error("Dropped a queued message that cannot be read: %r", error)
            raise Empty from None

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        if self.connection is None or self.connection.client is None:
            raise BrokerGone("The connection of this channel was closed.")
        return super()._connparams(*args, **kwargs)  # type: ignore[misc]  # kombu's own


class Transport(redis.Transport):
    """Takes every refusal for a lost connection, which Celery meets by connecting again.

    A server that fails over, loads its data, has no room or turns read-only answers with an error
    instead of hanging up. Of such an answer a worker ended for good.
    """

    Channel = Channel
    connection_errors = (*redis.Transport.connection_errors, RedisError)


class SentinelChannel(Channel, redis.SentinelChannel):
    """The same, with whoever the sentinels say is the master."""

    connection_class = ClosedWhenLate
    connection_class_ssl = ClosedWhenLateWithTLS


class SentinelTransport(Transport):
    default_port = redis.SentinelTransport.default_port
    Channel = SentinelChannel
