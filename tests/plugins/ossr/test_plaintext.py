"""Descriptions without their markup."""

import time

import pytest

from portal_ossr.plaintext import plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\n\nTwo & three."),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("a<br>b", "a\nb"),
        ("<script>alert(1)</script><style>p{}</style>x", "x"),
        ("<img src=x onerror=alert(1)>x", "x"),
        ("&lt;script&gt;", "<script>"),
        ("a\x00\u202eb", "a b"),
        ("<!-- x --><![CDATA[y]]>z", "z"),
        ("<![foo[bar]]>x", "x"),
        ("<a title='<p>'>x</a>", "x"),
        ("&amp;lt;p&amp;gt; &lt;p&gt;", "&lt;p&gt; <p>"),
        ("<div>a<div>b</div></div>", "a\n\nb"),
        ("", ""),
    ],
)
def test_what_a_browser_would_show_is_kept(html, text):
    assert plain_text(html) == text


def test_a_description_without_end_is_cut():
    assert len(plain_text("word " * 1_000_000)) == 10_000


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<a href='", "</", "<?", "<div>", "<table>", "&"])
def test_markup_made_to_take_for_ever_takes_no_time(piece):
    begin = time.process_time()

    plain_text(piece * (50_000 // len(piece)))

    assert time.process_time() - begin < 5
