import smtplib

import pytest

from mail.delivery import explain, is_final


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"No such user")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b.example": (451, b"Try later")}), False),
        (smtplib.SMTPDataError(554, b"We do not like it"), True),
        (smtplib.SMTPDataError(452, b"Disk full"), False),
        (smtplib.SMTPSenderRefused(421, b"Closing", "us@example.com"), False),
        # Trouble between us and our own server says nothing about the letter.
        (smtplib.SMTPConnectError(554, b"Go away"), False),
        (smtplib.SMTPSenderRefused(530, b"Authentication required", "us@example.com"), False),
        (smtplib.SMTPHeloError(504, b"Who?"), False),
        (smtplib.SMTPAuthenticationError(535, b"Wrong password"), False),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), False),
        (ConnectionRefusedError(111, "refused"), False),
        (TimeoutError("timed out"), False),
        (RuntimeError("the time limit of a task"), False),
        (ValueError("a header with a line break"), True),
    ],
)
def test_only_a_refusal_of_the_letter_itself_is_final(error, final):
    assert is_final(error) == final
    assert explain(error)


def test_staff_read_what_the_server_said():
    refused = smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"No such user")})

    assert explain(refused) == "The mail server refused the address: 550 No such user"
