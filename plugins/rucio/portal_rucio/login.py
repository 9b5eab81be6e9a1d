"""As whom a job asks Rucio: its owner, by password or token, or the portal itself.

A token got for a password is kept in memory for as long as the job runs, and nowhere else.
"""

import re
from http import HTTPStatus

import requests

from portal.plugins import JobContext
from portal.plugins import open_body
from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_rucio.answers import check
from portal_rucio.settings import LakeSettings

WHERE = "under Account, Logins at archives"
SHOWN_AS = "X-Rucio-Auth-Token"
TOKEN = re.compile(r"[\x21-\x7e]{1,10000}")
IN_A_HEADER = re.compile(r"[\x20-\x7e\xa0-\xff]{1,1000}")


class Login:
    """What shows Rucio who asks; `is_own` says whether that is the owner of the job."""

    def __init__(
        self, context: JobContext, lake: LakeSettings, credential: RemoteCredential, *, is_own: bool
    ) -> None:
        """Keep the credential; nothing is asked before a token is needed."""
        self.is_own = is_own
        self.account = lake.account
        self._http = context.http
        self._forget = context.forget_credential
        self._lake = lake
        self._credential = credential
        self._token = "" if credential.user_name else credential.secret

    @property
    def can_renew(self) -> bool:
        """Whether a token that is no longer accepted can be replaced."""
        return bool(self._credential.user_name)

    def headers(self) -> dict[str, str]:
        """Return the headers of a request; raises UsageError for a login that is none."""
        if self.can_renew and not self._token:
            self.renew()
        if not TOKEN.fullmatch(self._token):
            raise self._gone("What is stored as token is none.")
        return {SHOWN_AS: self._token}

    def renew(self) -> None:
        """Get a token for the password; raises UsageError when that is wrong.

        Redirects are not followed, as they would take the password along.
        """
        name, word = self._credential.user_name, self._credential.secret
        if not (IN_A_HEADER.fullmatch(name) and IN_A_HEADER.fullmatch(word)):
            raise self._gone("Rucio cannot take a user name or password with such characters.")
        headers = {"X-Rucio-Username": name, "X-Rucio-Password": word}
        if self._lake.account:
            headers["X-Rucio-Account"] = self._lake.account
        answer = self._http.get(self._lake.auth_address, headers=headers, allow_redirects=False)
        with open_body(answer):
            self._token = self._granted(answer)
            self.account = answer.headers.get("X-Rucio-Auth-Account", self.account)

    def refused(self) -> UsageError | ServiceError:
        """Forget a token that is not accepted, and return the error for it."""
        if not self.is_own:
            return ServiceError(
                f"{self._lake.title} does not accept the token of this portal: its operators can "
                f"help. Your own login for {self._lake.host} can be stored {WHERE}."
            )
        return self._gone(f"{self._lake.title} does not accept the stored token.")

    def _granted(self, answer: requests.Response) -> str:
        """Read the answer, whose own words are not passed on: they may repeat the question."""
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            of = f" for the account {self._lake.account}" if self._lake.account else ""
            raise self._gone(
                f"{self._lake.title} does not accept the user name {self._credential.user_name} "
                f"with the stored password{of}."
            )
        if answer.status_code == HTTPStatus.PARTIAL_CONTENT:
            accounts = " ".join(answer.headers.get("X-Rucio-Auth-Accounts", "").split())[:200]
            raise UsageError(
                f"Your login at {self._lake.title} belongs to several accounts ({accounts}). "
                f"Store a token for one of them instead, {WHERE}."
            )
        if answer.status_code == HTTPStatus.OK:
            token = answer.headers.get(SHOWN_AS, "")
            if TOKEN.fullmatch(token):
                return token
        else:
            del answer.headers["ExceptionMessage"]
            check(answer)
        raise ServiceError(f"{self._lake.auth_address} was asked for a token and sent none")

    def _gone(self, why: str) -> UsageError:
        self._forget(self._lake.host)
        return UsageError(
            f"{why} It is deleted here. Store your login for {self._lake.host} anew {WHERE}."
        )


def find_login(context: JobContext, lake: LakeSettings) -> Login | None:
    """Return what the job's owner stored, or what the portal has, if either is there.

    Without HTTPS everybody on the way could read it: then it is not sent, and the log says so.
    """
    stored = context.credential(lake.host)
    if stored is not None:
        if not lake.is_safe:
            context.log(f"The login for {lake.host} was not sent, as the address is not HTTPS")
            return None
        return Login(context, lake, stored, is_own=True)
    token = lake.read_token()
    if token is None:
        return None
    return Login(context, lake, RemoteCredential(user_name="", secret=token), is_own=False)
