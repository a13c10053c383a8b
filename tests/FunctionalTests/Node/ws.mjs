// The npm package ws. Tells what happens to it, a line of JSON each, and sends what it reads; ends with its input.
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const [url, autoPong] = process.argv.slice(2);
const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);
const socket = new WebSocket(url, { autoPong: autoPong !== 'no' });
socket.on('open', () => say({ type: 'open' }));
socket.on('message', frame => say(JSON.parse(String(frame))));
socket.on('ping', () => say({ type: 'ping' }));
socket.on('close', (code, reason) => say({ type: 'close', code, reason: String(reason) }));
socket.on('error', () => {});
socket.on('unexpected-response', (_, response) => say({ type: 'refused', status: response.statusCode }));
createInterface({ input: process.stdin }).on('line', line => socket.send(line)).on('close', () => process.exit());
