// One job: watched while it runs, read when it has ended.
import {Answer, Rounds} from './rounds.js';
import {Files} from './files.js';
import {Summary} from './summary.js';
import {Timeline} from './timeline.js';
import {fileBytes, jobUrl, newKey, post, save, wholeLog} from './api.js';
import {EMPTY, bodyOf, remember, remembered} from './drafts.js';
import {bytes, clock, count, duration, money} from './format.js';
import {rounds} from './fold.js';
import {cx, html, useEffect, useRef, useState} from './html.js';
import {textOf} from './files.js';
import {STAGE, STATUS, roundName} from './verdict.js';
import {oneLine, visible} from './text.js';
import {Badge, Copy, Download, Tabs, useNow} from './widgets.js';
import {knowJob, useJob} from './usejob.js';

const ENDED = ['succeeded', 'failed', 'cancelled'];

export function JobView({id, go, onChanged, onEdit}) {
    const {job, run, link, problem, reload} = useJob(id);
    const status = run.status || job?.status;
    const ended = ENDED.includes(status);
    const found = rounds(run);
    const [round, setRound] = useState(null);
    const [tab, setTab] = useState(null);
    const [said, setSaid] = useState(null);
    const opened = useRef(null);
    useEffect(() => {
        document.title = (job ? STATUS[status] + ': ' + oneLine(job.prompt || 'files', 40) + ' – ' : '') + 'Atomic';
        if (status) onChanged();
    }, [status, job?.id]);
    if (problem) {
        return html`<section class="summary red"><h2>${problem.status === 404 ? 'There is no such job' : 'The job can’t be read'}</h2><p>${problem.message}</p>
            <p><a href="#/">Start a new one</a></p></section>`;
    }
    const act = async (what) => {
        setSaid(null);
        try {
            const answer = await post(jobUrl(id) + '/' + what, undefined, what === 'retry' ? {'Idempotency-Key': newKey()} : {});
            if (what === 'retry') {
                const draft = remembered(id);
                if (draft) remember(answer.id, draft);
                knowJob(answer);
                go('#/jobs/' + answer.id);
            } else {
                reload();
            }
        } catch (failure) {
            setSaid(failure.message);
        }
    };
    const saveLog = async () => {
        try {
            save(await wholeLog(id), id + '.jsonl');
        } catch (failure) {
            setSaid(failure.message);
        }
    };
    const edit = async () => onEdit(await draftOf(job));
    const toStep = (step) => {
        setTab(step.stage === 'code' || step.stage === 'verify' ? 'rounds' : step.stage);
        if (step.stage === 'code' || step.stage === 'verify') setRound(step.round);
        opened.current?.scrollIntoView({block: 'nearest'});
    };
    const cancelling = job?.cancel_requested && !ended;
    return html`<article class="job">
        <header class="job-head"><div><${Badge} status=${status} kind=${job?.kind} verdict=${ended && job?.verification?.status} cancelling=${cancelling} />
            <${Link} link=${link} /></div>
            <h1 class="prompt-text">${job ? job.prompt ? visible(job.prompt.slice(0, 4000)) : 'Files, run in the sandbox' : ' '}</h1>
            <div class="buttons">
                ${!ended && job && html`<button class="danger" disabled=${cancelling} onClick=${() => act('cancel')}>Cancel</button>`}
                ${(status === 'failed' || status === 'cancelled') && html`<button class="primary" onClick=${() => act('retry')}>Retry</button>`}
                ${job && html`<button onClick=${edit}>Edit and send again</button>`}
                ${job && html`<button onClick=${saveLog}>Log</button>`}
                ${ended && job?.files?.length > 0 && html`<${Download} url=${jobUrl(id) + '/files.zip'} name=${id + '.zip'} className="button">Files (zip)<//>`}
            </div>
            ${said && html`<p class="error" role="alert">${said}</p>`}
            <${Facts} job=${job} run=${run} ended=${ended} />
        </header>
        <${Summary} job=${job} run=${run} found=${found} />
        <${Timeline} job=${job} run=${run} onOpen=${toStep} />
        <div ref=${opened}><${Parts} job=${job} run=${run} found=${found} ended=${ended} tab=${tab} setTab=${setTab} round=${round} setRound=${setRound} /></div>
        ${ended && job?.kind === 'generate' && html`<${FollowUp} job=${job} go=${go} />`}
        <p class="sr" role="status" aria-live="polite">${spoken(run, status)}</p>
    </article>`;
}

/** What a screen reader is told: stages and the end, no text that streams. */
function spoken(run, status) {
    if (ENDED.includes(status)) return 'The job has ended: ' + STATUS[status];
    const step = run.steps.at(-1);
    return step ? (STAGE[step.stage] || step.stage) + ', ' + roundName(step.round) : STATUS[status] || '';
}

function Link({link}) {
    if (link.state === 'live' || link.state === 'ended' || link.state === 'opening') return link.state === 'live' && html`<span class="link live">live</span>`;
    return html`<span class="link lost" role="status">${link.retryAt == null ? 'No network. It goes on here when it is back.' : 'Connection lost, trying again…'}</span>`;
}

function Facts({job, run, ended}) {
    const now = useNow(!ended);
    if (!job) return html`<p class="facts"> </p>`;
    const usage = ended && job.usage ? {input: job.usage.input_tokens, output: job.usage.output_tokens, cost: job.usage.cost_usd, estimated: job.usage.estimated} : run.usage;
    const running = run.steps.findLast((each) => each.to == null && each.stage !== 'verify');
    // Until a stage ends nobody knows its tokens: four characters are taken for one, as the agent does.
    const going = running ? Math.round((running.text.length + running.thinking.length) / 4) : 0;
    const waited = run.waits.reduce((sum, wait) => sum + ((wait.to ?? now) - wait.from), 0);
    const all = run.queuedAt != null ? (run.endedAt ?? now) - run.queuedAt : null;
    return html`<dl class="facts">
        <div><dt>In the queue</dt><dd>${duration(waited)}</dd></div>
        <div><dt>Run</dt><dd>${all != null ? duration(all - waited) : ''}</dd></div>
        ${job.kind !== 'execute' && html`<div><dt>Tokens</dt><dd>${(usage.input || 0).toLocaleString('en')} in, ${(usage.estimated || going ? '≈ ' : '') + ((usage.output || 0) + going).toLocaleString('en')} out</dd></div>
        <div><dt>Cost</dt><dd>${money(usage.cost)}</dd></div>`}
        ${job.language && html`<div><dt>Language</dt><dd>${visible(job.language)}</dd></div>`}
        ${(job.provider || job.model) && html`<div><dt>Model</dt><dd>${visible([job.provider, job.model].filter(Boolean).join('/'))}</dd></div>`}
        ${job.verification?.peak_memory_bytes != null && html`<div><dt>Memory</dt><dd>${bytes(job.verification.peak_memory_bytes)}</dd></div>`}
        <div><dt>Submitted</dt><dd>${clock(job.created_at)}</dd></div>
        ${job.retry_of && html`<div><dt>Retry of</dt><dd><a href=${'#/jobs/' + job.retry_of}>the job before</a></dd></div>`}
        ${job.previous_job_id && html`<div><dt>Follows up</dt><dd><a href=${'#/jobs/' + job.previous_job_id}>the job before</a></dd></div>`}
        <div><dt>Id</dt><dd><code>${job.id}</code> <${Copy} text=${job.id} /></dd></div></dl>`;
}

/** Rounds, specification, documentation, files: what there is of them. */
function Parts({job, run, found, ended, tab, setTab, round, setRound}) {
    const specs = run.steps.filter((each) => each.stage === 'spec');
    const docs = run.steps.filter((each) => each.stage === 'docs');
    const tabs = [
        (specs.length || job?.spec) && {id: 'spec', label: 'Specification', mark: specs.at(-1)?.to === null && 'live'},
        found.length && {id: 'rounds', label: found.length > 1 ? count(found.length, 'round') : job?.kind === 'execute' ? 'Run' : 'Code and tests'},
        (docs.length || job?.docs) && {id: 'docs', label: 'Documentation', mark: docs.at(-1)?.to === null && 'live'},
        ended && job?.files?.length && {id: 'files', label: count(job.files.length, 'file')}
    ].filter(Boolean);
    if (!tabs.length) return null;
    // Until the reader chooses, the newest is shown; the rounds stay once they are there.
    const chosen = tabs.some((each) => each.id === tab) ? tab : found.length ? 'rounds' : tabs.at(-1).id;
    const at = round ?? found.at(-1)?.number;
    const texts = (steps, text, label) => (steps.length
        ? steps.map((step, i) => html`${steps.length > 1 && html`<h3>Run ${i + 1}${step.status === 'void' || step.status === 'lost' ? ', void' : ''}</h3>`}<${Answer} key=${step.key} step=${step} language="markdown" label=${label} />`)
        : html`<${Answer} step=${{text, to: 1, files: [], thinking: '', omitted: 0}} language="markdown" label=${label} />`);
    return html`<${Tabs} id="part" label="Parts of the job" tabs=${tabs} chosen=${chosen} onChoose=${setTab}>
        ${chosen === 'rounds' && html`<${Rounds} found=${found} language=${job?.language || ''} chosen=${at} onChoose=${setRound} ended=${ended} />`}
        ${chosen === 'spec' && texts(specs, job?.spec || '', 'Specification')}
        ${chosen === 'docs' && texts(docs, job?.docs || '', 'Documentation')}
        ${chosen === 'files' && html`<${Files} job=${job} />`}<//>`;
}

function FollowUp({job, go}) {
    const [prompt, setPrompt] = useState('');
    const [said, setSaid] = useState(null);
    const [sending, setSending] = useState(false);
    const key = useRef(newKey());
    const sent = remembered(job.id);
    const send = async (event) => {
        event.preventDefault();
        if (!prompt.trim() || sending) return;
        setSending(true);
        try {
            const draft = {...(sent || EMPTY), mode: 'generate', prompt, files: [], language: job.language, framework: job.framework || '', stages: job.pipeline, previous: job.id};
            const next = await post('/api/jobs', bodyOf(draft), {'Idempotency-Key': key.current});
            remember(next.id, draft);
            setPrompt('');
            knowJob(next);
            go('#/jobs/' + next.id);
        } catch (failure) {
            setSaid(failure.message);
            key.current = newKey();
        }
        setSending(false);
    };
    return html`<form class="follow-up card" onSubmit=${send}><label><span class="label">Follow up</span>
        <textarea rows="2" placeholder="Now add tests" value=${prompt} onInput=${(event) => setPrompt(event.target.value)}
            onKeyDown=${(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && send(event)}></textarea></label>
        <div class="send"><button class="primary" disabled=${!prompt.trim() || sending}>Send</button><span class="hint">It starts from this job’s files, with the same stages${sent?.tests.length || sent?.checks ? ' and your tests' : ''}.</span></div>
        ${said && html`<p class="error" role="alert">${said}</p>`}</form>`;
}

/** A draft that does the job again: as it was sent from here, or as far as the job tells. */
async function draftOf(job) {
    const sent = remembered(job.id);
    if (sent) return sent;
    const files = [];
    for (const file of (job.files || []).filter((each) => each.origin === 'input')) {
        const content = textOf(await fileBytes(file.url) || new Uint8Array());
        if (content != null) files.push({path: file.path, content, size: file.size});
    }
    return {...EMPTY, mode: job.kind, prompt: job.prompt || '', language: job.language || 'python', framework: job.framework || '',
        stages: job.kind === 'execute' ? EMPTY.stages : job.pipeline, priority: job.priority || 'normal', files};
}
