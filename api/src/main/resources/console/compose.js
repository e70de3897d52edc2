// The form: a prompt, and all that a job may be given besides.
import {Attachments} from './attachments.js';
import {get, newKey, post} from './api.js';
import {EMPTY, bodyOf, loadDraft, remember, saveDraft} from './drafts.js';
import {cx, html, useEffect, useRef, useState} from './html.js';
import {Field} from './widgets.js';

const LANGUAGES = ['python', 'javascript', 'c', 'cpp', 'bash'];
const STAGES = [['spec', 'Specification'], ['code', 'Code'], ['verify', 'Run and repair'], ['docs', 'Documentation']];
const EXAMPLES = ['Create a REST API for todo management', 'Write a CLI calculator', 'Write a Roman numeral converter that needs a repair'];

/** The draft, kept over reloads, and how to change it. */
function useDraft(given) {
    const [draft, setDraft] = useState(() => given || loadDraft());
    const [kept, setKept] = useState(true);
    useEffect(() => {
        const save = () => setKept(saveDraft(draft));
        const timer = setTimeout(save, 200);
        addEventListener('pagehide', save);
        return () => {
            clearTimeout(timer);
            removeEventListener('pagehide', save);
        };
    }, [draft]);
    return [draft, (change) => setDraft((now) => ({...now, ...change})), kept];
}

export function Compose({given, onSent}) {
    const [draft, change, kept] = useDraft(given);
    const [problem, setProblem] = useState(null);
    const [sending, setSending] = useState(false);
    const key = useRef({body: '', key: ''});
    const generate = draft.mode === 'generate';
    const wrong = (field) => problem?.fields?.find((each) => each.field === field || each.field.startsWith(field + '[') || each.field.startsWith(field + '.'))?.message;

    const send = async (event) => {
        event?.preventDefault();
        if (sending) return;
        setProblem(null);
        let body;
        try {
            body = bodyOf(draft);
        } catch (failure) {
            setProblem({message: failure.message, fields: [{field: 'verify.cases', message: failure.message}]});
            return;
        }
        setSending(true);
        try {
            // The same body sent again, after an answer that was lost, is the same job.
            const text = JSON.stringify(body);
            if (key.current.body !== text) key.current = {body: text, key: newKey()};
            const job = await post(generate ? '/api/jobs' : '/api/execute', body, {'Idempotency-Key': key.current.key, Prefer: 'respond-async'});
            remember(job.id, draft);
            saveDraft(EMPTY);
            onSent(job);
        } catch (failure) {
            setProblem(failure);
            setSending(false);
        }
    };
    const keyed = (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event);
    };
    const bind = (name) => ({value: draft[name], onInput: (event) => change({[name]: event.target.value})});
    return html`<form class="compose card" onSubmit=${send} onKeyDown=${keyed} novalidate>
        <div class="modes" role="group" aria-label="What to do">
            <button type="button" aria-pressed=${String(generate)} onClick=${() => change({mode: 'generate'})}>Write code</button>
            <button type="button" aria-pressed=${String(!generate)} onClick=${() => change({mode: 'execute'})}>Run files</button></div>
        ${generate && html`<label class=${cx('prompt', wrong('prompt') && 'wrong')}><span class="label">Prompt</span>
            <textarea id="prompt" rows="4" placeholder="What should the program do?" ...${bind('prompt')}></textarea>
            ${wrong('prompt') && html`<span class="error">It ${wrong('prompt')}.</span>`}</label>
            ${!draft.prompt && html`<div class="examples"><span class="hint">Try</span> ${EXAMPLES.map((text) => html`<button type="button" class="chip"
                key=${text} onClick=${() => change({prompt: text})}>${text}</button>`)}</div>`}`}
        ${!generate && html`<${Attachments} label="Files to run" hint="The entry is main.*, or the only file; tests run if there are any."
            files=${draft.files} onChange=${(files) => change({files})} error=${wrong('files')} />`}
        <div class="line">
            <${Field} label="Language" error=${wrong('language')}><input list="languages" ...${bind('language')} />
                <datalist id="languages">${LANGUAGES.map((name) => html`<option key=${name} value=${name} />`)}</datalist><//>
            ${generate && html`<fieldset class="stages"><legend>Stages</legend>${STAGES.map(([id, name]) => html`<label key=${id} class="check">
                <input type="checkbox" checked=${draft.stages.includes(id)} onChange=${(event) => change({stages: event.target.checked
                    ? [...draft.stages, id] : draft.stages.filter((each) => each !== id)})} />${name}</label>`)}
                ${wrong('pipeline') && html`<span class="error">${wrong('pipeline')}</span>`}</fieldset>`}
        </div>
        ${generate && html`<details open=${!!draft.files.length}><summary>Files to start from${draft.files.length > 0 && ` (${draft.files.length})`}</summary>
            <${Attachments} label="Files" hint="The model gets them, and the program may use them." files=${draft.files}
                onChange=${(files) => change({files})} error=${wrong('files')} /></details>`}
        <details open=${!!(draft.tests.length || draft.checks)}><summary>Tests and proof${draft.tests.length > 0 && ` (${draft.tests.length})`}</summary>
            <${Proof} draft=${draft} change=${change} bind=${bind} wrong=${wrong} /></details>
        <details><summary>${generate ? 'Model and limits' : 'Command and limits'}</summary>
            <${Limits} draft=${draft} change=${change} bind=${bind} wrong=${wrong} /></details>
        ${!kept && html`<p class="hint">The attached files are too large to be kept over a reload.</p>`}
        ${problem && html`<p class="error" role="alert">${problem.message}</p>`}
        <div class="send"><button class="primary" type="submit" disabled=${sending}>${sending ? 'Sending…' : generate ? 'Generate' : 'Run'}</button>
            <span class="hint wide">Ctrl + Enter</span></div>
    </form>`;
}

function Proof({draft, change, bind, wrong}) {
    return html`<${Attachments} label="Your tests" hint="They take the place of the model’s at the same path, and decide."
            files=${draft.tests} onChange=${(tests) => change({tests})} error=${wrong('verify.files')} />
        <${Field} label="Cases or requests (JSON)" error=${wrong('verify.cases') || wrong('verify.requests')}
            hint="A list of {name, stdin, args, stdout, exit_code}, or of {method, path, expect}."><textarea rows="4" class="mono" spellcheck=${false}
            placeholder='[{"stdin": "2 3", "stdout": "5"}]' ...${bind('checks')}></textarea><//>
        <div class="line">
            <${Field} label="Kind" error=${wrong('verify.kind')}><select ...${bind('kind')}>${['auto', 'tests', 'cases', 'http', 'server', 'run', 'build'].map((kind) => html`<option key=${kind}>${kind}</option>`)}</select><//>
            <${Field} label="Evidence" error=${wrong('verify.evidence')}><select ...${bind('evidence')}><option value="reported">any</option><option value="isolated">only judged from outside</option></select><//>
            ${draft.mode === 'generate' && html`<${Field} label="If it doesn’t pass"><select ...${bind('policy')}><option value="required">the job fails</option><option value="best_effort">accept it, not verified</option></select><//>`}
        </div>
        <label class="check"><input type="checkbox" checked=${draft.stopOnFailure} onChange=${(event) => change({stopOnFailure: event.target.checked})} />Stop at the first case that fails</label>`;
}

function Limits({draft, bind, wrong}) {
    const [models, setModels] = useState([]);
    useEffect(() => {
        get('/api/models').then((answer) => setModels(answer.providers.flatMap((each) => each.models.map((model) => each.name + '/' + model.id))), () => {});
    }, []);
    const input = (name, label, field, attributes = {}) => html`<${Field} label=${label} error=${wrong(field)}><input inputmode="decimal" ...${attributes} ...${bind(name)} /><//>`;
    if (draft.mode === 'execute') {
        return html`<div class="line">${input('command', 'Command', 'command', {inputmode: 'text', placeholder: 'python3 main.py'})}${input('args', 'Arguments', 'args', {inputmode: 'text'})}
            ${input('collect', 'Files to give back', 'collect', {inputmode: 'text', placeholder: 'out/**'})}</div>
            <${Field} label="Standard input" error=${wrong('stdin')}><textarea rows="3" class="mono" ...${bind('stdin')}></textarea><//>
            <div class="line">${input('memory', 'Memory (MiB)', 'limits.memory_mb')}${input('cpu', 'CPU (thousandths)', 'limits.cpu_millicores')}
            ${input('runTimeout', 'Time (s)', 'limits.timeout_seconds')}${input('pids', 'Processes', 'limits.pids')}</div>`;
    }
    return html`<div class="line"><${Field} label="Model" error=${wrong('model')}><input list="models" placeholder="the agent’s choice" ...${bind('model')} />
            <datalist id="models">${models.map((name) => html`<option key=${name} value=${name} />`)}</datalist><//>
        ${input('framework', 'Framework', 'framework', {inputmode: 'text'})}
        <${Field} label="Priority"><select ...${bind('priority')}>${['high', 'normal', 'low'].map((name) => html`<option key=${name}>${name}</option>`)}</select><//></div>
        <${Field} label="Further instructions" error=${wrong('instructions')}><textarea rows="2" ...${bind('instructions')}></textarea><//>
        <div class="line">${input('maxTokens', 'Most tokens', 'max_tokens')}${input('temperature', 'Temperature', 'temperature')}
        ${input('maxAttempts', 'Attempts', 'max_attempts')}${input('timeout', 'Time (s)', 'timeout_seconds')}
        ${input('command', 'Verify with', 'verify.command', {inputmode: 'text', placeholder: 'python3 main.py'})}</div>`;
}
