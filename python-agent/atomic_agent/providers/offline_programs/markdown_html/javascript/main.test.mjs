import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inline, toHtml } from './main.mjs';

const FENCE = '`'.repeat(3);

const CASES = [
  ['# One', '<h1>One</h1>\n'],
  ['###### Six ######', '<h6>Six</h6>\n'],
  ['####### seven', '<p>####### seven</p>\n'],
  ['one\ntwo\n\nthree', '<p>one\ntwo</p>\n<p>three</p>\n'],
  ['one  \ntwo', '<p>one<br>\ntwo</p>\n'],
  ['---\n***\n_ _ _', '<hr>\n<hr>\n<hr>\n'],
  ['text\r\n# Title\r\n', '<p>text</p>\n<h1>Title</h1>\n'],
  ['- a\n- b *c*', '<ul>\n<li>a</li>\n<li>b <em>c</em></li>\n</ul>\n'],
  ['1. a\n2. b', '<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n'],
  ['7) a', '<ol start="7">\n<li>a</li>\n</ol>\n'],
  ['- a\n  goes on', '<ul>\n<li>a\ngoes on</li>\n</ul>\n'],
  ['- a\n1. b', '<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>\n'],
  ['> a\n> > b', '<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>\n'],
  [`${FENCE}\ncode`, '<pre><code>code\n</code></pre>\n'],
  ['', ''],
];

for (const [text, html] of CASES) {
  test(`block: ${JSON.stringify(text)}`, () => assert.equal(toHtml(text), html));
}

const SPANS = [
  ['**a** and *b*', '<strong>a</strong> and <em>b</em>'],
  ['***both***', '<strong><em>both</em></strong>'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['`a < *b*`', '<code>a &lt; *b*</code>'],
  ['\\*not\\* \\[x](y)', '*not* [x](y)'],
  ['[a *b*](http://x.org/?a=1&b=2)', '<a href="http://x.org/?a=1&amp;b=2">a <em>b</em></a>'],
  ['[top](#top)', '<a href="#top">top</a>'],
];

for (const [text, html] of SPANS) {
  test(`span: ${text}`, () => assert.equal(inline(text), html));
}

test('code is kept as it is', () => {
  const source = `${FENCE}js\nif (a < b) { x('*y*') }\n\n# no heading\n${FENCE}\nafter`;
  assert.equal(toHtml(source), '<pre><code class="language-js">if (a &lt; b) { x(&#39;*y*&#39;) }\n\n'
    + '# no heading\n</code></pre>\n<p>after</p>\n');
});

test('nothing of the source becomes live html', () => {
  const sources = ['<script>alert(1)</script>', '[x](javascript:alert)', '[x](JAVASCRIPT:alert)',
    '[x](data:text/html,hi)', '[x](http://a"onclick=alert)', '**<b>**', '`<i>`', '[<img>](http://a)'];
  for (const source of sources) {
    assert.doesNotMatch(toHtml(source), /<script|javascript:|data:text|"onclick|<b>|<i>|<img/i);
  }
});
