for kind in vtt srt; do
  curl -sf http://localhost:5000/v1/audio/transcriptions -F file=@recording.wav \
    -F model=whisper-1 -F response_format=$kind -o recording.$kind
done
cat recording.vtt
