import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parser } from '../sse.js';

const text = 'retry: 5000\n\n: connected\n\nid: 0-2a\nevent: message\ndata: {"a":\ndata:1}\n\n: heartbeat\n\nevent: error\r\ndata: x\r\n\r\n';
const events = [
  { retry: 5000, data: '' }, { data: '' }, { id: '0-2a', name: 'message', data: '{"a":\n1}' }, { data: '' }, { name: 'error', data: 'x' },
];

test('events are read whatever pieces they come in', () => {
  for (let size = 1; size <= text.length; size++) {
    const read = [];
    const feed = parser(event => read.push(event));
    for (let at = 0; at < text.length; at += size) {
      feed(text.slice(at, at + size));
    }

    assert.deepEqual(read, events, `in pieces of ${size}`);
  }
});
