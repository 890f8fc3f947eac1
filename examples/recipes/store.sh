for take in first second; do
  curl -sf http://localhost:5000/generate -H 'Content-Type: application/json' \
    -d '{"text": "This is said twice."}' -o $take.json
  grep -o '"reused": *[a-z]*' $take.json
done
curl -sf http://localhost:5000/generate -H 'Content-Type: application/json' \
  -H 'Cache-Control: no-cache' -d '{"text": "This is said twice."}' | grep -o '"reused": *[a-z]*'
