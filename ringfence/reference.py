"""The reference of the command line, as `--help` tells it: `python -m ringfence.reference`."""

from collections.abc import Iterator

import click

from ringfence.__main__ import ringfence

WIDTH = 96  # letters of a line
HEAD = """\
# Reference of `ringfence`

What `--help` tells of each command, as `make reference` writes it. What they are for stands in
[The command `ringfence`](command-line.md).
"""


def reference() -> str:
    """The whole reference, as Markdown."""
    top = click.Context(ringfence, info_name="ringfence", terminal_width=WIDTH)
    parts = (
        f"## `{context.command_path}`\n\n```text\n{context.get_help()}\n```\n"
        for context in below(top)
    )
    return "\n".join([HEAD, *parts])


def below(context: click.Context) -> Iterator[click.Context]:
    """The contexts of a group's commands and of the groups within."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            settings = {**command.context_settings, "terminal_width": WIDTH}
            one = click.Context(command, context, name, **settings)
            yield one
            yield from below(one)


if __name__ == "__main__":
    click.echo(reference(), nl=False)
