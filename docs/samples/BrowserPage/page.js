import { subscribe } from '../../../client/browser/eventbroker.js';

const parameters = new URLSearchParams(location.search);
const broker = (parameters.get('broker') || 'http://127.0.0.1:8080').replace(/\/$/, '');
const eventName = parameters.get('event') || 'demo';
const eventUrl = `${broker}/v1/events/${encodeURIComponent(eventName)}`;

const $ = id => document.getElementById(id);
$('broker').textContent = broker;
$('event').textContent = eventName;

const say = (id, text) => { $(id).textContent = text; };

// The payload is bytes, written in base64; here they are UTF-8 text.
const encode = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const decode = base64 => new TextDecoder().decode(Uint8Array.from(atob(base64 || ''), c => c.charCodeAt(0)));

// Shown as text, never as HTML: anybody who may publish decides what is in it.
function show(listId, message) {
  const item = document.createElement('li');
  item.dataset.id = message.id;
  item.textContent = decode(message.payload) + (message.retry_count ? ` (retry ${message.retry_count})` : '');
  $(listId).append(item);
}

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw Object.assign(new Error(answer.message), { code: answer.code });
  }
  return answer;
}

// What is shown is settled; the module sees to the rest: it comes back after a cut, where it was.
function watch(over, stateId, listId) {
  return subscribe(broker, eventName, {
    over,
    handle: message => show(listId, message),
    onState: (state, detail) => {
      say(stateId, detail.reason || state);
      if (detail.error) {
        say('error', detail.error.error);
      }
    },
    onLost: loss => say('error', loss.missed ? `${loss.missed} messages are lost` : 'messages are lost'),
  });
}

$('publish').addEventListener('submit', async e => {
  e.preventDefault();
  try {
    const answer = await call('POST', `${eventUrl}/messages`, { payload: encode($('text').value) });
    say('published', `published ${answer.id}`);
  } catch (error) {
    say('error', error.message);
  }
});

(async () => {
  const alreadyExists = 6;
  try {
    await call('POST', eventUrl);
  } catch (error) {
    if (error.code !== alreadyExists) {
      say('error', error.message);
    }
  }
  watch('sse', 'sse-state', 'sse-messages');
  watch('websocket', 'ws-state', 'ws-messages');
})();
