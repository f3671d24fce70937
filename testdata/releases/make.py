"""Makes the releases of this folder: made-up reports of two organisations that do not exist, signed by demo homes.

Usage: make.py BINARY OUT. The noise is drawn by the system, so every run gives other numbers; the folder was made once, and
docs/researchers.md shows its numbers.
"""
import csv
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

PLAN = """schema = 2
name = "monthly"
period = "month"
audience = "public"
expires = "2030-12"
epsilon = "1"
cap = "2"
k = 10
beta = "1e-6"
rounding = 1

[[table]]
name = "reports"
indicator = "REPORTS"
dimensions = ["harm"]
[[table.rows]]
harm = ["CSAM", "GROOMING", "SEXUAL_EXTORTION", "LIVE_ABUSE", "OTHER", "_U"]

[[table]]
name = "addresses"
indicator = "URLS"
area_role = "HOSTING"
dimensions = ["ref_area"]
[[table.rows]]
ref_area = ["NL", "DE", "US", "015", "202", "021", "419", "143", "030", "035", "034", "145", "151", "154", "039", "155", "009", "_U"]
"""
MAPS = {
    "report": 'unit = "report"\nid = "id"\ndate = "date"\n[dimensions.harm]\ncolumn = "code"\nas_is = true\n',
    "url": 'unit = "url"\nid = "id"\ndate = "date"\n[dimensions.ref_area]\ncolumn = "code"\nas_is = true\n'
    '[dimensions.area_role]\nconstant = "HOSTING"\n',
}
HARMS = {"CSAM": 60, "GROOMING": 12, "SEXUAL_EXTORTION": 8, "LIVE_ABUSE": 1, "OTHER": 14, "_U": 5}
AREAS = {"NL": 40, "US": 30, "DE": 15, "155": 6, "143": 3, "_U": 6}


def publish(binary, out, name, organisation, months, size, growth, corrected):
    rnd = random.Random(name)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        home = folder / "home"

        def run(*words):
            subprocess.run([binary, *map(str, words), "--home", home], check=True, stdout=subprocess.DEVNULL)

        run("demo", "--bare")
        (home / "innerward.toml").write_text(f'organisation = "{organisation}"\n')
        (folder / "plan.toml").write_text(PLAN)
        run("release", "plan", "register", folder / "plan.toml", "--today", "2026-03-10")
        for at, month in enumerate(months):
            harms = dict(HARMS, SEXUAL_EXTORTION=HARMS["SEXUAL_EXTORTION"] * (2 if month >= 9 else 1))
            for unit, weights in (("report", harms), ("url", AREAS)):
                count = int(size * (1 + growth * at))
                with open(folder / "rows.csv", "w", newline="") as file:
                    rows = csv.writer(file)
                    rows.writerow(["id", "date", "code"])
                    codes = rnd.choices(list(weights), list(weights.values()), k=count)
                    rows.writerows([f"SYN-{month}-{n}", f"2026-{month:02}-{n % 28 + 1:02}", c] for n, c in enumerate(codes))
                (folder / "map.toml").write_text(MAPS[unit])
                run("tally", "import", folder / "rows.csv", "--map", folder / "map.toml", "--today", f"2026-{month + 1:02}-01")
            run("release", "publish", "--period", f"2026-{month:02}", "--today", f"2026-{month + 1:02}-02")
            if month == corrected:
                run("release", "publish", "--period", f"2026-{month:02}", "--revise", "--today", f"2026-{month + 1:02}-09")
        target = out / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(home / "public", target, ignore=shutil.ignore_patterns("log"))


if __name__ == "__main__":
    binary, out = sys.argv[1], pathlib.Path(sys.argv[2])
    publish(binary, out, "harbour", "Harbour Hotline", range(5, 11), 800, 0.02, 6)
    publish(binary, out, "meadow", "Meadow Line", range(9, 11), 400, 0.0, None)
