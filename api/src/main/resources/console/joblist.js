// The jobs, newest first, live.
import {get} from './api.js';
import {ago} from './format.js';
import {cx, html, useEffect, useRef, useState} from './html.js';
import {oneLine} from './text.js';
import {Badge, useNow} from './widgets.js';
import {proved} from './verdict.js';

const EVERY_MS = 3000;
const PAGE = 30;
const FILTERS = [['', 'All'], ['queued', 'Pending'], ['running', 'Running'], ['failed', 'Failed'], ['succeeded', 'Succeeded'], ['cancelled', 'Cancelled']];

export function JobList({current, pulse}) {
    const [filter, setFilter] = useState('');
    const [jobs, setJobs] = useState(null);
    const [cursor, setCursor] = useState(null);
    const [away, setAway] = useState(false);
    const pages = useRef(1);
    const now = useNow(true, 10000);
    const read = async (wanted) => {
        try {
            let all = [];
            let next = null;
            for (let page = 0; page < pages.current; page++) {
                const answer = await get('/api/jobs?limit=' + PAGE + (filter ? '&status=' + filter : '') + (next ? '&cursor=' + encodeURIComponent(next) : ''));
                all = all.concat(answer.jobs);
                next = answer.next_cursor;
                if (!next) break;
            }
            if (!wanted()) return;
            setJobs(all);
            setCursor(next);
            setAway(false);
        } catch {
            if (wanted()) setAway(true);
        }
    };
    useEffect(() => {
        let wanted = true;
        const again = () => !document.hidden && read(() => wanted);
        again();
        const timer = setInterval(again, EVERY_MS);
        return () => {
            wanted = false;
            clearInterval(timer);
        };
    }, [filter, pulse]);
    const choose = (id) => {
        pages.current = 1;
        setJobs(null);
        setFilter(id);
    };
    const more = () => {
        pages.current = Math.min(10, pages.current + 1);
        read(() => true);
    };
    return html`<section class="jobs" aria-label="Jobs">
        <div class="filters" role="group" aria-label="Show jobs that are">${FILTERS.map(([id, name]) => html`<button key=${id} class="chip"
            aria-pressed=${String(filter === id)} onClick=${() => choose(id)}>${name}</button>`)}</div>
        ${away && html`<p class="hint" role="status">The list can’t be read just now.</p>`}
        ${jobs && !jobs.length && html`<p class="hint empty">${filter ? 'No such jobs.' : 'No jobs yet.'}</p>`}
        <ul>${(jobs || []).map((job) => html`<li key=${job.id}><a href=${'#/jobs/' + job.id} class=${cx('job-link', job.id === current && 'chosen')}
            aria-current=${job.id === current ? 'page' : undefined}><${Badge} status=${job.status} kind=${job.kind} verdict=${job.verification?.status} cancelling=${job.cancel_requested && job.status === 'running'} />
            <span class="what">${job.prompt ? oneLine(job.prompt, 90) : 'Run files'}</span>
            <span class="hint">${outcome(job)} · ${ago(job.created_at, now)}</span></a></li>`)}</ul>
        ${cursor && pages.current < 10 && html`<button class="small more" onClick=${more}>More</button>`}
    </section>`;
}

function outcome(job) {
    if (job.status === 'failed') return job.error?.code === 'verification_failed' ? proved(job.verification) : (job.error?.code || 'failed').replaceAll('_', ' ');
    if (job.status === 'queued') return job.queue_position ? 'position ' + job.queue_position : 'waiting';
    if (job.status === 'running') return job.stages?.find((each) => each.status === 'running')?.name || job.language || '';
    return job.verification ? proved(job.verification) : job.language || '';
}
