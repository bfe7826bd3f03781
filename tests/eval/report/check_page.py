#!/usr/bin/env python3
"""Holds a page, as a browser drew it, against the report's other files.

    check_page.py DOM FOLDER      DOM: what chromium --dump-dom printed of FOLDER/index.html

Every figure must be drawn; every row of a figure's table must be one of its marks, as a screen reader hears them, and
every mark a row; the .vl.json must hold the table's cells; and every number must follow from results.json, computed
anew here. Prints what does not hold; exit status 1 then. Standard library only.
"""
import csv
import html.parser
import json
import math
import pathlib
import sys

failures = []


def check(holds, *what):
    if not holds:
        failures.append(" ".join(str(part) for part in what))


class PageReader(html.parser.HTMLParser):
    """Figures of the page: name → title, panels (heading, labels, shapes), table (titles, rows)."""

    VOID = {"meta", "br", "img", "input", "link", "hr", "path", "line", "rect", "use"}

    def __init__(self):
        super().__init__()
        self.figures, self.figure, self.cell, self.heading, self.shapes = {}, None, None, None, 0
        self.drawn = None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "html":
            self.drawn = given.get("data-figures")
        if tag == "figure":
            self.figure = self.figures[given["aria-labelledby"]] = {"panels": [], "head": [], "rows": []}
            check(given.get("aria-describedby"), "a figure without a description")
        if not self.figure:
            return
        if tag == "h3":
            self.heading = ""
        if given.get("role") == "graphics-document":
            self.figure["panels"].append({"set": self.heading, "labels": [], "shapes": 0, "about": given["aria-label"]})
        if tag in ("path", "rect", "line") and self.figure["panels"]:
            self.figure["panels"][-1]["shapes"] += 1
        if given.get("role") == "graphics-symbol" and "; " in given.get("aria-label", ""):
            self.figure["panels"][-1]["labels"].append(given["aria-label"])
        if tag in ("th", "td"):
            self.cell = ""
        if tag == "tr":
            self.figure["rows"].append([])

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        elif self.heading is not None and self.figure and len(self.figure["panels"]) == self.figure.get("headed", 0):
            self.heading += data

    def handle_endtag(self, tag):
        if tag in ("th", "td") and self.cell is not None:
            self.figure["head" if tag == "th" else "rows"].append(self.cell) if tag == "th" else \
                self.figure["rows"][-1].append(self.cell)
            self.cell = None
        if tag == "h3" and self.figure:
            self.figure["headed"] = len(self.figure["panels"]) + 1
        if tag == "figure":
            self.figure["rows"] = [row for row in self.figure["rows"] if row]
            self.figure = None


def percent(part, whole):
    return f"{100 * (part / whole):.1f}" if whole else "–"


def wilson(part, whole):
    if whole == 0:
        return ["0.0", "100.0"]
    z = 1.959963984540054
    share, scale = part / whole, 1 + z * z / whole
    centre = (share + z * z / (2 * whole)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    low = 0 if part == 0 else centre - half
    high = 1 if part == whole else centre + half
    return [f"{100 * low:.1f}", f"{100 * high:.1f}"]


def expected_rows(results):
    """The tables of the figures, from the exact numbers of results.json."""
    rows = {name: [] for name in ("accuracy_cost", "pass_at_k", "levels", "first_choice_layers", "edit_tolerance",
                                  "search_cost", "shortest_right")}
    prices = any(one["price"] is not None for one in results["summaries"])
    for one in results["summaries"]:
        name = one["set"] + (" (in distribution)" if one["in_distribution"] else " (out of distribution)")
        policy = one["variant"] + (f", seed {one['seed']}" if one["seed"] is not None else "")
        policy += " (uses the answer)" if one["uses_answer"] else ""
        n, right = one["n"], one["right"]
        parts = sum(one[part + "_layer_tokens"] for part in ("prefill", "decode", "choosing"))
        check(math.isclose(parts, one["total_layer_tokens"], rel_tol=1e-9, abs_tol=1e-9), "layer-tokens of", policy)
        row = [name, policy, str(n), str(right), percent(right, n), *wilson(right, n), f"{parts:.0f}",
               "–" if one["cost_ratio"] is None else f"{one['cost_ratio']:.2f}", f"{one['executed_layers']:.2f}",
               f"{one['unique_layers']:.2f}", one["commonest_first"], f"{100 * one['commonest_share']:.1f}"]
        if prices:
            row.append("–" if one["price"] is None else f"{one['price']:g}")
        rows["accuracy_cost"].append(row)
        check(sum(entry["count"] for entry in one["executed_counts"]) == n, "executed counts of", policy)
        same = [other["seed"] for other in results["summaries"] if other["seed"] is not None and
                all(other[key] == one[key] for key in ("set", "in_distribution", "variant"))]
        if one["seed"] is not None and one["seed"] > min(same):
            continue
        for k, share in enumerate(one["pass_at"], 1):
            passed = round(share * n)
            rows["pass_at_k"].append([name, policy, str(k), str(n), str(passed), percent(passed, n),
                                      *wilson(passed, n)])
        for level in one["levels"]:
            right, n = level["right"], level["n"]
            rows["levels"].append([name, policy, str(level["level"]), str(n), str(right), percent(right, n),
                                   *wilson(right, n)])
        for entry in one["executed_counts"]:
            rows["first_choice_layers"].append([name, policy, str(entry["layers"]), str(entry["count"]), str(one["n"]),
                                                percent(entry["count"], one["n"])])
    for labels in results["labels"]:
        name, questions = f"{labels['split']} ({labels['questions']} questions)", labels["questions"]
        for edit in labels["edits"]:
            kept, kept_of, gained, gained_of = (edit[key] for key in ("kept", "kept_of", "gained", "gained_of"))
            rows["edit_tolerance"].append([name, None, None, edit["program"], str(kept), str(kept_of),
                                           percent(kept, kept_of), *wilson(kept, kept_of), str(gained),
                                           str(gained_of), percent(gained, gained_of)])
        for what, key in (("any right program", "found"), ("a shorter right program", "found_shorter")):
            for step in labels["cost"]:
                rows["search_cost"].append([name, what, str(step["evaluations"]), str(step[key]), str(questions),
                                            percent(step[key], questions), *wilson(step[key], questions)])
        for one in labels["shortest"]:
            for kind, key in (("standard program right", "standard_right"), ("standard program wrong", "rescued")):
                if one[key]:
                    rows["shortest_right"].append([name, kind, str(one["layers"]), str(one[key]), str(questions),
                                                   percent(one[key], questions)])
    return rows


def check_marks(name, figure):
    """Rows of the table and marks of the pictures are the same set."""
    marks, titles = {}, figure["head"][1:]
    for panel in figure["panels"]:
        check(panel["shapes"] > 0 and panel["labels"], name, "panel", panel["set"], "is empty")
        check(panel["about"], name, "panel", panel["set"], "has no description")
        for label in panel["labels"]:
            parts = label.split("; ")
            heard = dict(part.split(": ", 1) for part in parts if ": " in part)
            if all(title in heard for title in titles):  # lines and areas say less
                marks.setdefault(panel["set"], []).append([heard[title] for title in titles])
    wanted = {}
    for row in figure["rows"]:
        cells = ["null" if cell == "–" else cell.removeprefix("+") for cell in row[1:]]
        for panel in figure["panels"]:
            if panel["set"] == row[0] or panel["set"].startswith(row[0] + ":"):
                wanted.setdefault(panel["set"], []).append(cells)
    for panel in {panel["set"] for panel in figure["panels"]}:
        drawn = {tuple(cell.replace("\u2212", "-") for cell in cells) for cells in marks.get(panel, [])}
        shown = {tuple(cells) for cells in wanted.get(panel, [])}
        if name == "edit_tolerance":  # a cell without questions is left out of its picture
            column = 5 if panel.endswith("still right") else 10
            shown = {cells for cells in shown if cells[column] != "null"}
        check(drawn == shown, name, panel, "\n  drawn only:", sorted(drawn - shown)[:3], "\n  in the table only:",
              sorted(shown - drawn)[:3])


def check_file(name, figure, folder):
    spec = json.loads((folder / f"{name}.vl.json").read_text())
    check(len(spec["concat"]) == len(figure["panels"]), name, "panels in the file")
    cells = {}
    for row in figure["rows"]:
        cells.setdefault(row[0], []).append(row)
    for panel in spec["concat"]:
        values = panel["data"]["values"]
        rows = cells[values[0]["set"]]
        check(len(values) == len(rows), name, panel["title"], "rows in the file")
        for value, row in zip(values, rows):
            numbers = [item for key, item in value.items() if key != "family"]
            for found, cell in zip(numbers, row):
                same = float(cell) == found if isinstance(found, (int, float)) else found == cell or \
                    (found is None and cell == "–")
                check(same, name, panel["title"], "file", found, "table", cell)


def main():
    dom, folder = pathlib.Path(sys.argv[1]).read_text(), pathlib.Path(sys.argv[2])
    page = PageReader()
    page.feed(dom)
    results = json.loads((folder / "results.json").read_text())
    check(page.figures, "no figure in the page")
    panels = sum(len(figure["panels"]) for figure in page.figures.values())
    check(page.drawn == str(panels), "figures drawn:", page.drawn, "panels:", panels)
    files = {file.name.removesuffix(".vl.json") for file in folder.glob("*.vl.json")}
    check(files == set(page.figures), "files", files, "figures", set(page.figures))
    expected = expected_rows(results) if "summaries" in results else \
        {"run_differences": [list(row.values()) for row in results["pairs"]]}
    numbers = 0
    for name, figure in page.figures.items():
        check_marks(name, figure)
        check_file(name, figure, folder)
        check(len(figure["rows"]) == len(expected[name]), name, "rows", len(figure["rows"]), len(expected[name]))
        for row, wanted in zip(figure["rows"], expected[name]):
            check(all(b is None or a == b for a, b in zip(row, wanted)), name, row, "from results.json:", wanted)
            numbers += len(row)
    with open(folder / "table.csv", newline="") as file:
        table = list(csv.DictReader(file))
    for one, row in zip(expected.get("accuracy_cost", []), table):
        check(one[:5] == [row[key] for key in ("set", "policy", "n", "right", "pass_at_1_percent")], "table.csv", row)
    print(f"{len(page.figures)} figures, {panels} panels, {numbers} cells")
    for failure in failures[:20]:
        print("FAILED:", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
