"""Charts, drawn on the server by pygal as SVG pictures: no script, no font and nothing else from elsewhere."""

from __future__ import annotations

import sys
from typing import Any

import pygal
from fastapi import APIRouter, Request, Response
from pygal.style import Style

from hub.core.messages import word
from hub.quality.service import read_quality
from hub.web.answers import tagged
from hub.web.context import AskDepartment
from hub.web.pages.texts import TEXTS
from hub.web.shown.values import department_name

router = APIRouter()

# On import pygal puts a finder for its map plugins in front of everybody's imports; it lacks what Python asks of one. We use no maps.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

_FONTS = '"Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei", sans-serif'
_STYLE = Style(
    background="transparent", plot_background="transparent", foreground="#1f2933", foreground_strong="#1f2933", foreground_subtle="#7b8794",
    font_family=_FONTS, label_font_size=13, major_label_font_size=13, value_font_size=12, legend_font_size=13, no_data_font_size=16,
    opacity="1", opacity_hover="1", transition="0", guide_stroke_dasharray="1,3", colors=("#1d5c87", "#c9d7e2"), value_colors=("#ffffff", "#1f2933"),
)  # fmt: skip
# A picture is shown alone, so that its own style is all that it may use.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@router.get("/quality/charts/departments.svg")
def departments(request: Request, asked: AskDepartment) -> Response:
    found = [one for one in read_quality(asked.hub, asked.principal).departments if one.score is not None]
    chart = _chart(len(found), range=(0, 100), show_legend=False)
    chart.x_labels = [department_name(asked.hub.catalog, one.department) for one in reversed(found)]
    chart.add(TEXTS["score"].text(asked.language), [one.score for one in reversed(found)])
    return _drawn(request, chart)


@router.get("/quality/charts/freshness.svg")
def freshness(request: Request, asked: AskDepartment) -> Response:
    datasets = [d for d in read_quality(asked.hub, asked.principal).datasets if d.as_of is not None]
    today = asked.hub.today()
    chart = _chart(2 * len(datasets), legend_at_bottom=True)
    chart.x_labels = [word(d.contract.title, asked.language) for d in reversed(datasets)]
    chart.add(TEXTS["age_days"].text(asked.language), [(today - d.as_of).days if d.as_of else None for d in reversed(datasets)])
    chart.add(TEXTS["promise_days"].text(asked.language), [d.contract.freshness_days for d in reversed(datasets)])
    return _drawn(request, chart)


def _chart(bars: int, **options: Any) -> Any:
    return pygal.HorizontalBar(
        js=[], style=_STYLE, width=760, height=90 + 20 * max(2, bars), explicit_size=False, no_prefix=True, print_values=True,
        print_values_position="center", truncate_label=-1, show_x_guides=True, show_y_guides=False, margin=6, margin_left=70, spacing=8, **options,
    )  # fmt: skip


def _drawn(request: Request, chart: Any) -> Response:
    return tagged(request, chart.render(), "image/svg+xml", **{"Content-Security-Policy": _POLICY})
