// Asks for a key where the api wants one.
import {offerKey} from './api.js';
import {html, useEffect, useRef, useState} from './html.js';

export function SignIn({why}) {
    const [text, setText] = useState('');
    const [said, setSaid] = useState(why);
    const [asking, setAsking] = useState(false);
    const field = useRef(null);
    useEffect(() => field.current.focus(), []);
    const send = async (event) => {
        event.preventDefault();
        if (!text.trim() || asking) return;
        setAsking(true);
        const refusal = await offerKey(text.trim());
        if (!refusal) return;
        setSaid(refusal);
        setAsking(false);
        field.current.select();
    };
    return html`<form class="card" onSubmit=${send}><h1>An API key is needed</h1>
        <label class="field"><span class="label">API key</span>
        <input type="password" ref=${field} value=${text} autocomplete="off" spellcheck=${false}
            onInput=${(event) => setText(event.target.value)} /></label>
        <p class="error" role="alert">${said}</p>
        <div class="send"><button class="primary" disabled=${!text.trim() || asking}>Sign in</button>
        <span class="hint">It stays in this tab until you close it or sign out.</span></div></form>`;
}
