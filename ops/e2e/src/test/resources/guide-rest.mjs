// The guide's REST client, word for word.
async function generateCode(prompt) {
    const response = await fetch('http://localhost:8080/api/generate', {
        method: 'POST',
        headers: {
            'Content-Type': 'application/json',
        },
        body: JSON.stringify({
            prompt: prompt,
            metadata: {
                language: 'python',
                framework: 'flask'
            }
        })
    });
    
    const result = await response.json();
    return result;
}

// Usage
const result = await generateCode('Create a REST API for todo management');
console.log(result.content);
