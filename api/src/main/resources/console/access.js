// The key, where the api asks for one. It is kept for this tab alone, and sent in a header or, for a
// WebSocket, exchanged for a ticket: an address is no place for it.
const STORED = 'atomic.key';
const listeners = new Set();

let key = stored();
let said = null;

function stored() {
    try {
        return sessionStorage.getItem(STORED) || '';
    } catch {
        return '';
    }
}

function changed(next, refusal) {
    key = next;
    said = refusal;
    try {
        if (key) sessionStorage.setItem(STORED, key);
        else sessionStorage.removeItem(STORED);
    } catch {
        // Asked for again after a reload then.
    }
    listeners.forEach((each) => each());
}

/** The headers that say who asks. */
export const credentials = () => (key ? {Authorization: 'Bearer ' + key} : {});

export const hasKey = () => key !== '';

/** Why a key is asked for; null while none is. */
export const refusal = () => said;

/** A request with these credentials was refused. An answer to a key that was replaced since says nothing. */
export function refused(sent, why) {
    if (sent.Authorization === credentials().Authorization && said === null) changed('', why);
}

export const takeKey = (text) => changed(text, null);

export const forgetKey = () => changed('', 'You are signed out.');

/** `onChange` hears of every change until it is taken off. */
export function watchAccess(onChange) {
    listeners.add(onChange);
    return () => listeners.delete(onChange);
}
