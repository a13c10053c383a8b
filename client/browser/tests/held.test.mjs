import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../held.js';

const message = (id, copy = 0) => ({ id, ack_id: `${id}/${copy}`, cursor: `c-${id}` });

test('the place moves behind what is handled without a gap', () => {
  const held = new Held(true);
  held.begin('c-0');
  ['1', '2', '3'].forEach(id => assert.equal(held.take(message(id)), 'handle'));
  held.end('2', true);
  assert.equal(held.place, 'c-0');
  held.end('1', true);
  assert.equal(held.place, 'c-2');
  held.end('3', true);
  assert.equal(held.place, 'c-3');
});

test('what is done or being handled is not handled again when it comes once more', () => {
  const held = new Held(true);
  ['1', '2', '3'].forEach(id => held.take(message(id)));
  held.end('2', true);
  held.restart();
  assert.equal(held.take(message('1', 1)), 'wait');
  assert.equal(held.take(message('2', 1)), 'settle');
  assert.equal(held.end('1', true), '1/1');
});

test('what has failed keeps the place and is handled again', () => {
  const held = new Held(true);
  ['1', '2'].forEach(id => held.take(message(id)));
  held.end('1', false);
  held.end('2', true);
  assert.equal(held.place, undefined);
  assert.equal(held.take(message('1', 1)), 'handle');
  held.end('1', true);
  assert.equal(held.place, 'c-2');
});

test('another copy of what the broker does not know to be done is settled, and forgotten with the next stream', () => {
  const held = new Held(true);
  held.take(message('1'));
  held.end('1', true);
  assert.equal(held.take(message('1', 1)), 'settle');
  held.restart();
  assert.equal(held.take(message('1', 2)), 'handle');
});

test('after a loss what has failed does not keep the place', () => {
  const held = new Held(true);
  ['1', '2', '3'].forEach(id => held.take(message(id)));
  held.end('1', false);
  held.lose('d-0');
  assert.equal(held.place, 'd-0');
  held.end('2', false);
  held.end('3', true);
  held.take({ id: '4', cursor: 'd-4' });
  held.end('4', true);
  assert.equal(held.place, 'd-4');
});

test('where the broker remembers the place a message is remembered until the broker knows', () => {
  const held = new Held(false);
  held.take(message('1'));
  held.end('1', true);
  assert.equal(held.take(message('1', 1)), 'settle');
  held.confirm('1');
  assert.equal(held.take(message('1', 2)), 'handle');
  held.end('1', false);
  assert.equal(held.take(message('1', 3)), 'handle');
  assert.equal(held.place, undefined);
});
