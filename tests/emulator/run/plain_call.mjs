// One call as the team's scripts make it: axios, no retries, default error handling.
import { readFileSync } from 'node:fs';
import axios from 'axios';

const { url, body, headers } = JSON.parse(readFileSync(0, 'utf8'));
let result;
try {
  const answer = await axios.post(url, body, { headers });
  result = { ok: true, status: answer.status, data: answer.data };
} catch (error) {
  const { status, data, headers: sent } = error.response ?? {};
  result = { ok: false, message: error.message, status, data, headers: sent };
}
process.stdout.write(JSON.stringify(result));
