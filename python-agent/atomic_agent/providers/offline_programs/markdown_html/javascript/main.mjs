// A useful part of Markdown to safe HTML.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const FENCE = /^(`{3,})\s*([\w+-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const BULLET = /^[-*+]\s+(.*)/;
const NUMBER = /^(\d{1,9})[.)]\s+(.*)/;
const INLINE = new RegExp([
  String.raw`\\(?<literal>[!-/:-@\[-\x60{-~])`,
  String.raw`(?<ticks>\x60+)(?<code>.+?)\k<ticks>(?!\x60)`,
  String.raw`\[(?<label>[^\[\]]+)\]\((?<address>[^\s()]*)\)`,
  String.raw`\*\*(?=\S)(?<strong>.+?)(?<=\S)\*\*(?!\*)`,
  String.raw`\*(?=\S)(?<emphasis>.+?)(?<=\S)\*`,
  String.raw`(?<newline>[ ]{2,}\n)`,
].join('|'), 'gs');

export function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** The HTML of a Markdown text, one block a line. */
export function toHtml(text) {
  if (text.trim() === '') return '';
  const lines = text.replace(/\r\n?/g, '\n').replaceAll('\t', '    ').split('\n');
  return `${blocks(lines).join('\n')}\n`;
}

function beginsBlock(line) {
  return line.trim() === '' || line.startsWith('>')
    || [FENCE, RULE, HEADING, BULLET, NUMBER].some((kind) => kind.test(line));
}

function blocks(lines) {
  const found = [];
  let position = 0;
  const takeWhile = (belongs, atLeast = 0) => {
    const start = position;
    position += atLeast;
    while (position < lines.length && belongs(lines[position])) position += 1;
    return lines.slice(start, position);
  };
  while (position < lines.length) {
    const line = lines[position];
    const heading = HEADING.exec(line);
    if (line.trim() === '') {
      position += 1;
    } else if (FENCE.test(line)) {
      found.push(codeBlock(takeFence(lines, position)));
      position = takeFence(lines, position).end;
    } else if (RULE.test(line)) {
      found.push('<hr>');
      position += 1;
    } else if (heading) {
      const level = heading[1].length;
      found.push(`<h${level}>${inline(heading[2])}</h${level}>`);
      position += 1;
    } else if (line.startsWith('>')) {
      const quoted = takeWhile((one) => one.startsWith('>')).map((one) => one.replace(/^>\s?/, ''));
      found.push(`<blockquote>\n${blocks(quoted).join('\n')}\n</blockquote>`);
    } else if (BULLET.test(line) || NUMBER.test(line)) {
      const kind = BULLET.test(line) ? BULLET : NUMBER;
      const inList = (one) => (kind.test(one) && !RULE.test(one)) || !beginsBlock(one);
      found.push(listBlock(takeWhile(inList), kind));
    } else {
      const paragraph = takeWhile((one) => !beginsBlock(one), 1).join('\n').trim();
      found.push(`<p>${inline(paragraph)}</p>`);
    }
  }
  return found;
}

function takeFence(lines, start) {
  const [, fence, language] = FENCE.exec(lines[start]);
  const closing = new RegExp(`^${fence}\`*\\s*$`);
  let end = start + 1;
  while (end < lines.length && !closing.test(lines[end])) end += 1;
  return { language, content: lines.slice(start + 1, end), end: end + 1 };
}

function codeBlock({ language, content }) {
  const kind = language ? ` class="language-${escapeHtml(language)}"` : '';
  const text = content.map((line) => `${line}\n`).join('');
  return `<pre><code${kind}>${escapeHtml(text)}</code></pre>`;
}

function listBlock(lines, kind) {
  const tag = kind === BULLET ? 'ul' : 'ol';
  const first = Number(kind.exec(lines[0])[1]);
  const start = tag === 'ol' && first !== 1 ? ` start="${first}"` : '';
  const items = [];
  for (const line of lines) {
    const item = kind.exec(line);
    if (item) items.push(item.at(-1));
    else items[items.length - 1] += `\n${line.trim()}`;
  }
  return `<${tag}${start}>\n${items.map((item) => `<li>${inline(item)}</li>`).join('\n')}\n</${tag}>`;
}

/** The HTML of text within a block. */
export function inline(text) {
  let html = '';
  let position = 0;
  for (const found of text.matchAll(INLINE)) {
    html += escapeHtml(text.slice(position, found.index)) + span(found.groups);
    position = found.index + found[0].length;
  }
  return html + escapeHtml(text.slice(position));
}

function span({ literal, code, label, address, strong, emphasis }) {
  if (literal !== undefined) return escapeHtml(literal);
  if (code !== undefined) return `<code>${escapeHtml(code.trim())}</code>`;
  if (label !== undefined) return link(label, address);
  if (strong !== undefined) return `<strong>${inline(strong)}</strong>`;
  if (emphasis !== undefined) return `<em>${inline(emphasis)}</em>`;
  return '<br>\n';
}

function link(label, address) {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1].toLowerCase();
  const safe = scheme === undefined || ['http', 'https', 'mailto'].includes(scheme);
  return safe ? `<a href="${escapeHtml(address)}">${inline(label)}</a>` : inline(label);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(toHtml(readFileSync(process.argv[2] ?? 0, 'utf8')));
}
