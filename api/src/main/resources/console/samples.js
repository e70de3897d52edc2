// What the api says of the system, asked every few seconds for as long as the page is open.
import {get} from './api.js';

const EVERY_MS = 3000;
const MOST = 1200;
const STORED = 'atomic.samples';
const MAX_AGE_MS = 60 * 60 * 1000;
// Rates over so many samples: jobs don't end evenly.
const WINDOW = 10;

function stored() {
    try {
        const found = JSON.parse(sessionStorage.getItem(STORED) || '[]');
        return found.filter((each) => Date.now() - each.at < MAX_AGE_MS);
    } catch {
        return [];
    }
}

export const history = {samples: stored(), health: null, metrics: null, problem: null};
const listeners = new Set();

function sample(metrics, health) {
    const at = Date.now();
    const ended = metrics.successful_requests + metrics.failed_requests;
    const one = {
        at, waiting: metrics.detail.queued_jobs, running: metrics.active_pipelines, slots: health.detail?.workers?.slots ?? 0,
        ended, failed: metrics.failed_requests, spent: metrics.average_latency_ms * ended, rate: null, failing: null, latency: null
    };
    const {samples} = history;
    const before = samples[Math.max(0, samples.length - WINDOW)];
    // Totals never fall; if they did, it is another database.
    if (before && at - before.at < EVERY_MS * WINDOW * 2 && ended >= before.ended) {
        const minutes = (at - before.at) / 60000;
        one.rate = (ended - before.ended) / minutes;
        one.failing = (one.failed - before.failed) / minutes;
        if (ended > before.ended) one.latency = Math.max(0, (one.spent - before.spent) / (ended - before.ended) / 1000);
    }
    samples.push(one);
    if (samples.length > MOST) samples.splice(0, samples.length - MOST);
    try {
        sessionStorage.setItem(STORED, JSON.stringify(samples));
    } catch {
        // Not kept over a reload then.
    }
}

async function ask() {
    if (document.hidden) return;
    try {
        const [metrics, health] = await Promise.all([get('/api/metrics'), get('/health')]);
        Object.assign(history, {metrics, health, problem: null});
        sample(metrics, health);
    } catch (problem) {
        history.problem = problem.message;
    }
    listeners.forEach((each) => each());
}

let asking = 0;

/** Samples go on from now; `onSample` hears of each until it is taken off. */
export function watchSystem(onSample) {
    listeners.add(onSample);
    if (!asking) {
        asking = setInterval(ask, EVERY_MS);
        ask();
    }
    return () => listeners.delete(onSample);
}
