#!/bin/bash
# Runs at every boot of an instance of a group with a warm pool. While the group prepares the
# instance (Warmed:...), pull the image; then let the group go on. Without the image the instance is
# given up, so that no empty one is parked.
set -u
: "${METADATA:=http://169.254.169.254/latest}"
meta() {
  local token
  token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$METADATA/api/token")
  curl -sf -H "X-aws-ec2-metadata-token: $token" "$METADATA/meta-data/$1"
}
command -v aws >/dev/null || dnf install -y -q awscli-2
region=$(meta placement/region)
instance=$(meta instance-id)
group=$(meta tags/instance/aws:autoscaling:groupName)
image=$(meta tags/instance/gpu-voice:image)
result=CONTINUE
if [[ $(meta autoscaling/target-lifecycle-state) == Warmed:* ]]; then
  systemctl start docker
  aws ecr get-login-password --region "$region" |
    docker login --username AWS --password-stdin "${image%%/*}" && docker pull --quiet "$image" || result=ABANDON
fi
aws autoscaling complete-lifecycle-action --region "$region" --auto-scaling-group-name "$group" \
  --lifecycle-hook-name prepare --instance-id "$instance" --lifecycle-action-result "$result"
