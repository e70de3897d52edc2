// What a model or a program wrote is shown as text. Characters that would change how other text
// is read or that can't be seen are shown by their number.

// Directions and invisible characters; joiners stay, since emoji and some scripts need them.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** The text with nothing in it that hides. */
export function visible(text) {
    return text.replace(/\r\n/g, '\n').replace(UNSEEN, (c) =>
        '‹U+' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0') + '›');
}

/** One line of at most `most` characters. */
export function oneLine(text, most = 200) {
    const line = visible(text.slice(0, most * 2)).replace(/\s+/g, ' ').trim();
    return line.length > most ? line.slice(0, most - 1) + '…' : line;
}

/** The end of a text, from the beginning of a line where there is one. */
export function tail(text, most) {
    if (text.length <= most) return text;
    const cut = text.slice(text.length - most);
    const line = cut.indexOf('\n');
    return line >= 0 && line < most / 2 ? cut.slice(line + 1) : cut;
}
