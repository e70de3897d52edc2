const updateUI = () => {};

// The guide's WebSocket client, word for word.
const ws = new WebSocket('ws://localhost:8080/ws/stream');

ws.onopen = () => {
    ws.send(JSON.stringify({
        prompt: 'Build a real-time chat application',
        metadata: { stream: true }
    }));
};

ws.onmessage = (event) => {
    const data = JSON.parse(event.data);
    
    if (data.type === 'chunk') {
        console.log('Received chunk:', data.delta);
        updateUI(data.content);
    } else if (data.type === 'error') {
        console.error('Error:', data.error);
    }
};

// The guide's client never ends by itself.
ws.addEventListener('message', (event) => {
    const data = JSON.parse(event.data);
    if (data.type === 'complete') {
        console.log('complete:', data.result.status);
        ws.close();
    }
});
