"""What the API of baskets takes and answers; its documentation is made of these models."""

from portal.basket.wire.answers import AddedOut
from portal.basket.wire.answers import BasketOut
from portal.basket.wire.answers import BasketsOut
from portal.basket.wire.answers import ChangeOut
from portal.basket.wire.answers import ChangesOut
from portal.basket.wire.answers import DeletedOut
from portal.basket.wire.answers import ItemOut
from portal.basket.wire.answers import ItemsOut
from portal.basket.wire.answers import JobOut
from portal.basket.wire.answers import MovedOut
from portal.basket.wire.answers import RemovedOut
from portal.basket.wire.answers import RevokedOut
from portal.basket.wire.answers import ShareOut
from portal.basket.wire.answers import SharesOut
from portal.basket.wire.answers import UndoneOut
from portal.basket.wire.sent import BasketEdit
from portal.basket.wire.sent import ItemIds
from portal.basket.wire.sent import Move
from portal.basket.wire.sent import NewBasket
from portal.basket.wire.sent import Note
from portal.basket.wire.sent import Piece
from portal.basket.wire.sent import RowsOfResult
from portal.basket.wire.sent import Sent
from portal.basket.wire.sent import ShareWish
from portal.basket.wire.sent import TypedAddress

__all__ = [
    "AddedOut",
    "BasketEdit",
    "BasketOut",
    "BasketsOut",
    "ChangeOut",
    "ChangesOut",
    "DeletedOut",
    "ItemIds",
    "ItemOut",
    "ItemsOut",
    "JobOut",
    "Move",
    "MovedOut",
    "NewBasket",
    "Note",
    "Piece",
    "RemovedOut",
    "RevokedOut",
    "RowsOfResult",
    "Sent",
    "ShareOut",
    "ShareWish",
    "SharesOut",
    "TypedAddress",
    "UndoneOut",
]
