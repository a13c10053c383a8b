'use strict';

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

// A page can't settle what EventSource gives it without another call, so it lets the broker settle on write.
function subscribeBySse() {
  const source = new EventSource(`${eventUrl}/stream?auto_ack=true`);
  source.addEventListener('open', () => say('sse-state', 'open'));
  source.addEventListener('message', e => show('sse-messages', JSON.parse(e.data)));
  source.addEventListener('error', e => {
    if (e.data) {
      say('error', JSON.parse(e.data).error);
    }
    // The browser comes back by itself, with the id of the last message, unless it was refused.
    say('sse-state', source.readyState === EventSource.CLOSED ? 'refused' : 'reconnecting');
  });
}

function subscribeByWebSocket() {
  const socket = new WebSocket(`${eventUrl.replace(/^http/, 'ws')}/subscribe`);
  let opened = false;
  socket.addEventListener('open', () => { opened = true; say('ws-state', 'open'); });
  socket.addEventListener('message', e => {
    const frame = JSON.parse(e.data);
    if (frame.type === 'message') {
      show('ws-messages', frame);
      socket.send(JSON.stringify({ type: 'ack', ack_id: frame.ack_id }));
    } else if (frame.type === 'error') {
      say('error', frame.error);
    }
  });
  socket.addEventListener('close', e => say('ws-state', opened ? `closed (${e.code})` : 'refused'));
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
  subscribeBySse();
  subscribeByWebSocket();
})();
