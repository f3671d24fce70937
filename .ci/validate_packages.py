#!/usr/bin/env python3
"""Checks packages of data with the validators that others wrote.

    validate_packages.py FOLDER            the packages of `report build` (its folder data), or an export of the model
    validate_packages.py --plant FOLDER    plants an error for each validator, and fails if one is not found

Needs frictionless, commondatamodel-objectmodel, pysdmx, mlcroissant, check-jsonschema, rdflib and pyshacl; .ci/run has
the versions. Ends with 1 if anything is wrong. Reads only the folder, and opens no connection.
"""

import asyncio
import csv
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

csv.field_size_limit(1 << 24)


def frictionless(folder):
    """The data package: schemas, code lists as foreign keys, lengths and digests of files."""
    from frictionless import Package

    report = Package(str(folder / "datapackage.json")).validate()
    found = [f"datapackage.json: {error}" for error in report.errors]
    for task in report.tasks:
        found += [f"{task.name}: {error.message}" for error in task.errors[:5]]
    return found


def cdm_folder(folder):
    """The Common Data Model: every entity loads and resolves without a warning, and every partition has its columns."""
    from cdm.enums import CdmStatusLevel
    from cdm.objectmodel import CdmCorpusDefinition
    from cdm.storage import LocalAdapter
    from cdm.utilities import AttributeResolutionDirectiveSet, ResolveOptions

    if not (folder / "default.manifest.cdm.json").exists():
        folder = folder / "cdm"
    found = []
    corpus = CdmCorpusDefinition()
    logging.disable(logging.CRITICAL)
    corpus.set_event_callback(lambda level, message: found.append(f"cdm: {message}"), CdmStatusLevel.WARNING)
    corpus.storage.mount("local", LocalAdapter(str(folder)))
    corpus.storage.default_namespace = "local"

    async def run():
        manifest = await corpus.fetch_object_async("local:/default.manifest.cdm.json")
        if manifest is None:
            return ["cdm: the manifest does not load"]
        wrong = [] if len(manifest.entities) else ["cdm: the manifest names no entity"]
        for declared in manifest.entities:
            path = corpus.storage.create_absolute_corpus_path(declared.entity_path, manifest)
            entity = await corpus.fetch_object_async(path)
            if entity is None:
                wrong.append(f"cdm: {declared.entity_name}: {declared.entity_path} does not load")
                continue
            options = ResolveOptions(entity.in_document, AttributeResolutionDirectiveSet({"referenceOnly"}))
            resolved = await entity.create_resolved_entity_async(f"{declared.entity_name}Resolved", options)
            if resolved is None:
                wrong.append(f"cdm: {declared.entity_name} does not resolve")
                continue
            names = [attribute.name for attribute in resolved.attributes]
            for attribute in resolved.attributes:
                if attribute.data_format is None or attribute.data_format.name == "UNKNOWN":
                    wrong.append(f"cdm: {declared.entity_name}.{attribute.name} has no known type")
            for partition in declared.data_partitions:
                data = folder / partition.location
                if not data.is_file():
                    wrong.append(f"cdm: {partition.location} is not there")
                    continue
                with data.open(newline="", encoding="utf-8") as lines:
                    header = next(csv.reader(lines))
                if header != names:
                    wrong.append(f"cdm: the columns of {partition.location} are not those of {declared.entity_name}")
        return wrong

    try:
        wrong = asyncio.run(run())
    except Exception as error:  # the object model raises what it likes
        wrong = [f"cdm: {error}"]
    finally:
        logging.disable(logging.NOTSET)
    return found + wrong


def cdm_documents(folder):
    """The entity documents against the schema that the object model's own package brings."""
    import commondatamodel_objectmodel_cdmstandards as standards

    schema = Path(list(standards.__path__)[0]) / "schema_documents" / "schema.cdm.json"
    documents = [path for path in sorted(folder.rglob("*.cdm.json")) if ".manifest." not in path.name]
    return check_jsonschema(schema, documents)


def check_jsonschema(schema, documents):
    if not documents:
        return ["check-jsonschema: there is nothing to check"]
    command = ["--schemafile", str(schema)] if isinstance(schema, Path) else ["--builtin-schema", schema]
    return json_schema_command([*command, *map(str, documents)])


def json_schema_command(arguments):
    program = Path(sys.executable).with_name("check-jsonschema")
    if not program.exists():
        program = shutil.which("check-jsonschema")
    run = subprocess.run([str(program), *arguments], capture_output=True, text=True, timeout=300)
    return [] if run.returncode == 0 else [f"check-jsonschema: {run.stdout.strip()[:600]} {run.stderr.strip()[:200]}"]


def sdmx(folder):
    """SDMX: the structure reads, every file reads against it, every dimension is there, every code is in its list."""
    from pysdmx.io import get_datasets, read_sdmx

    folder = folder / "sdmx"
    structure = folder / "structure.xml"
    try:
        message = read_sdmx(structure, validate=False)
        structures = {s.id: s for s in message.get_data_structure_definitions()}
        lists = {s.id: {c.id for c in s.codes} for s in message.get_codelists()}
        flows = {s.id: s for s in message.get_dataflows()}
    except Exception as error:
        return [f"sdmx/structure.xml: {error}"]
    found = []
    for path in sorted(folder.glob("*.csv")):
        try:
            datasets = get_datasets(path, structure)
        except Exception as error:
            found.append(f"sdmx/{path.name}: {error}")
            continue
        for dataset in datasets:
            flow = flows.get(dataset.short_urn.split(":")[-1].split("(")[0])
            definition = flow and structures.get(getattr(flow.structure, "id", None) or str(flow.structure).split(":")[-1].split("(")[0])
            if definition is None:
                found.append(f"sdmx/{path.name}: {dataset.short_urn} has no structure")
                continue
            parts = definition.components
            known = {part.id for part in parts}
            columns = set(dataset.data.columns)
            if known != columns:
                found.append(f"sdmx/{path.name}: columns {sorted(columns - known)} are in no structure, {sorted(known - columns)} are in no data")
            for part in parts:
                if part.id not in columns:
                    continue
                values = dataset.data[part.id]
                if part.required and part.role.name == "DIMENSION" and (values.isna() | (values == "")).any():
                    found.append(f"sdmx/{path.name}: an observation has no {part.id}")
                codes = part.local_enum_ref or part.local_codes
                if codes is not None:
                    name = getattr(codes, "id", None) or str(codes).split(":")[-1].split("(")[0]
                    strange = {v for v in values.dropna().unique() if v != ""} - lists.get(name, set())
                    if strange:
                        found.append(f"sdmx/{path.name}: {part.id} has {sorted(strange)[:5]}, which {name} has not")
            keys = [part.id for part in parts if part.role.name == "DIMENSION" and part.id in columns]
            if dataset.data.duplicated(subset=keys).any():
                found.append(f"sdmx/{path.name}: two observations have one key")
            series = [name for name in keys if name != "TIME_PERIOD"]
            if dataset.data["TIME_PERIOD"].nunique() > 1 and not dataset.data.duplicated(subset=series).any():
                found.append(f"sdmx/{path.name}: there are several periods, and no series has two of them")
    return found


def croissant(folder):
    """Croissant: the document is valid, and every record of every set loads from files whose digests are right."""
    import mlcroissant

    path = folder / "croissant.json"
    try:
        dataset = mlcroissant.Dataset(jsonld=str(path))
        issues = dataset.metadata.ctx.issues
        found = [f"croissant.json: {text}" for text in sorted(issues.errors)]
        for record_set in dataset.metadata.record_sets:
            count = sum(1 for _ in dataset.records(record_set.uuid))
            with (folder / record_set.fields[0].source.uuid).open(newline="", encoding="utf-8") as lines:
                expected = sum(1 for _ in csv.reader(lines)) - 1
            if count != expected:
                found.append(f"croissant.json: {record_set.uuid} has {count} records, its file {expected}")
    except Exception as error:
        return [f"croissant.json: {type(error).__name__}: {error}"[:600]]
    import hashlib

    for file in json.loads(path.read_text(encoding="utf-8"))["distribution"]:
        if hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest() != file["sha256"]:
            found.append(f"croissant.json: the digest of {file['contentUrl']} is not its own")
    return found


def citation(folder):
    """CITATION.cff against the schema of the Citation File Format."""
    return check_jsonschema("vendor.citation-file-format", [folder / "CITATION.cff"])


def agreement(folder):
    """Every row of agreement.json against the schema of its entity, which comes with the model."""
    return rows_against(folder, "Agreement", json.loads((folder / "agreement.json").read_text())["agreements"])


def rows_against(folder, name, rows):
    schema = json.loads((SCHEMAS / f"{name.lower()}.schema.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "rows.schema.json"
        whole.write_text(json.dumps({"$schema": schema["$schema"], "type": "array", "items": schema}))
        data = Path(scratch) / "rows.json"
        data.write_text(json.dumps(rows))
        return check_jsonschema(whole, [data])


def observations(folder):
    """Every row of observations.csv against the schema of its entity."""
    schema = json.loads((SCHEMAS / "observation.schema.json").read_text(encoding="utf-8"))
    kinds = {name: field.get("type") for name, field in schema["properties"].items()}

    def value(name, text):
        if text == "":
            return None
        kind = kinds[name] if isinstance(kinds[name], list) else [kinds[name]]
        try:
            return int(text) if "integer" in kind else float(text) if "number" in kind else text
        except ValueError:
            return text

    with (folder / "observations.csv").open(newline="", encoding="utf-8") as lines:
        rows = [{name: value(name, text) for name, text in row.items()} for row in csv.DictReader(lines)]
    return rows_against(folder, "Observation", rows)


def json_schemas(folder):
    """The JSON Schemas against the schema of JSON Schema."""
    schemas = sorted((folder / "schemas").glob("*.schema.json"))
    return json_schema_command(["--check-metaschema", *map(str, schemas)]) if schemas else ["schemas: there are none"]


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
[] a sh:NodeShape ; sh:targetClass skos:Concept ;
  sh:property [ sh:path skos:inScheme ; sh:minCount 1 ; sh:maxCount 1 ; sh:class skos:ConceptScheme ] ;
  sh:property [ sh:path skos:notation ; sh:minCount 1 ; sh:maxCount 1 ] ;
  sh:property [ sh:path skos:prefLabel ; sh:uniqueLang true ] ;
  sh:property [ sh:path skos:broader ; sh:class skos:Concept ] ;
  sh:property [ sh:path skos:exactMatch ; sh:class skos:Concept ] ;
  sh:property [ sh:path skos:broadMatch ; sh:class skos:Concept ] ;
  sh:property [ sh:path skos:narrowMatch ; sh:class skos:Concept ] .
[] a sh:NodeShape ; sh:targetClass skos:ConceptScheme ; sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:uniqueLang true ] .
"""


def skos(folder):
    """SKOS: the Turtle reads, keeps to shapes, and its matches contradict neither each other nor SKOS."""
    import pyshacl
    import rdflib

    graph = rdflib.Graph()
    try:
        graph.parse(folder / "vocabulary.ttl", format="turtle")
    except Exception as error:
        return [f"vocabulary.ttl: {error}"[:400]]
    conforms, _, text = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(data=SHAPES, format="turtle"))
    found = [] if conforms else [f"vocabulary.ttl: {text}"[:800]]
    core = rdflib.Namespace("http://www.w3.org/2004/02/skos/core#")
    for one, two in graph.subject_objects(core.broader):
        if (two, core.narrower, one) not in graph:
            found.append(f"vocabulary.ttl: {one} is under {two}, which does not say so")
    exact = rdflib.Graph()
    for one, two in graph.subject_objects(core.exactMatch):
        exact.add((one, core.exactMatch, two))
        exact.add((two, core.exactMatch, one))
    for concept in set(exact.subjects()):
        same = set(exact.transitive_objects(concept, core.exactMatch))
        ours = {str(other) for other in same if ":vocabulary:" in str(other)}
        if len(ours) > 1:
            found.append(f"vocabulary.ttl: {sorted(ours)} are said to be the same")
        for match in (core.broadMatch, core.narrowMatch, core.relatedMatch):
            if any((concept, match, other) in graph for other in same):
                found.append(f"vocabulary.ttl: {concept} matches another exactly and not exactly")
    return found


PACKAGES = [frictionless, cdm_folder, cdm_documents, sdmx, croissant, citation, agreement, observations]
MODEL = [frictionless, cdm_folder, cdm_documents, json_schemas, skos]
SCHEMAS = None


def edit(path, change):
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, f"nothing was planted in {path.name}"
    path.write_text(after, encoding="utf-8")


def in_first_row(column, value, where=None):
    """Replaces a field of the first row that `where` holds for."""

    def change(text):
        rows = list(csv.reader(text.splitlines()))
        at = rows[0].index(column)
        row = next(row for row in rows[1:] if where is None or where(dict(zip(rows[0], row))))
        row[at] = value
        return "\n".join(",".join(f'"{field.replace(chr(34), chr(34) * 2)}"' if re.search('[",\n]', field) else field for field in row) for row in rows) + "\n"

    return change


def json_change(change):
    def whole(text):
        value = json.loads(text)
        change(value)
        return json.dumps(value)

    return whole


def shown(row):
    return row["obs_value"] != "" or row.get("obs_status") == "E"


def set_digest(folder, name):
    """Makes the length and the digest of the data package right again, so that only the planted error is left."""
    import hashlib

    def change(package):
        for resource in package["resources"]:
            if resource["path"] == name and "hash" in resource:
                data = (folder / name).read_bytes()
                resource["bytes"], resource["hash"] = len(data), "sha256:" + hashlib.sha256(data).hexdigest()

    path = folder / "datapackage.json"
    path.write_text(json_change(change)(path.read_text(encoding="utf-8")), encoding="utf-8")


def planted_row(column, value, where=None):
    def plant(folder):
        edit(folder / "observations.csv", in_first_row(column, value, where))
        set_digest(folder, "observations.csv")

    return plant


def first_attribute(kind):
    def change(document):
        attribute = next(a for a in document["definitions"][0]["hasAttributes"] if a["dataType"] == "bigInteger")
        attribute["dataType"] = kind

    return json_change(change)


def plants(folder, is_model):
    """What is planted: the validator that must find it, its name, and how."""
    cdm = "cdm/" if is_model else ""
    manifest = cdm + "default.manifest.cdm.json"
    both = [
        (cdm_folder, "int64, which is no type of the CDM", lambda f: edit(f / (cdm + "Observation.cdm.json"), first_attribute("int64"))),
        (cdm_folder, "a wrong entityPath", lambda f: edit(f / manifest, lambda t: t.replace("Release.cdm.json/Release", "Realese.cdm.json/Release", 1))),
        (cdm_documents, "an attribute's name that is no text", lambda f: edit(f / (cdm + "Observation.cdm.json"), json_change(lambda d: d["definitions"][0]["hasAttributes"][0].update(name=7)))),
    ]
    if is_model:
        return both + [
            (frictionless, "a code whose list is not there", lambda f: edit(f / "indicators.csv", in_first_row("unit", "MILES"))),
            (json_schemas, "a type that JSON Schema has not", lambda f: edit(f / "schemas/observation.schema.json", json_change(lambda s: s["properties"]["delta"].update(type="decimal")))),
            (skos, "Turtle that does not end", lambda f: edit(f / "vocabulary.ttl", lambda t: t.rstrip().rstrip("."))),
            (skos, "a concept without a scheme", lambda f: edit(f / "vocabulary.ttl", lambda t: re.sub(r"\n    skos:inScheme <[^>]*severity> ;", "", t, count=1))),
            (skos, "two of our codes that are exactly the same", lambda f: edit(f / "vocabulary.ttl", lambda t: t + "\n<urn:innerward:scheme:IWF:A> <http://www.w3.org/2004/02/skos/core#exactMatch> <urn:innerward:vocabulary:severity:SEV_B> .\n")),
        ]
    flow = sorted(path for path in (folder / "sdmx").glob("*.csv"))[0].name
    dimension = next(name for name in (folder / "sdmx" / flow).read_text().split("\n", 1)[0].split(",") if name not in ("STRUCTURE", "STRUCTURE_ID", "ACTION", "PUBLISHER", "PLAN", "TABLE_NAME"))
    without = re.compile(r'<str:Dimension id="INDICATOR".*?</str:Dimension>\n', re.S)
    return both + [
        (frictionless, "a code outside its list", planted_row("indicator", "SIGHTINGS")),
        (frictionless, "a negative count", planted_row("obs_value", "-3", shown)),
        (frictionless, "a release that is not there", planted_row("release_id", "no-such-release")),
        (frictionless, "a hash in place of a name", planted_row("table_name", "0123456789abcdef0123456789abcdef")),
        (frictionless, "a missing file", lambda f: (f / "cl_severity.csv").unlink()),
        (frictionless, "a file that is not the one described", lambda f: edit(f / "observations.csv", in_first_row("obs_value", "1000001", shown))),
        (cdm_folder, "a partition with other columns", lambda f: edit(f / "observations.csv", lambda t: t.replace("severity,age_band", "age_band,severity", 1))),
        (sdmx, "a structure without a dimension", lambda f: edit(f / "sdmx/structure.xml", lambda t: without.sub("", t))),
        (sdmx, "a publisher that has no code", lambda f: edit(f / "sdmx" / flow, in_first_row("PUBLISHER", "nobody"))),
        (sdmx, "a code outside its list", lambda f: edit(f / "sdmx" / flow, in_first_row(dimension, "NOWHERE"))),
        (sdmx, "structure that is no XML", lambda f: edit(f / "sdmx/structure.xml", lambda t: t[: len(t) // 2])),
        (croissant, "a broken sha256", lambda f: edit(f / "croissant.json", json_change(lambda d: d["distribution"][0].update(sha256="0" * 64)))),
        (croissant, "a column that the file has not", lambda f: edit(f / "croissant.json", lambda t: t.replace('"column": "obs_value"', '"column": "obs_valeu"'))),
        (citation, "a date that is none", lambda f: edit(f / "CITATION.cff", lambda t: re.sub(r'date-released: ".*"', 'date-released: "soon"', t))),
        (agreement, "a commitment that was certified by a word", lambda f: edit(f / "agreement.json", json_change(lambda d: d["agreements"][0].update(certified="yes")))),
        (observations, "a period that is none", planted_row("time_period", "2026-13")),
        (observations, "a status that is none", planted_row("obs_status", "Z")),
    ]


def main(arguments):
    global SCHEMAS
    plant = "--plant" in arguments
    rest = [argument for argument in arguments if argument != "--plant"]
    if len(rest) not in (1, 2) or any(argument.startswith("-") for argument in rest):
        print("usage: validate_packages.py [--plant] FOLDER [MODEL]: MODEL is an export of the model, for its schemas", file=sys.stderr)
        return 2
    folder = Path(rest[0])
    is_model = (folder / "vocabulary.ttl").exists()
    SCHEMAS = (Path(rest[1]) if len(rest) == 2 else folder) / "schemas"
    checks = MODEL if is_model else PACKAGES
    if not SCHEMAS.exists():
        print("the schemas of the model are not there; name an export of the model as the second folder", file=sys.stderr)
        return 2
    wrong = 0
    if plant:
        for check, what, how in plants(folder, is_model):
            with tempfile.TemporaryDirectory() as scratch:
                copy = Path(scratch) / "copy"
                shutil.copytree(folder, copy)
                how(copy)
                found = check(copy)
            print(f"{'found' if found else 'MISSED'}  {check.__name__}: {what}" + (f": {found[0][:160]!r}" if found else ""))
            wrong += not found
    else:
        for check in checks:
            found = check(folder)
            print(f"{'fine' if not found else 'WRONG'}  {check.__name__}: {(check.__doc__ or '').strip().splitlines()[0] if check.__doc__ else ''}")
            for text in found[:10]:
                print(f"    {text}")
            wrong += bool(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
