// Runs what a revision of the protocol requires of servers, each at its own wire format, and prints
// for each scenario: revision, scenario, whether it is required, checks passed, checks that count,
// warnings, and what failed.
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';

const [url, ...revisions] = process.argv.slice(2);
const SUITE = 'node_modules/@modelcontextprotocol/conformance';

function run(revision) {
    return new Promise((ended) => {
        const suite = spawn(process.execPath, ['--import', './node20.mjs', `${SUITE}/dist/index.js`,
            'server', '--url', url, '--requirements', revision, '--output-dir', `out-${revision}`],
        { stdio: ['ignore', 'ignore', 'inherit'] });
        // That scenarios fail is to be seen from their results.
        suite.on('close', ended);
    });
}

await Promise.all(revisions.map(run));
for (const revision of revisions) {
    const { server } = parse(
        await readFile(`${SUITE}/requirements/${revision}.yaml`, 'utf8'));
    for (const folder of (await readdir(`out-${revision}`)).sort()) {
        const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT.*$/.exec(folder);
        const checks = JSON.parse(
            await readFile(`out-${revision}/${folder}/checks.json`, 'utf8'));
        const count = (status) => checks.filter((check) => check.status === status).length;
        const failed = checks.filter((check) => ['FAILURE', 'WARNING'].includes(check.status))
            .map((check) => `${check.id}: ${check.errorMessage ?? check.details?.message}`);
        console.log([revision, scenario, server.includes(scenario), count('SUCCESS'),
            count('SUCCESS') + count('FAILURE'), count('WARNING'), failed.join(' | ')].join('\t')
            .replaceAll('\n', ' '));
    }
}
