// The job's files: to open, copy and download.
import {Code, languageOf} from './colour.js';
import {fileBytes, jobUrl} from './api.js';
import {bytes, count} from './format.js';
import {cx, html, useEffect, useState} from './html.js';
import {visible} from './text.js';
import {Copy, Download, Pane} from './widgets.js';

const MAX_SHOWN = 512 * 1024;
const ORIGIN = {input: 'yours', model: 'by the model', run: 'made by the program'};

/** The text of a file, or null for one that isn't text. */
export function textOf(content) {
    if (content.includes(0)) return null;
    try {
        return new TextDecoder('utf-8', {fatal: true}).decode(content);
    } catch {
        return null;
    }
}

export function Files({job}) {
    const files = job.files || [];
    const entry = files.find((file) => /(^|\/)main\./.test(file.path)) || files[0];
    const [chosen, setChosen] = useState(entry?.path);
    const file = files.find((each) => each.path === chosen) || entry;
    if (!file) return html`<p class="hint">There are no files.</p>`;
    return html`<section class="files">
        <div class="list"><div class="head"><span>${count(files.length, 'file')}</span>
            <${Download} url=${jobUrl(job.id) + '/files.zip'} name=${job.id + '.zip'} className="button small">Download all (zip)<//></div>
        <ul>${files.map((each) => html`<li key=${each.path}><button aria-current=${each === file ? 'true' : undefined}
            class=${cx('pick', each === file && 'chosen')} onClick=${() => setChosen(each.path)}>
            <span class="path">${visible(each.path)}</span><span class="hint">${bytes(each.size)} · ${ORIGIN[each.origin] || each.origin}</span></button></li>`)}</ul></div>
        <${Opened} key=${file.path} file=${file} language=${job.language} /></section>`;
}

function Opened({file, language}) {
    const [content, setContent] = useState(undefined);
    useEffect(() => {
        let wanted = true;
        fileBytes(file.url).then((read) => wanted && setContent(read), () => wanted && setContent(null));
        return () => (wanted = false);
    }, [file.url]);
    const text = content ? textOf(content) : null;
    return html`<div class="opened"><div class="head"><span class="path">${visible(file.path)}</span>
        <span class="buttons">${text != null && html`<${Copy} text=${text} />`}<${Download} url=${file.url} name=${file.path.split('/').at(-1)} className="button small">Download<//></span></div>
        ${content === undefined ? html`<p class="hint">Loading…</p>`
            : content === null ? html`<p class="hint">The file can’t be read.</p>`
            : text == null ? html`<p class="hint">This isn’t text (${bytes(file.size)}).</p>`
            : html`<${Pane} label=${'Content of ' + file.path} className="code"><pre><${Code} text=${text.slice(0, MAX_SHOWN)}
                language=${languageOf(file.path, language)} /></pre>${text.length > MAX_SHOWN && html`<p class="hint">The rest is in the download.</p>`}<//>`}
    </div>`;
}
