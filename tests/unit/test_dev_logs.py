"""What `trunkline dev` shows of its processes' logs."""

from console.dev_logs import Logs


def write(folder, name, text):
    with (folder / f"{name}.log").open("a") as log:
        log.write(text)


def test_whole_lines_that_came_since_are_told_once_behind_the_name_of_their_process(tmp_path):
    write(tmp_path, "web", "before\n")
    logs = Logs(tmp_path, coloured=False)
    write(tmp_path, "web", "one\nhal")
    write(tmp_path, "routing", "two\n")

    assert list(logs.lines()) == ["routing           | two", "web               | one"]

    write(tmp_path, "web", "f\n")

    assert list(logs.lines()) == ["web               | half"]
    assert list(logs.lines()) == []


def test_on_a_terminal_each_process_has_a_colour_of_its_own(tmp_path):
    write(tmp_path, "web", "")
    logs = Logs(tmp_path, coloured=True)
    write(tmp_path, "web", "one\n")
    write(tmp_path, "routing", "two\n")

    assert list(logs.lines()) == [
        "\x1b[32mrouting           | \x1b[0mtwo",
        "\x1b[36mweb               | \x1b[0mone",
    ]
