"""A wrong option of the emulator ends with exit 2 and one line that names it and the fix, before anything listens."""

import shlex

import pytest

from ampeco_emulator.__main__ import main


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("--control-token ''", "--control-token is empty; leave it out, or set the variable that it is taken from"),
        ("--host=", "--host is empty"),
        ("--token 'a b'", "a token has neither blanks nor characters that a header cannot carry"),
        ("--prot 1", "No such option '--prot'. (Did you mean one of: '--host', '--port'?)"),
        ("--port 99999", "99999 is not a whole number of 0 to 65535"),
        ("--port x", "'x' is not a whole number"),
        ("--latency -1", "-1 is not a number of seconds of 0 or more"),
        ("--latency nan", "nan is not a number of seconds"),
        ("--token-lifetime 0", "0 is not a number of seconds of 1 or more"),
        ("--rate-limit 0", "0 is not a whole number of 1 or more"),
        ("--daily-limit -1", "-1 is not a whole number of 1 or more"),
        ("--list-mutations 0", "0 is not a whole number of 1 or more"),
        ("--state .", "File '.' is a directory"),
        ("--api spirii --clock soon", "--clock 'soon' is not a time (example: 2026-01-31T12:00:00Z)"),
        ("--api spirii --variant nope", "unknown variant 'nope'; `conform emulator --list-variants` lists the "),
        ("--api spirii --defect drop-id+drop-idd", "unknown defect 'drop-idd'; did you mean drop-id?"),
        ("--api spirii --defect drop-field", "'drop-field' must look like drop-field:METHOD /path:FIELD"),
        (
            "--api spirii --defect 'drop-field:GET /v1/charge-record:id'",
            "has no operation 'GET /v1/charge-record'; did you mean 'GET",
        ),
        ("--api spirii --defect drop-field:x:id", "has no operation 'x'; `conform specs show v1` lists them"),
        (
            "--api spirii --defect 'drop-field:GET /v1/charge-records/{id}:naem'",
            "no successful response of GET /v1/charge-records/{id} has a field 'naem'; ",
        ),
        ("--api spirii --host nowhere.invalid --port 0", "cannot listen on nowhere.invalid:0: "),
        ("--api spirii --host nowhere.invalid --port 0", "; choose another --host"),
    ],
)
def test_one_line_names_what_is_wrong_and_the_fix(line: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(line)) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert named in shown.err
    assert shown.err.count("\n") == 1
