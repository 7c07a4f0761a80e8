"""The brief: what somebody wants built, by whom and by when."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.dev.projects import ProjectInputs, RecordField


@dataclass(frozen=True)
class Story:
    """One thing that somebody shall be able to do."""

    what: Annotated[str, Len(3, 160)] = ui("Story", "Who can do what, in one sentence.", placeholder="A guest can cancel until the day before")
    size: Literal["s", "m", "l", "xl"] = ui(
        "Size",
        "Days of one person: small about 1, medium 3, large 5, very large 10.",
        default="m",
        choices=(("s", "Small"), ("m", "Medium"), ("l", "Large"), ("xl", "Very large")),
    )
    after: Annotated[int, Interval(ge=0, le=30)] = ui("After", "The number of the story above that must be done first; 0 for none.", default=0)


@dataclass(frozen=True)
class BriefInputs:
    """The brief; raises `InputError` for names that code cannot have and stories that wait for what comes later."""

    name: Annotated[str, Len(2, 40)] = ui("Project name", "Small letters, digits and hyphens. The package is called so.", placeholder="room-booking")
    goal: Annotated[str, Len(5, 160)] = ui("Goal", "One sentence: for whom, and what is better afterwards.")
    stories: Annotated[tuple[Story, ...], Len(1, 30)] = ui("Stories", "What it shall do, in the order of their worth. Up to 30.")
    kind: Literal["api", "cli", "library"] = ui(
        "Kind of work", "What is built.", default="api", choices=(("api", "Web API"), ("cli", "Command line tool"), ("library", "Library"))
    )
    language: Literal["python", "typescript", "javascript"] = ui(
        "Language",
        "Python 3.11 or newer, or Node 24 or newer.",
        default="python",
        choices=(("python", "Python"), ("typescript", "TypeScript"), ("javascript", "JavaScript")),
    )
    entity: Annotated[str, Len(2, 30)] = ui("Record", "What it keeps, in the singular.", default="task", placeholder="booking", group="First code")
    fields: Annotated[tuple[RecordField, ...], Len(1, 12)] = ui("Fields", "What a record holds. Up to 12.", default=(RecordField("title"),), group="First code")
    people: Annotated[int, Interval(ge=1, le=12)] = ui("People", "Who work on it full time.", default=2, group="Team")
    weeks: Annotated[int, Interval(ge=0, le=104)] = ui("Weeks until it is due", "0 when there is no date.", default=0, group="Team")
    personal_data: bool = ui("Personal data", "It keeps data on people.", default=False, group="What it must heed")
    payments: bool = ui("Payments", "Money moves through it.", default=False, group="What it must heed")
    existing_data: bool = ui("Existing data", "Data has to be taken over from an older system.", default=False, group="What it must heed")
    outside_service: bool = ui("Outside service", "It depends on an interface of somebody else.", default=False, group="What it must heed")
    public: bool = ui("Open to the internet", "Anybody can reach it.", default=False, group="What it must heed")

    def __post_init__(self) -> None:
        for place, story in enumerate(self.stories):
            if not story.what.isprintable() or not story.what.strip():
                raise InputError(f"stories.{place}.what", "Must be one line of readable text.")
            if story.after > place:
                raise InputError(f"stories.{place}.after", f"Must be the number of a story above it: at most {place}.")
        try:
            project_of(self)
        except InputError as error:
            raise InputError("goal" if error.field == "description" else error.field, error.message) from None


def project_of(inputs: BriefInputs) -> ProjectInputs:
    """The Project Builder's inputs for this brief; raises its `InputError`."""
    return ProjectInputs(
        name=inputs.name,
        description=inputs.goal,
        author=f"The authors of {inputs.name}",
        language=inputs.language,
        kind=inputs.kind,
        entity=inputs.entity,
        fields=inputs.fields,
        ci="github",
        container=inputs.kind == "api",
        licence="Proprietary",
    )
