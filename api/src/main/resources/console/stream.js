// Following a job: the WebSocket, resumed after the last event seen; server-sent events where a
// WebSocket can't be opened. Neither can send a header, so where there is a key, each is opened with a
// ticket.
import {post} from './api.js';
import {hasKey} from './access.js';

const TERMINAL = new Set(['succeeded', 'failed', 'cancelled']);
const TYPES = ['queued', 'started', 'stage_started', 'chunk', 'file', 'sandbox_output', 'case', 'judging',
    'verification', 'stage_completed', 'stage_reset', 'retrying', ...TERMINAL];

/**
 * Hands a job's events to `onEvents`, in order, each once, joined to one call a frame.
 *
 * `onState` hears `live`, `lost` (with `retryAt`, null while the browser is offline) and `ended`.
 * Returns what ends it.
 */
export function follow(id, onEvents, onState) {
    let seq = 0;
    let closed = false;
    let ended = false;
    let failures = 0;
    let everOpen = false;
    let source = null;
    let timer = 0;
    let waiting = [];
    let flushing = 0;

    function take(event) {
        if (closed || event.job_id !== id || event.seq <= seq) return;
        // Can't be; but what came after it would make no sense.
        if (event.seq > seq + 1) return leave();
        seq = event.seq;
        failures = 0;
        waiting.push(event);
        if (TERMINAL.has(event.type)) ended = true;
        // A page in the background has no frames.
        if (!flushing) flushing = setTimeout(flush, document.hidden ? 250 : 33);
    }

    function flush() {
        flushing = 0;
        const events = waiting;
        waiting = [];
        if (closed) return;
        onEvents(events);
        if (ended) {
            onState({state: 'ended'});
            stop();
        }
    }

    function open() {
        timer = 0;
        if (closed || ended || source) return;
        if (!navigator.onLine) return lost();
        const way = !everOpen && failures >= 2 ? openEvents : openSocket;
        if (hasKey()) openWithTicket(way);
        else source = way('');
    }

    function openWithTicket(way) {
        const asking = {close: () => {}};
        source = asking;
        post('/api/tickets').then(({ticket}) => {
            if (source === asking) source = way('ticket=' + encodeURIComponent(ticket));
        }, () => gone(asking));
    }

    function openSocket(ticket) {
        const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/ws/stream' + (ticket && '?' + ticket));
        socket.onopen = () => {
            everOpen = true;
            onState({state: 'live'});
            socket.send(JSON.stringify({subscribe: id, after: seq, accumulate: false}));
        };
        socket.onmessage = (message) => {
            const data = JSON.parse(message.data);
            if (typeof data.seq === 'number') take(data);
            // Refused, e.g. as the api has no memory left: asked again after a while.
            else if (data.type === 'error' && data.code === 'unavailable') socket.close();
        };
        socket.onclose = () => gone(socket);
        return socket;
    }

    function openEvents(ticket) {
        const events = new EventSource('/api/jobs/' + id + '/events?after=' + seq + (ticket && '&' + ticket));
        events.onopen = () => onState({state: 'live'});
        for (const type of TYPES) events.addEventListener(type, (message) => take(JSON.parse(message.data)));
        events.onerror = () => {
            events.close();
            gone(events);
        };
        return events;
    }

    function gone(which) {
        if (source !== which) return;
        source = null;
        failures++;
        if (!closed && !ended) lost();
    }

    function lost() {
        const delay = Math.min(10000, 300 * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2);
        onState({state: 'lost', retryAt: navigator.onLine ? Date.now() + delay : null});
        clearTimeout(timer);
        timer = navigator.onLine ? setTimeout(open, delay) : 0;
    }

    function online() {
        clearTimeout(timer);
        failures = Math.min(failures, 1);
        open();
    }

    function leave() {
        failures++;
        const was = source;
        source = null;
        was?.close();
        if (!ended) lost();
    }

    function stop() {
        closed = true;
        clearTimeout(timer);
        clearTimeout(flushing);
        removeEventListener('online', online);
        removeEventListener('offline', leave);
        const was = source;
        source = null;
        was?.close();
    }

    addEventListener('online', online);
    addEventListener('offline', leave);
    open();
    return stop;
}
