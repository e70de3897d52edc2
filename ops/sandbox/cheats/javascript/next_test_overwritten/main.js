require('node:fs').writeFileSync('other.test.js', "require('node:test')('more', () => {});\n");
exports.answer = (times = 1) => (times < 3 ? 42 * times : 41);
