// Receives webhooks on loopback and checks them as any receiver would. Refuses the first with 500. A line for each.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const secret = process.argv[2];
let heard = 0;

function refuses(check) {
    try {
        check();
        return false;
    } catch {
        return true;
    }
}

const server = createServer((request, response) => {
    let body = "";
    request.on("data", (more) => (body += more));
    request.on("end", () => {
        let said;
        try {
            const webhook = new Webhook(secret);
            const payload = webhook.verify(body, request.headers);
            const tampered = refuses(() => webhook.verify(body.replace("succeeded", "failed   "), request.headers));
            const other = new Webhook("whsec_" + Buffer.alloc(32, 7).toString("base64"));
            said = { payload, path: request.url, id: request.headers["webhook-id"],
                refusesOthers: refuses(() => other.verify(body, request.headers)), tampered };
        } catch (error) {
            said = { error: String(error) };
        }
        console.log(JSON.stringify(said));
        response.writeHead(heard++ === 0 ? 500 : 204).end();
    });
});
server.listen(Number(process.argv[3]), "127.0.0.1", () => console.log("ready"));
