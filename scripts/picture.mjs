// Draws the machines: docs/machine.md, docs/machine.svg, docs/vault-session.md. Run it after a change of src/machines.
import { writeFileSync } from "node:fs";
import { machineDrawing, machinePage, sessionPage } from "../src/machines/picture.ts";

const docs = new URL("../docs/", import.meta.url);
writeFileSync(new URL("machine.md", docs), machinePage());
writeFileSync(new URL("machine.svg", docs), machineDrawing());
writeFileSync(new URL("vault-session.md", docs), sessionPage());
