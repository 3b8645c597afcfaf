"""Downloads carry their file's name in any letters, in a header that a server can send."""

import pytest
from werkzeug.http import parse_options_header

from station.web.downloads import download


@pytest.mark.parametrize("name", ["poster-1.pdf", "海报-1-阳澄湖大闸蟹.pdf", 'of "A", 50 %.csv', "café.csv"])
def test_file_is_saved_under_its_name(name):
    sent = download(b"", "application/pdf", name).headers["Content-Disposition"]
    assert sent.isascii()
    disposition, said = parse_options_header(sent)
    assert disposition == "attachment"
    assert said["filename"] == name


def test_who_reads_no_encoded_name_gets_a_plain_one():
    sent = download(b"", "text/csv", "海报.csv").headers["Content-Disposition"]
    assert 'filename="file.csv"' in sent or "filename=file.csv" in sent
