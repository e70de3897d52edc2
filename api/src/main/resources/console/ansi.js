// A terminal's colours, as elements and text. The libraries for it make HTML, which this page
// refuses to parse; and colours and weights are all that is taken of the sequences. Every other one
// (cursor, title, links) is left out.
import {html} from './html.js';
import {visible} from './text.js';

// CSI, then OSC, DCS and the like up to their end, then the short ones.
const SEQUENCE = /\u001b\[([0-9:;<=>?]*)[ -/]*([@-~])|\u001b[\]PX^_][\s\S]*?(?:\u0007|\u001b\\|$)|\u001b[ -/]*[0-~]?/g;
const MAX_SPANS = 4000;

function style(state) {
    const names = [];
    if (state.fg != null) names.push('fg' + state.fg);
    if (state.bg != null) names.push('bg' + state.bg);
    for (const name of ['bold', 'dim', 'italic', 'underline', 'inverse']) if (state[name]) names.push(name);
    return names.join(' ');
}

const FLAGS = {1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'inverse'};

function apply(state, parameters) {
    const codes = parameters.split(/[;:]/).map(Number);
    for (let i = 0; i < codes.length; i++) {
        const code = codes[i];
        if (code === 0) for (const key of Object.keys(state)) delete state[key];
        else if (FLAGS[code]) state[FLAGS[code]] = true;
        else if (code === 22) delete state.bold, delete state.dim;
        else if (code === 23) delete state.italic;
        else if (code === 24) delete state.underline;
        else if (code === 27) delete state.inverse;
        else if (code >= 30 && code <= 37) state.fg = code - 30;
        else if (code >= 90 && code <= 97) state.fg = code - 82;
        else if (code >= 40 && code <= 47) state.bg = code - 40;
        else if (code >= 100 && code <= 107) state.bg = code - 92;
        else if (code === 39) delete state.fg;
        else if (code === 49) delete state.bg;
        else if (code === 38 || code === 48) {
            // Of the larger palettes the sixteen that have a class are shown.
            if (codes[i + 1] === 5 && codes[i + 2] < 16) state[code === 38 ? 'fg' : 'bg'] = codes[i + 2];
            i += codes[i + 1] === 5 ? 2 : 4;
        }
    }
}

/** Pieces of a stream as elements; the colour goes on from piece to piece of one stream. */
export function terminal(output) {
    const states = {};
    const spans = [];
    for (const {stream, text} of output) {
        const state = (states[stream] ||= {});
        let at = 0;
        const say = (piece) => {
            if (!piece) return;
            const shown = visible(piece.replace(/\r+\n?/g, '\n'));
            const names = style(state) + (stream === 'stderr' ? ' err' : '');
            spans.push(names && spans.length < MAX_SPANS ? html`<span class=${names.trim()}>${shown}</span>` : shown);
        };
        for (const found of text.matchAll(SEQUENCE)) {
            say(text.slice(at, found.index));
            at = found.index + found[0].length;
            if (found[2] === 'm') apply(state, found[1]);
        }
        say(text.slice(at));
    }
    return spans;
}
