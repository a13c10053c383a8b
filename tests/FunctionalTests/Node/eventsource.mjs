// The npm package eventsource. Tells what happens to it, a line of JSON each; ends with its input.
import { EventSource } from 'eventsource';

const [url, lastEventId] = process.argv.slice(2);
const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);

// What an earlier connection has left with it.
const withId = (address, init) => fetch(address, { ...init, headers: { ...init.headers, 'Last-Event-ID': lastEventId } });
const source = new EventSource(url, lastEventId ? { fetch: withId } : {});
source.onopen = () => say({ type: 'open' });
source.onerror = e => say({ type: 'fault', status: e.code, data: e.data, readyState: source.readyState });
for (const name of ['message', 'resumed', 'waiting', 'subscribed']) {
  source.addEventListener(name, e => say({ ...JSON.parse(e.data), lastEventId: e.lastEventId }));
}

process.stdin.on('end', () => process.exit()).resume();
