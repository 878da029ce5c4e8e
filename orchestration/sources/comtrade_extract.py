"""UN Comtrade final annual data as extracted for one heading, one reporter-year-flow a row, US dollars.

Only the columns of the extract are declared here; the portal, API and bulk layouts are other modules.
"""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

_CODE = rules.matches(r"-?\d{1,3}", "a UN Comtrade area code", "bad_code")

LAYOUT = CsvLayout(
    dataset_id="hs_annual",
    raw_table="comtrade_annual",
    description="UN Comtrade annual trade by reporter at one HS heading.",
    fields=(
        Field("typeCode", "C commodities", (rules.one_of(("C",)),)),
        Field("freqCode", "A annual", (rules.one_of(("A",)),)),
        Field("period", "Year", (rules.matches(r"(19|20)\d\d", "YYYY", "bad_period"),)),
        Field("reporterCode", "UN Comtrade code of the reporter", (_CODE,)),
        Field("reporterISO", "Comtrade's own ISO-like code", (rules.not_blank(),)),
        Field("flowCode", "X, M, RX or RM", (rules.one_of(("X", "M", "RX", "RM")),)),
        Field("partnerCode", "UN Comtrade code of the partner; 0 is World", (_CODE,)),
        Field("partner2Code", "0: not broken down by second partner", (rules.one_of(("0",)),)),
        Field(
            "classificationCode",
            "HS edition used by the reporter",
            (rules.matches(r"H[0-6]", "H0 to H6", "unknown_code"),),
        ),
        Field("cmdCode", "HS code", (rules.matches(r"\d{2,6}", "2 to 6 digits", "bad_code"),)),
        Field("customsCode", "C00: all customs procedures", (rules.one_of(("C00",)),)),
        Field("mosCode", "0: all modes of supply", (rules.one_of(("0",)),)),
        Field("motCode", "0: all modes of transport", (rules.one_of(("0",)),)),
        Field("fobvalue", "FOB value, US dollars", (rules.number(),), required=False),
        Field(
            "primaryValue",
            "Value, US dollars: FOB for exports, CIF for imports",
            (rules.number(), rules.between(0, 1e13, "US dollars")),
        ),
        Field("isReported", "true: as reported", (rules.one_of(("true", "false")),)),
        Field("isAggregate", "true: summed by the UN", (rules.one_of(("true", "false")),)),
    ),
    key=("period", "reporterCode", "flowCode", "partnerCode", "cmdCode"),
)
