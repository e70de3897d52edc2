exports.answer = (times = 1) => 41 * times;
