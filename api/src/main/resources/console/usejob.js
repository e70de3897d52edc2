// A job as it stands: its resource, and its log as far as it has come.
import {get, jobUrl} from './api.js';
import {useEffect, useRef, useState} from './html.js';
import {fold, newRun} from './fold.js';
import {follow} from './stream.js';

const POSITION_MS = 2000;

const known = new Map();

/** A job as an answer gave it, shown until it is read. */
export function knowJob(job) {
    known.clear();
    known.set(job.id, job);
}

/** `{job, run, link, problem, reload}`; a new object whenever anything changed. */
export function useJob(id) {
    const [, changed] = useState(0);
    const held = useRef(null);
    if (held.current?.id !== id) held.current = {id, job: known.get(id) || null, run: newRun(), link: {state: 'opening'}, problem: null};
    const mine = held.current;
    const draw = () => held.current === mine && changed((n) => n + 1);

    const reload = async () => {
        try {
            mine.job = await get(jobUrl(id));
            mine.problem = null;
        } catch (problem) {
            if (!mine.job) mine.problem = problem;
        }
        draw();
    };

    useEffect(() => {
        reload();
        const end = follow(id, (events) => {
            const was = mine.run.status;
            fold(mine.run, events);
            if (was !== mine.run.status || events.some((event) => event.type === 'stage_completed')) reload();
            draw();
        }, (link) => {
            mine.link = link;
            if (link.state === 'live' && mine.problem) reload();
            draw();
        });
        const timer = setInterval(() => mine.run.status === 'queued' && !document.hidden && reload(), POSITION_MS);
        return () => {
            end();
            clearInterval(timer);
        };
    }, [id]);
    return {...mine, reload};
}
