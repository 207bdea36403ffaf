"""Every page: its links lead somewhere, and every command in it is one that the real parser takes."""

import re
import shlex

import pytest

from console.cli import build_parser
from tests.processes import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MADE = "docs/commands.md"  # of usage lines, by the parser itself
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
TYPED = [page for page, name in zip(PAGES, NAMES, strict=True) if name != MADE]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(?:\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(
    r"(?:^|[$(;|&] ?|\benv |run |exec \w+ |compose run --rm web )(?:trunkline|python -m console) ([a-z].*)"
)
INNER = re.compile(r"\$\(([^)]*)\)")
STANDS_FOR = {"ID": "7e26d409-19e6-5717-819b-ff6a4b878090", "EVENT": "call.answered", "KIND": "routing"}


def code(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def prose(page):
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page):
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def commands(page):
    """What stands behind `trunkline` in code blocks, without comments and what a shell would do with it."""
    text = "\n".join(code(page)).replace("\\\n", " ")
    for line in [*re.sub(INNER, "X", text).splitlines(), *re.findall(INNER, text)]:
        for found in COMMAND.findall(line):
            yield re.split(r"\s+#|\s+\(|\s+\||\s+&&|\s+>|\s{2,}", found)[0].strip()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_relative_link_leads_somewhere(page):
    targets = [target for pair in LINK.findall(prose(page)) for target in pair if target]

    dead = []
    for target in targets:
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            dead.append(target)

    assert dead == []


@pytest.mark.parametrize("page", TYPED, ids=[name for name in NAMES if name != MADE])
def test_every_command_in_a_block_is_one_that_the_parser_takes(page, capsys):
    parser = build_parser()

    wrong = []
    for command in commands(page):
        words = [STANDS_FOR.get(word, word) for word in shlex.split(command) if word not in {"…", "..."}]
        try:
            parser.parse_args(words)
        except SystemExit as exit_:
            if exit_.code:
                wrong.append((command, capsys.readouterr().err))

    assert wrong == []


def test_the_index_has_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {str(page.relative_to(ROOT / "docs")) for page in PAGES[1:]} - {"README.md"}

    left_out = {page for page in pages if not page.startswith("decisions/") and f"({page})" not in index}
    assert left_out == set(), "give each a line in docs/README.md"
    assert "(decisions/)" in index


def test_there_are_commands_on_the_pages():
    assert sum(len(list(commands(page))) for page in PAGES) > 40
