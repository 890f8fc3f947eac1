curl -sf http://localhost:5000/generate -H 'Content-Type: application/json' -H 'Accept: audio/flac' \
  -d '{"text": "Good morning, and welcome."}' -D headers.txt -o hello.flac
grep -i x-voice-seed headers.txt
