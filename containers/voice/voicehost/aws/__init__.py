"""What a server uses of AWS. Loaded only where a secret or a bucket is set: boto3 is heavy."""
