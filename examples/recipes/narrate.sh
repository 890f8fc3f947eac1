curl -sf http://localhost:5000/narrate -H 'Content-Type: application/json' \
  -d '{"text": "First we {#plan}plan the work{planned#}, and then we {#ship}ship it."}' -o narrated.json
python3 -c "
import json
told = json.load(open('narrated.json'))
for marker in told['markers']:
    print(marker['id'], marker['time'])
print(told['vtt'])"
