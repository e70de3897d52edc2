// Files to attach: picked, dropped, or written on the spot.
import {bytes} from './format.js';
import {html, useRef, useState} from './html.js';
import {textOf} from './files.js';
import {visible} from './text.js';

const MAX_FILES = 200;
const MAX_FILE = 1024 * 1024;

function base64(content) {
    let binary = '';
    for (let i = 0; i < content.length; i += 8192) binary += String.fromCharCode(...content.subarray(i, i + 8192));
    return btoa(binary);
}

async function attach(file) {
    const path = (file.webkitRelativePath || file.name).replaceAll('\\', '/');
    if (file.size > MAX_FILE) throw new Error(path + ' has more than 1 MiB.');
    const content = new Uint8Array(await file.arrayBuffer());
    const text = textOf(content);
    return text != null ? {path, content: text, size: file.size} : {path, content: base64(content), encoding: 'base64', size: file.size};
}

export function Attachments({label, hint, files, onChange, error}) {
    const picker = useRef(null);
    const [said, setSaid] = useState('');
    const [over, setOver] = useState(false);
    const add = async (list) => {
        const found = new Map(files.map((each) => [each.path, each]));
        let wrong = '';
        for (const file of list) {
            try {
                const one = await attach(file);
                found.set(one.path, one);
            } catch (failure) {
                wrong = failure.message;
            }
        }
        if (found.size > MAX_FILES) wrong = 'No more than 200 files can be attached.';
        setSaid(wrong);
        onChange([...found.values()].slice(0, MAX_FILES));
    };
    const dropped = (event) => {
        event.preventDefault();
        setOver(false);
        add([...event.dataTransfer.files]);
    };
    const edit = (path, content) => onChange(files.map((each) => (each.path === path ? {...each, content, size: new Blob([content]).size} : each)));
    const blank = () => {
        let n = 1;
        while (files.some((each) => each.path === 'file' + n + '.txt')) n++;
        onChange([...files, {path: 'file' + n + '.txt', content: '', size: 0, fresh: true}]);
    };
    const rename = (path, to) => onChange(files.map((each) => (each.path === path ? {...each, path: to} : each)));
    return html`<fieldset class=${'attach' + (over ? ' over' : '')} onDragOver=${(event) => {
            event.preventDefault();
            setOver(true);
        }} onDragLeave=${() => setOver(false)} onDrop=${dropped}>
        <legend>${label}</legend><p class="hint">${hint}</p>
        ${files.length > 0 && html`<ul>${files.map((file, i) => html`<li key=${i}><details open=${file.fresh}>
            <summary><span class="path">${visible(file.path)}</span> <span class="hint">${bytes(file.size ?? file.content.length)}</span></summary>
            <label class="field"><span class="label">Path</span><input value=${file.path} onChange=${(event) => rename(file.path, event.target.value)} /></label>
            ${file.encoding ? html`<p class="hint">Not text.</p>` : html`<label class="field"><span class="label">Content</span>
                <textarea rows="8" class="mono" spellcheck=${false} value=${file.content} onInput=${(event) => edit(file.path, event.target.value)}></textarea></label>`}
            </details><button class="small" type="button" aria-label=${'Remove ' + file.path} onClick=${() => onChange(files.filter((each) => each !== file))}>Remove</button></li>`)}</ul>`}
        <div class="buttons"><button class="small" type="button" onClick=${() => picker.current.click()}>Choose files…</button>
            <button class="small" type="button" onClick=${blank}>Write one</button><span class="hint">or drop them here</span></div>
        <input type="file" multiple hidden ref=${picker} aria-label=${label} onChange=${(event) => {
            add([...event.target.files]);
            event.target.value = '';
        }} />
        ${(said || error) && html`<p class="error" role="alert">${said || error}</p>`}</fieldset>`;
}
