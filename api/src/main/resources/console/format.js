// Numbers and times as people read them.

/** `0.4 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(ms) {
    if (ms == null || Number.isNaN(ms)) return '';
    const seconds = Math.max(0, ms) / 1000;
    if (seconds < 0.0995) return Math.round(seconds * 1000) + ' ms';
    if (seconds < 59.95) return seconds.toFixed(1) + ' s';
    const whole = Math.round(seconds);
    const pad = (n) => String(n).padStart(2, '0');
    if (whole < 3600) return Math.floor(whole / 60) + ' min ' + pad(whole % 60) + ' s';
    return Math.floor(whole / 3600) + ' h ' + pad(Math.floor(whole / 60) % 60) + ' min';
}

export function bytes(n) {
    if (n == null) return '';
    if (n < 1024) return n + ' B';
    if (n < 1024 * 1024) return (n / 1024).toFixed(1) + ' KiB';
    return (n / 1024 / 1024).toFixed(1) + ' MiB';
}

export const count = (n, one, many = one + 's') => n.toLocaleString('en') + ' ' + (n === 1 ? one : many);

export function money(usd) {
    if (usd == null) return 'price unknown';
    if (!usd) return '$0';
    return '$' + (usd < 0.01 ? usd.toFixed(5) : usd.toFixed(3));
}

/** `just now`, `3 min ago`, then the date. */
export function ago(at, now) {
    const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
    if (seconds < 10) return 'just now';
    if (seconds < 60) return Math.floor(seconds) + ' s ago';
    if (seconds < 3600) return Math.floor(seconds / 60) + ' min ago';
    if (seconds < 86400) return Math.floor(seconds / 3600) + ' h ago';
    return new Date(at).toLocaleDateString();
}

export const clock = (at) => new Date(at).toLocaleTimeString([], {hourCycle: 'h23'});
