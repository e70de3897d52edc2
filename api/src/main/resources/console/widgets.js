// Small parts that several views use.
import {cx, html, useEffect, useLayoutEffect, useRef, useState} from './html.js';
import {hasKey} from './access.js';
import {fileBytes, save, skew} from './api.js';
import {STATUS} from './verdict.js';

const TICK = 100;

/** The api's time, going on while `running`. */
export function useNow(running, every = TICK) {
    const [now, setNow] = useState(Date.now() - skew);
    useEffect(() => {
        if (!running) return undefined;
        setNow(Date.now() - skew);
        const timer = setInterval(() => setNow(Date.now() - skew), every);
        return () => clearInterval(timer);
    }, [running, every]);
    return now;
}

/** The status as a word and a colour. A job that has ended well may still not have passed. */
export function Badge({status, verdict, kind, cancelling}) {
    const doubtful = status === 'succeeded' && verdict && verdict !== 'passed';
    const look = !doubtful ? status : kind === 'execute' ? 'failed' : 'unverified';
    const word = cancelling ? 'Cancelling' : !doubtful ? STATUS[status] || status : kind === 'execute' ? 'Not passed' : 'Not verified';
    return html`<span class=${cx('badge', look)}><i></i>${word}</span>`;
}

/** A link that saves what is there. With a key the page has to fetch it: a link sends no header. */
export function Download({url, name, className, children}) {
    const fetched = async (event) => {
        if (!hasKey()) return;
        event.preventDefault();
        const content = await fileBytes(url);
        if (content) save(new Blob([content], {type: 'application/octet-stream'}), name);
    };
    return html`<a class=${className} href=${url} download onClick=${fetched}>${children}</a>`;
}

/** A box that scrolls by itself, and follows its end only while the reader is there. */
export function Pane({label, follow, children, className, depends}) {
    const box = useRef(null);
    const atEnd = useRef(true);
    const [away, setAway] = useState(false);
    const scrolled = () => {
        const {scrollHeight, scrollTop, clientHeight} = box.current;
        atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        setAway(!atEnd.current);
    };
    useLayoutEffect(() => {
        if (follow && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
    }, [depends, follow]);
    const toEnd = () => {
        box.current.scrollTop = box.current.scrollHeight;
        scrolled();
    };
    return html`<div class="pane-box">
        <div class=${cx('pane', className)} ref=${box} onScroll=${scrolled} tabindex="0" role="group" aria-label=${label}>${children}</div>
        ${follow && away && html`<button class="to-end" onClick=${toEnd}>Follow ↓</button>`}
    </div>`;
}

/** Tabs with the keys that tabs have. `tabs`: `[{id, label, mark}]`. */
export function Tabs({label, tabs, chosen, onChoose, children, id}) {
    const list = useRef(null);
    const keyed = (event) => {
        const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        const at = tabs.findIndex((tab) => tab.id === chosen);
        const to = event.key === 'Home' ? 0 : event.key === 'End' ? tabs.length - 1 : step ? (at + step + tabs.length) % tabs.length : -1;
        if (to < 0) return;
        event.preventDefault();
        onChoose(tabs[to].id);
        list.current.children[to].focus();
    };
    return html`<div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${keyed}>
        ${tabs.map((tab) => html`<button key=${tab.id} role="tab" id=${id + '-' + tab.id} aria-selected=${String(tab.id === chosen)}
            aria-controls=${id + '-panel'} tabindex=${tab.id === chosen ? 0 : -1} class=${cx(tab.mark)}
            onClick=${() => onChoose(tab.id)}>${tab.mark && html`<i class=${cx('dot', tab.mark)}></i>`}${tab.label}</button>`)}
        </div>
        <div role="tabpanel" class="panel" id=${id + '-panel'} aria-labelledby=${id + '-' + chosen}>${children}</div>`;
}

/** Copies a text; says that it did. */
export function Copy({text, label = 'Copy'}) {
    const [said, setSaid] = useState('');
    const copy = async () => {
        let done = true;
        try {
            await navigator.clipboard.writeText(typeof text === 'function' ? await text() : text);
        } catch {
            done = false;
        }
        setSaid(done ? 'Copied' : 'Not allowed');
        setTimeout(() => setSaid(''), 1500);
    };
    return html`<button class="small" onClick=${copy}><span aria-live="polite">${said || label}</span></button>`;
}

export function Field({label, hint, error, children}) {
    return html`<label class=${cx('field', error && 'wrong')}><span class="label">${label}</span>${children}
        ${error ? html`<span class="error">${error}</span>` : hint && html`<span class="hint">${hint}</span>`}</label>`;
}
