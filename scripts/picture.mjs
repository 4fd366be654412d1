// Draws the enrolment machine: docs/machine.md and docs/machine.svg. Run it after a change of src/machines/enrolment.
import { writeFileSync } from "node:fs";
import { machineDrawing, machinePage } from "../src/machines/picture.ts";

const docs = new URL("../docs/", import.meta.url);
writeFileSync(new URL("machine.md", docs), machinePage());
writeFileSync(new URL("machine.svg", docs), machineDrawing());
