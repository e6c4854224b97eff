"""Texts of refusals that say more than the port's general ones: what exactly stands there and what to choose instead."""

from __future__ import annotations

from hub.intake.port import Message, Title, refusals

UTF16 = Message(
    "refused_encoding_utf16",
    "{place}：文件是 {found} 编码。请在“另存为”中选择“CSV UTF-8（逗号分隔）”，不要选“Unicode 文本”，然后重新报送。",
    "{place}: the file is {found}. In Save as choose 'CSV UTF-8 (comma delimited)', not 'Unicode text', and send it again.",
)
WEB_PAGE = Message(
    "refused_format_html",
    "{place}：文件名像工作簿，内容却是网页（HTML）。请用 Excel 或 WPS 打开，另存为 .xlsx 后重新报送。",
    "{place}: named like a workbook, but a web page (HTML) inside. Open it in Excel or WPS, save as .xlsx and send that.",
)
OLD_WORKBOOK = Message(
    "refused_format_workbook",
    "{place}：这是旧版工作簿（{found}）。请用 Excel 或 WPS 打开，另存为 .xlsx 后重新报送。",
    "{place}: this is an old kind of workbook ({found}). Open it in Excel or WPS, save as .xlsx and send that.",
)
UNREADABLE = Message(
    "refused_format_unreadable",
    "{place}：文件读到一半出错（{found}），内容可能已损坏。请在原系统重新导出，或用 Excel、WPS 打开后另存，再报送。",
    "{place}: the file cannot be read to its end ({found}) and may be damaged. Export it anew, or open and save it, and send it again.",
)
NAME_DATE = Message(
    "source_file_date",
    "{place}：文件名里的日期 {found} 不存在。请把文件改成正确的日期（年月日八位）后再取。",
    "{place}: there is no such day as {found}, which the file's name gives. Rename the file (year, month and day, eight digits) and pull again.",
)
FOLDER = Message(
    "source_folder",
    "{place}：来源文件夹读不到（{found}）。相对路径从状态目录的 sources 文件夹（或 --sources）算起；请建好该文件夹，或检查权限。",
    "{place}: the source folder cannot be read ({found}). Relative paths start in the folder sources of the hub's home (or --sources): "
    "make the folder, or check its permissions.",
)
DELIMITER = Message(
    "refused_columns_delimiter",
    "{place}：分隔符与约定不符。请按契约约定的分隔符导出后重新报送。",
    "{place}: not the agreed delimiter. Export it with the delimiter of the contract and send it again.",
)
HEADER = Message(
    "refused_columns_header",
    "{place}：找不到表头。前 {searched} 行中没有一行含有契约的列名，缺少：{found}。请保留表头行，列名与契约一致。",
    "{place}: no header found. None of the first {searched} lines holds the column names of the contract; missing: {found}. "
    "Keep the header line, with the names of the contract.",
)
CHANGED = Message(
    "refused_source_changed",
    "{place}：文件在两次读取之间被改动。请从头拉取；以后请以新文件名报送，不要覆盖旧文件。",
    "{place}: the file was changed between two readings. Pull it from the start; send new files under new names.",
)

# What a file is, by its first bytes, where that is no name of its own.
FOUND = {
    "HTML": Title("网页（HTML）", "a web page (HTML)"),
    "ZIP": Title("压缩包（ZIP）", "a ZIP archive"),
    "RAR": Title("压缩包（RAR）", "a RAR archive"),
    "7z": Title("压缩包（7z）", "a 7z archive"),
    "gzip": Title("压缩文件（gzip）", "a gzip file"),
    "bzip2": Title("压缩文件（bzip2）", "a bzip2 file"),
    "xz": Title("压缩文件（xz）", "an xz file"),
    "Zstandard": Title("压缩文件（Zstandard）", "a Zstandard file"),
    "PDF": Title("PDF 文件", "a PDF file"),
    "PNG": Title("图片（PNG）", "a picture (PNG)"),
    "JPEG": Title("图片（JPEG）", "a picture (JPEG)"),
    "RTF": Title("写字板文档（RTF）", "an RTF document"),
    "SQLite": Title("数据库文件（SQLite）", "an SQLite database"),
    "Parquet": Title("Parquet 文件", "a Parquet file"),
    "encrypted Parquet": Title("加密的 Parquet 文件", "an encrypted Parquet file"),
    "encrypted workbook": Title("加了密码的工作簿", "a workbook with a password"),
    ".xls (Excel 97-2003)": Title("旧版工作簿（.xls，Excel 97-2003）", "an old workbook (.xls, Excel 97-2003)"),
    "SpreadsheetML 2003": Title("旧版工作簿（XML 电子表格 2003）", "an old workbook (XML Spreadsheet 2003)"),
    "XML": Title("XML 文件", "an XML file"),
    "JSON array": Title("JSON 数组", "a JSON array"),
    "JSON": Title("JSON 文件", "a JSON file"),
    "program": Title("程序（可执行文件）", "a program"),
    "delimited text": Title("文本文件", "a text file"),
}

# Those that a reader in the child process may raise, by code: the parent raises them again.
ALL = {
    message.code: message
    for message in (
        UTF16, WEB_PAGE, OLD_WORKBOOK, UNREADABLE, DELIMITER, HEADER, CHANGED, refusals.ENCODING, refusals.FORMAT, refusals.ENCRYPTED,
        refusals.COLUMNS, refusals.SHEET, refusals.EMPTY, refusals.QUOTING, refusals.TRUNCATED, refusals.LIMITS, refusals.SOURCE,
    )
}  # fmt: skip
