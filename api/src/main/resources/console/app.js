// The page: where one is, and what stays around it.
import {forgetKey, hasKey, refusal, watchAccess} from './access.js';
import {Compose} from './compose.js';
import {JobList} from './joblist.js';
import {JobView} from './job.js';
import {history, watchSystem} from './samples.js';
import {SignIn} from './signin.js';
import {SystemView} from './system.js';
import {knowJob} from './usejob.js';
import {cx, html, render, useEffect, useRef, useState} from './html.js';

const JOB = /^#\/jobs\/([0-9a-fA-F-]{36})$/;

function useRoute() {
    const [hash, setHash] = useState(location.hash);
    useEffect(() => {
        const heard = () => setHash(location.hash);
        addEventListener('hashchange', heard);
        return () => removeEventListener('hashchange', heard);
    }, []);
    return hash;
}

/** Why a key is asked for; null while none is. */
function useRefusal() {
    const [, draw] = useState(0);
    useEffect(() => watchAccess(() => draw((n) => n + 1)), []);
    return refusal();
}

const go = (hash) => (location.hash = hash);

function State() {
    const [, draw] = useState(0);
    useEffect(() => watchSystem(() => draw((n) => n + 1)), []);
    const {health, metrics, problem} = history;
    if (problem) return html`<span class="state down" role="status"><i></i>not reachable</span>`;
    if (!health) return html`<span class="state"><i></i>…</span>`;
    const workers = health.detail?.workers;
    return html`<span class=${cx('state', health.status)}><i></i>${health.status === 'ok' ? '' : health.status + ', '}${workers?.alive ?? 0} worker${workers?.alive === 1 ? '' : 's'}<span class="wide">, ${
        metrics.active_pipelines} running, ${metrics.detail.queued_jobs} waiting</span></span>`;
}

function App() {
    const hash = useRoute();
    const [given, setGiven] = useState({draft: null, n: 0});
    const [pulse, setPulse] = useState(0);
    const job = JOB.exec(hash)?.[1];
    const view = job ? 'job' : hash === '#/system' ? 'system' : hash === '#/jobs' ? 'jobs' : 'new';
    const came = useRef(hash);
    const refused = useRefusal();
    const changed = () => setPulse((n) => n + 1);
    const edit = (draft) => {
        setGiven((was) => ({draft, n: was.n + 1}));
        go('#/');
    };
    const sent = (job) => {
        knowJob(job);
        setGiven((was) => ({draft: null, n: was.n + 1}));
        changed();
        go('#/jobs/' + job.id);
    };
    useEffect(() => {
        if (view === 'new' || view === 'jobs') document.title = view === 'new' ? 'Atomic Orchestrator' : 'Jobs – Atomic';
        scrollTo(0, 0);
        // A reader of the page goes on in what is new, not in the link that was followed.
        if (came.current !== hash) document.getElementById(view === 'new' && matchMedia('(pointer: fine)').matches ? 'prompt' : 'main')?.focus({preventScroll: true});
        came.current = hash;
    }, [hash]);
    const link = (to, name, active) => html`<a href=${to} aria-current=${active ? 'page' : undefined}>${name}</a>`;
    return html`<header class="bar"><a class="brand" href="#/"><span class="atom"></span>Atomic</a>
            <nav aria-label="Main">${link('#/', 'New', view === 'new')}<span class="narrow">${link('#/jobs', 'Jobs', view === 'jobs' || view === 'job')}</span>
            ${link('#/system', 'System', view === 'system')}<span class="wide">${link('/dashboard', 'Dashboard', false)}</span></nav>${hasKey() && html`<button class="small" onClick=${forgetKey}>Sign out</button>`}${refused === null && html`<${State} />`}</header>
        <div class=${cx('layout', view)}>
            <aside class="side" aria-label="Job list">${refused === null && html`<${JobList} current=${job} pulse=${pulse} />`}</aside>
            <main id="main" tabindex="-1">${refused !== null ? html`<${SignIn} why=${refused} />` : html`
                ${view === 'new' && html`<h1 class="hello">What should be built?</h1><${Compose} key=${given.n} given=${given.draft} onSent=${sent} />`}
                ${view === 'jobs' && html`<h1>Jobs</h1><p class="hint">Choose one from the list.</p>`}
                ${view === 'job' && html`<${JobView} key=${job} id=${job} go=${go} onChanged=${changed} onEdit=${edit} />`}
                ${view === 'system' && html`<${SystemView} />`}`}
                <footer><a href=${new URL('lib/licenses.txt', import.meta.url).pathname}>Licences of the libraries in this page</a></footer>
            </main></div>`;
}

const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);

// The address's # is where one is, so this link can't use it.
document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    document.getElementById('main').focus();
});
