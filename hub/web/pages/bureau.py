"""For the data bureau: the quality of every dataset, with owner, next step and how it is calculated; the runs of the schedule."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from hub.quality import messages as m
from hub.quality.scores import to_act_on
from hub.quality.service import read_quality
from hub.web.context import AskDepartment
from hub.web.pages.department import running
from hub.web.pages.rendering import Pages
from hub.web.shown.values import department_name

router = APIRouter()


@router.get("/quality")
def quality(request: Request, asked: AskDepartment) -> Response:
    pages: Pages = request.app.state.pages
    found = read_quality(asked.hub, asked.principal)
    delivered = [dataset for dataset in found.datasets if dataset.as_of is not None]
    return pages.page(
        request, asked, "quality.html", found=found, acts=to_act_on(delivered, found.rules),
        department=lambda name: department_name(asked.hub.catalog, name),
        names={name: message.text(asked.language) for name, message in m.NAMES.items()},
        levels={name: message.text(asked.language) for name, message in m.LEVELS.items()},
        how={name: told.text(asked.language) for name, told in found.how.items()},
        dimension_names={name: message.text(asked.language) for name, message in m.DIMENSIONS.items()},
        running=[one for one in running(asked) if one.contract.schedule],
    )  # fmt: skip
