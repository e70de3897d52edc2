// Values that fit a schema, and such that nearly do.
const LETTERS = ["a", "b", "Z", "0", "_", " ", "é", "漢", "😀", "\"", "\\", "<", "&", "\n"];
const MOST_LETTERS = 40;

// Makes values for the schemas of one document.
export class Values {
  #document;
  #random;

  constructor(document, random) {
    this.#document = document;
    this.#random = random;
  }

  // The schema that a reference names.
  resolve(schema) {
    let found = schema;
    while (found?.$ref) {
      const { $ref, ...beside } = found;
      const named = $ref.slice(2).split("/").reduce((at, key) => at[key.replaceAll("~1", "/").replaceAll("~0", "~")], this.#document);
      found = { ...named, ...beside };
    }
    return found;
  }

  // A value that fits, as far as one schema can tell.
  make(given, depth = 0) {
    const schema = this.resolve(given);
    const random = this.#random;
    if ("const" in schema) return schema.const;
    if (schema.examples && (schema.pattern || random.chance(0.5))) return structuredClone(random.pick(schema.examples));
    if (schema.enum) return random.pick(schema.enum);
    if (schema.oneOf) return this.make(random.pick(schema.oneOf), depth);
    const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
    switch (type) {
      case "null": return null;
      case "boolean": return random.chance(0.5);
      case "integer": return this.#number(schema, 0);
      case "number": return this.#number(schema, 0.25);
      case "string": return this.#text(schema);
      case "array": return this.#list(schema, depth);
      case "object": return this.#object(schema, depth);
      default: return random.pick([0, "x", true, [1], { a: 1 }]);
    }
  }

  #number(schema, more) {
    const min = schema.minimum ?? -1000;
    const max = schema.maximum ?? min + 2000;
    if (this.#random.chance(0.3)) return this.#random.pick([min, max]);
    const value = this.#random.whole(Math.ceil(min), Math.floor(Math.min(max, min + 1000)));
    return Math.min(max, Math.max(min, value + (this.#random.chance(0.5) ? more : 0)));
  }

  #text(schema) {
    if (schema.format === "uuid") return this.uuid();
    if (schema.format === "date-time") return "2026-01-02T03:04:05.006Z";
    if (schema.pattern?.startsWith("^att_")) return "att_" + "A".repeat(43);
    if (schema.pattern?.startsWith("^atk_")) return "atk_0123456789abcdef_" + "A".repeat(43);
    const min = schema.minLength ?? 0;
    const max = Math.min(schema.maxLength ?? MOST_LETTERS, Math.max(min, MOST_LETTERS));
    let text = "";
    for (let i = this.#random.whole(min, max); i > 0; i--) text += this.#random.pick(LETTERS);
    return text;
  }

  uuid() {
    const hex = Array.from({ length: 32 }, () => this.#random.whole(0, 15).toString(16)).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #list(schema, depth) {
    const most = depth > 4 ? 0 : 2;
    const list = [];
    const wanted = this.#random.whole(schema.minItems ?? 0, Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? most, most)));
    for (let tries = 0; list.length < wanted && tries < 50; tries++) {
      const value = this.make(schema.items ?? {}, depth + 1);
      if (!schema.uniqueItems || !list.includes(value)) list.push(value);
    }
    return list;
  }

  #object(schema, depth) {
    const made = {};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const needed = schema.required?.includes(name);
      if (needed || (depth < 5 && this.#random.chance(0.25))) made[name] = this.make(property, depth + 1);
    }
    const more = schema.additionalProperties;
    if (more && depth < 5 && this.#random.chance(0.3)) made.more = this.make(more === true ? {} : more, depth + 1);
    return made;
  }

  // The value with one thing changed that the schema may not allow.
  spoil(given, value) {
    const places = [];
    this.#places(given, value, [], places);
    const place = this.#random.pick(places);
    const spoilt = this.#spoilt(this.resolve(place.schema), place.value);
    if (place.path.length === 0) return spoilt;
    const copy = structuredClone(value);
    const holder = place.path.slice(0, -1).reduce((at, key) => at[key], copy);
    const key = place.path.at(-1);
    if (spoilt === undefined) delete holder[key];
    else holder[key] = spoilt;
    return copy;
  }

  // Every part of a value for which there is a schema.
  #places(given, value, path, places) {
    let schema = this.resolve(given);
    if (schema.oneOf) schema = this.resolve(schema.oneOf.find((each) => this.#looksLike(this.resolve(each), value)) ?? schema.oneOf[0]);
    places.push({ schema, value, path });
    if (Array.isArray(value) && schema.items) value.forEach((each, i) => this.#places(schema.items, each, [...path, i], places));
    if (value && typeof value === "object" && !Array.isArray(value)) {
      for (const [name, each] of Object.entries(value)) {
        const property = schema.properties?.[name];
        if (property) this.#places(property, each, [...path, name], places);
      }
    }
  }

  #looksLike(schema, value) {
    const type = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
    return [schema.type].flat().includes(type) && (!value?.type || !schema.properties?.type?.const || schema.properties.type.const === value.type);
  }

  #spoilt(schema, value) {
    const ways = [() => this.#random.pick([5, -1, 1.5, "x", "", true, [], [5], {}, { x: 1 }, "\u0000", "\ud800"]), () => undefined];
    if (value && typeof value === "object" && !Array.isArray(value)) {
      ways.push(() => ({ ...value, unknown: 1 }), () => ({ ...value, "": null, unknown: {} }));
      const names = Object.keys(value);
      if (names.length > 0) ways.push(() => { const { [this.#random.pick(names)]: _, ...rest } = value; return rest; });
    }
    if (typeof value === "string") {
      if (schema.maxLength < 100_000) ways.push(() => "x".repeat(schema.maxLength + 1));
      ways.push(() => value + "\u0000", () => " ".repeat(3), () => "nope");
    }
    if (typeof value === "number") ways.push(() => (schema.maximum ?? 1e300) + 1, () => (schema.minimum ?? 0) - 1, () => String(value), () => 0.1 + value);
    if (Array.isArray(value) && schema.maxItems < 2000) ways.push(() => Array(schema.maxItems + 1).fill(value[0] ?? "x"));
    return this.#random.pick(ways)();
  }
}
