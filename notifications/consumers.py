"""The websocket: it says “look”, never what there is to see."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from notifications.live import case_group, user_group
from notifications.queries import watched_case
from organizations.models import User

NOT_LOGGED_IN = 4401
LONGEST_NUMBER = 40


class Looker(AsyncJsonWebsocketConsumer):
    """One browser page of somebody logged in, perhaps showing a case."""

    watching: int | None = None
    user_id: int | None = None

    async def connect(self) -> None:
        """Let in whoever has a session; the origin was checked before."""
        user = self.scope.get("user")
        if user is None or not user.is_authenticated or not user.is_active or user.must_change_password:
            await self.close(NOT_LOGGED_IN)
            return
        self.user_id = user.pk
        await self.channel_layer.group_add(user_group(user.pk), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the groups."""
        if self.user_id is not None:
            await self.channel_layer.group_discard(user_group(self.user_id), self.channel_name)
        await self._unwatch()

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """What a browser says; nonsense is nothing."""
        try:
            return await super().decode_json(text_data)
        except ValueError:
            return None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Only text is listened to."""
        if text_data:
            await super().receive(text_data=text_data)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """`{"watch": number}`: the page shows this case; it is watched if the person may see it now."""
        number = content.get("watch") if isinstance(content, dict) else None
        if not isinstance(number, str) or len(number) > LONGEST_NUMBER or "\x00" in number:
            return
        case_id = await self._visible(number)
        await self._unwatch()
        if case_id is not None:
            self.watching = case_id
            await self.channel_layer.group_add(case_group(case_id), self.channel_name)

    async def look(self, event: dict[str, Any]) -> None:
        """Pass the word on."""
        await self.send_json({"changed": event["changed"]})

    async def _unwatch(self) -> None:
        if self.watching is not None:
            await self.channel_layer.group_discard(case_group(self.watching), self.channel_name)
            self.watching = None

    @database_sync_to_async
    def _visible(self, number: str) -> int | None:
        # Read anew: posts may have ended since the socket was opened.
        user = User.objects.filter(pk=self.user_id or 0, is_active=True).first()
        found = watched_case(user, number) if user else None
        return found[0] if found else None
