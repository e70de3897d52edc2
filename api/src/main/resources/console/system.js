// Queue, workers, throughput and latency over time.
import {history, watchSystem} from './samples.js';
import {clock, count, duration} from './format.js';
import {cx, html, useEffect, useRef, useState} from './html.js';
import {get} from './api.js';
import {visible} from './text.js';

export function SystemView() {
    const [, draw] = useState(0);
    const [models, setModels] = useState([]);
    useEffect(() => {
        document.title = 'System – Atomic';
        get('/api/models').then((answer) => setModels(answer.providers), () => {});
        return watchSystem(() => draw((n) => n + 1));
    }, []);
    const {samples, health, metrics, problem} = history;
    const workers = health?.detail?.workers;
    return html`<article class="system"><h1>System</h1>
        ${problem && html`<p class="error" role="alert">${problem}</p>`}
        ${health && html`<dl class="facts big">
            <div><dt>State</dt><dd class=${cx('state', health.status)}>${health.status}</dd></div>
            <div><dt>Workers</dt><dd>${workers?.alive ?? 0}</dd></div>
            <div><dt>Places taken</dt><dd>${workers?.running ?? 0} of ${workers?.slots ?? 0}</dd></div>
            <div><dt>Agent</dt><dd>${health.llm_agent}</dd></div><div><dt>Sandbox</dt><dd>${health.docker}</dd></div>
            <div><dt>Database</dt><dd>${health.detail?.database}</dd></div></dl>`}
        ${metrics && html`<dl class="facts"><div><dt>Waiting</dt><dd>${metrics.queue_size} of ${metrics.detail.max_queue_size}</dd></div>
            <div><dt>Running</dt><dd>${metrics.active_pipelines}</dd></div><div><dt>Succeeded</dt><dd>${metrics.successful_requests.toLocaleString('en')}</dd></div>
            <div><dt>Failed</dt><dd>${metrics.failed_requests.toLocaleString('en')}</dd></div><div><dt>Cancelled</dt><dd>${metrics.detail.cancelled_requests.toLocaleString('en')}</dd></div>
            <div><dt>Mean time</dt><dd>${duration(metrics.average_latency_ms)}</dd></div></dl>`}
        <${Chart} title="Jobs" samples=${samples} series=${[['waiting', 'Waiting', '--amber'], ['running', 'Running', '--blue'], ['slots', 'Places', '--faint']]} />
        <${Chart} title="Jobs ended a minute" samples=${samples} series=${[['rate', 'Ended', '--green'], ['failing', 'Failed', '--red']]} />
        <${Chart} title="Mean time from submit to end (s)" samples=${samples} series=${[['latency', 'Mean', '--accent']]} />
        <p class="hint">${samples.length ? 'As this browser tab has seen it since ' + clock(samples[0].at) + ', one point every 3 s, the last hour at most. It stays over a reload.' : 'The first point comes in a few seconds.'} For longer, Prometheus can read <a href="/actuator/prometheus">/actuator/prometheus</a>.</p>
        ${models.length > 0 && html`<h2>Models</h2><ul class="models">${models.map((each) => html`<li key=${each.name}><b>${visible(each.name)}</b>
            <span class=${cx('tag', each.state)}>${each.state.replaceAll('_', ' ')}${each.cause ? ': ' + visible(each.cause) : ''}</span>
            <span class="hint">${count(each.models.length, 'model')}: ${visible(each.models.slice(0, 8).map((model) => model.id).join(', '))}</span></li>`)}</ul>`}
        <p><a href="/dashboard">Queue dashboard</a> · <a href="/swagger-ui/index.html">HTTP reference</a></p></article>`;
}

// A few points alone would be drawn as if they said much.
const MIN_SPAN_S = 120;

let uplot = null;

function Chart({title, samples, series}) {
    const box = useRef(null);
    const plot = useRef(null);
    const [ready, setReady] = useState(uplot !== null);
    const names = series.map(([, name]) => name).join();
    useEffect(() => {
        if (!uplot) import('./lib/uplot.js').then((module) => {
            uplot = module.default;
            setReady(true);
        }, () => {});
    }, []);
    useEffect(() => {
        if (!ready) return undefined;
        const dark = matchMedia('(prefers-color-scheme: dark)');
        const make = () => {
            plot.current?.destroy();
            const style = getComputedStyle(box.current);
            const colour = (name) => style.getPropertyValue(name).trim();
            const axis = {stroke: colour('--dim'), grid: {stroke: colour('--line'), width: 1}, ticks: {show: false}, font: '12px system-ui'};
            plot.current = new uplot({
                width: box.current.clientWidth, height: 150, legend: {show: false}, cursor: {show: false},
                axes: [{...axis, size: 28, space: 90, values: (u, ticks) => ticks.map((tick) => clock(tick * 1000))}, {...axis, size: 44}],
                scales: {x: {range: (u, low, high) => [Math.min(low, high - MIN_SPAN_S), high]}, y: {range: (u, low, high) => [0, Math.max(1, (high || 0) * 1.1)]}},
                series: [{}, ...series.map(([, label, name]) => ({label, stroke: colour(name), width: 2, points: {show: false}, spanGaps: false}))]
            }, dataOf(samples, series), box.current);
        };
        make();
        const size = new ResizeObserver(() => plot.current?.setSize({width: box.current.clientWidth, height: 150}));
        size.observe(box.current);
        dark.addEventListener('change', make);
        return () => {
            size.disconnect();
            dark.removeEventListener('change', make);
            plot.current?.destroy();
            plot.current = null;
        };
    }, [ready, names]);
    useEffect(() => plot.current?.setData(dataOf(samples, series)), [samples.length, samples.at(-1)?.at]);
    const last = samples.at(-1);
    const text = (field) => (last?.[field] == null ? '–' : Math.round(last[field] * 10) / 10);
    return html`<figure class="chart"><figcaption><h2>${title}</h2><ul class="legend">${series.map(([field, name, colour]) => html`<li key=${field}>
        <i class=${'key' + colour}></i>${name} <b>${text(field)}</b></li>`)}</ul></figcaption>
        <div class="plot" ref=${box} role="img" aria-label=${title + ', now: ' + series.map(([field, name]) => name + ' ' + text(field)).join(', ')}></div></figure>`;
}

const dataOf = (samples, series) => [samples.map((each) => each.at / 1000), ...series.map(([field]) => samples.map((each) => each[field] ?? null))];
