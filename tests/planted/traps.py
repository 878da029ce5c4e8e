"""Which of the layouts' traps have a planted error, and what no file tells; shown in docs/sources.md."""

from __future__ import annotations

# Planted in every layout, whatever its traps.
EVERYWHERE = (
    "column shift", "column shift in one record", "duplicate rows", "header only", "10,000 columns",
    "truncated file", "binary junk", "HTML error page", "empty file", "path trick in the name",
    "ROC year as western year",
)  # fmt: skip

# Layout -> beginning of one of its traps -> kind of error that is planted for it.
PLANTED: dict[str, dict[str, str]] = {
    "comtrade_portal": {
        "48 fields under 47 names": "column shift",
        "rows by second partner": "doubled breakdown rows",
        "imports of some reporters": "column shift",
    },
    "comtrade_api": {
        "without partner2Code": "doubled breakdown rows",
        "imports of some reporters": "column shift",
    },
    "comtrade_bulk": {
        "breakdowns by second partner": "doubled breakdown rows",
        "imports of some reporters": "column shift",
    },
    "gacc_express_table": {
        "yuan and dollars differ": "swapped CNY and USD",
        "the unit of a commodity": "unit switch",
        "last year's columns": "revised base",
        "changes and years to date": "scale slip",
    },
    "gacc_query": {
        "partner codes are GACC's own": "unmapped partner",
        "美元 or 人民币": "swapped CNY and USD",
        "columns for the customs procedure": "doubled breakdown rows",
    },
    "us_census": {
        "country groups": "doubled breakdown rows",
        "DF 1 and 2": "doubled breakdown rows",
        "_YR columns": "partial year as a year",
    },
    "usitc_dataweb": {
        "a printed total": "scale slip",
        "the current year": "partial year as a year",
        "domestic exports": "doubled breakdown rows",
    },
    "comext_bulk": {
        "partners QP to QZ": "doubled breakdown rows",
        "PERIOD YYYY52": "partial year as a year",
        "XI and XU": "doubled breakdown rows",
        "CS and YU": "unmapped partner",
    },
    "taiwan_customs": {
        "ROC years": "ROC year as western year",
        "the last period": "partial year as a year",
        "總值 includes": "doubled breakdown rows",
        "其他國家": "doubled breakdown rows",
    },
    "korea_kstat": {"the unit depends": "unit switch", "총계 is the World": "scale slip"},
    "korea_open_data": {"an error or an empty": "HTML error page", "the item 총계": "scale slip"},
    "japan_estat": {
        "codes stand between apostrophes": "unmapped partner",
        "months that are not published": "partial year as a year",
        "the year's column": "scale slip",
    },
}

# Layout -> what cannot be found, as nothing in the file contradicts it.
LIMITS: dict[str, tuple[str, ...]] = {
    "comtrade_portal": (
        "a wrong scale where the World is not among the partners, or in one partner too small",
    ),
    "comtrade_api": ("a wrong scale where the World is not among the partners, or in one partner too small",),
    "comtrade_bulk": ("a wrong scale of one partner that is too small",),
    "comtrade_legacy": (
        "a wrong scale where the World is not among the partners, or in one partner too small",
    ),
    "baci": ("a wrong scale: there is no total", "a wrong unit: the columns have no unit"),
    "gacc_express_table": ("a wrong unit of a commodity, where it is another unit that is known",),
    "gacc_bulletin": ("a revised base: last year's figures are not printed",),
    "gacc_query": (
        "exports under the name of imports: only the file's name tells them apart",
        "yuan under the header of dollars: nothing else names the currency",
        "a wrong scale: there is no total",
    ),
    "us_census": ("a wrong scale of one month, where the year to date is not asked for",),
    "usitc_dataweb": ("a wrong scale, where the query prints no total",),
    "comext_bulk": ("a wrong scale: its subtotals are not compared with their parts",),
    "taiwan_customs": (
        "a part of a year that somebody called the year, once that year is over",
        "a wrong scale, where there is no 合計",
        "a total of chosen countries that is called the total",
    ),
    "korea_kstat": (
        "a unit in the file's name that is wrong",
        "a wrong scale of both flows without a 총계",
        "a total of chosen countries that is called the total",
    ),
    "korea_open_data": ("a wrong scale of both flows without the item 총계",),
    "japan_estat": ("a wrong scale of a whole record", "a country left out"),
}
