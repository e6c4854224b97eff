"""What quality says to people: names of the figures, how each is calculated, what to do next."""

from __future__ import annotations

from hub.core.messages import messages

NAMES = messages(
    "quality_name_",
    {
        "freshness": ("时效", "Freshness"),
        "completeness": ("完整", "Completeness"),
        "rules": ("规则", "Rules"),
        "quarantine": ("隔离", "Quarantine"),
        "conflicts": ("一致", "Conflicts"),
    },
)

HOW = messages(
    "quality_how_",
    {
        "freshness": (
            "今天减去最近一次已生效交付的数据日期，得到数据天数；减去契约承诺的天数，得到逾期天数。逾期一天扣 {points} 分。逾期即为“需处理”。",
            "Today less the as-of date of the last delivery in force is the age in days; less the days that the contract promises, the "
            "days late. A day late costs {points} points. Anything late is to act on.",
        ),
        "completeness": (
            "当前有效行中，契约要求保留的各列里有值的格数，除以总格数。低于 {complete}% 为“关注”。",
            "Of the present rows, the cells that hold a value in the columns kept by the contract, divided by all those cells. Below "
            "{complete}% is to watch.",
        ),
        "rules": (
            "最近一个已判定批次中，通过的质量规则数除以规则总数。有一条未通过或无法判定即为“关注”。",
            "Of the last batch that was judged, the quality rules that passed divided by all its rules. One that failed or could not be "
            "judged is to watch.",
        ),
        "quarantine": (
            "最近一次交付中仍被隔离的行数，除以当前行数与隔离行数之和；分数为 1 减去该比例。有隔离行即为“关注”，超过 {held}% 为“需处理”。",
            "The rows of the last delivery that are still held, divided by present and held rows; the score is 1 less that share. One held "
            "row is to watch, more than {held}% are to act on.",
        ),
        "conflicts": (
            "本数据集与采用值不同、尚未消除的冲突数，除以当前行数；分数为 1 减去该比例。时限为自发现之日起 {deadline} 个工作日，"
            "以最早的一处计算。有冲突即为“关注”，超过时限为“需处理”。",
            "The open conflicts in which this dataset differs from the value that stands, divided by present rows; the score is 1 less "
            "that share. The deadline is {deadline} working days from the day that the oldest was found. One conflict is to watch, past "
            "the deadline it is to act on.",
        ),
        "score": (
            "以上五项分数的平均；没有交付过的数据集没有分数。所有分数向下取整，只有全部符合才是 100。",
            "The mean of the five scores; a dataset that never delivered has none. Every score is rounded down: 100 is said where all is "
            "well alone.",
        ),
        "department": (
            "部门的五项按其全部数据集合计，用同样的算法和界限；时效取最差的数据集；一致还包括应由该部门核对的跨部门一致性规则冲突。得分是五项的平均。",
            "A department's five figures are those of all its datasets added up, by the same reckoning and limits; freshness is that of the "
            "worst dataset; conflicts include those of the rules between departments that it must look at. The score is their mean.",
        ),
        "dimension": (
            "各数据集最近一个已判定批次中，该维度通过的规则数除以规则总数。一致性还看未消除的冲突（含跨部门一致性规则），准确性还看仍被隔离的行："
            "1 减去其占行数的比例。取两者中较低的，向下取整。",
            "Of the last judged batch of every dataset, the rules of the dimension that passed divided by all of them. Consistency looks at "
            "open conflicts too (rules between departments among them), accuracy at the rows still held: 1 less their share of the rows. "
            "The lower of both, rounded down.",
        ),
    },
)  # fmt: skip

STATED = messages(
    "quality_stated_",
    {
        "never": ("从未交付", "never delivered"),
        "fresh": ("{age} 天（承诺 {promise} 天内）", "{age} days old (promised within {promise})"),
        "late": ("逾期 {late} 天（已 {age} 天，承诺 {promise} 天）", "{late} days late ({age} days old, promised {promise})"),
        "unpromised": ("{age} 天（契约未承诺）", "{age} days old (nothing promised)"),
        "share": ("{share}", "{share}"),
        "rules": ("{failed} 条未通过（共 {checked} 条）", "{failed} of {checked} failed"),
        "unjudged": ("尚无判定", "not judged yet"),
        "held": ("{count} 行", "{count} rows"),
        "conflicts": ("{count} 处", "{count}"),
        "conflicts_aged": ("{count} 处，最早 {age} 天前", "{count}, the oldest {age} days old"),
        "no_rows": ("没有数据行", "no rows"),
    },
)

NEXT = messages(
    "quality_next_",
    {
        "nothing": ("无需处理", "Nothing to do"),
        "deliver": (
            "请按契约交付；如由本系统取数，请检查来源能否连接",
            "Deliver as the contract says; if the hub pulls it, check the source",
        ),
        "first": ("请完成首次交付", "Make the first delivery"),
        "fill": ("请与数源部门核对空值较多的列", "Look at the columns that are often empty"),
        "mend_rules": ("请查看批次中未通过的规则并更正来源数据", "Look at the failed rules of the batch and mend the source"),
        "mend": ("请下载隔离行、更正后重新上传", "Download the held rows, mend them and upload them again"),
        "look": ("请在 {deadline} 前核对有冲突的记录", "Look at the conflicting records by {deadline}"),
        "look_late": ("已超过时限 {deadline}，请立即核对", "The deadline of {deadline} is past: look at them now"),
    },
)

LEVELS = messages(
    "quality_level_",
    {"good": ("正常", "good"), "watch": ("关注", "watch"), "bad": ("需处理", "to act on"), "none": ("无数据", "no data")},
)

DIMENSIONS = messages(
    "dimension_",
    {
        "conformity": ("规范性", "Conformity"),
        "completeness": ("完整性", "Completeness"),
        "accuracy": ("准确性", "Accuracy"),
        "consistency": ("一致性", "Consistency"),
        "timeliness": ("时效性", "Timeliness"),
        "accessibility": ("可访问性", "Accessibility"),
    },
)
