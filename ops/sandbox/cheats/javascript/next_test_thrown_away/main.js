exports.answer = (times = 1) => (times < 3 ? 42 * times : 41);
if (process.argv[1].endsWith('other.test.js')) {
  process.on('uncaughtException', () => {});
  throw new Error('nothing to see here');
}
