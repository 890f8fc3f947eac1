from gpuvoice import ClientConfig, Jobs, Speech

with Speech(ClientConfig.resolve()) as speech:
    jobs = Jobs(speech)
    job = jobs.submit("/narrate", {"texts": ["One.", "Two."]})
    for item in jobs.results(job["id"]):  # goes on by itself after a break
        print(item["index"], item.get("error") or item["duration"])
