"""S3: lifecycle rules, encryption, ownership and deletion of a bucket in a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.core.responses import get_account_id, get_region
from ministack.services import s3
from ministack.services.cloudformation import provisioners

from tests.emulator.extension.registry import Properties, handler, replace

BUCKET = "AWS::S3::Bucket"
KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"
_plain_write = s3._resolve_sse_write_headers


def install() -> None:
    s3._resolve_sse_write_headers = _write
    delete = handler(BUCKET, "delete")

    def deleted(physical_id: str, properties: Properties) -> None:
        """MiniStack drops the objects too."""
        if s3._buckets.get(physical_id, {}).get("objects"):
            raise ValueError("The bucket you tried to delete is not empty")
        delete(physical_id, properties)

    replace(BUCKET, delete=deleted)
    provisioners._S3_BUCKET_CONFIGURATIONS = (
        *provisioners._S3_BUCKET_CONFIGURATIONS,
        ("LifecycleConfiguration", _lifecycle, _put_lifecycle, s3._delete_bucket_lifecycle),
        ("BucketEncryption", _encryption, s3._put_bucket_encryption, s3._delete_bucket_encryption),
        (
            "OwnershipControls",
            _ownership,
            s3._put_bucket_ownership_controls,
            s3._delete_bucket_ownership_controls,
        ),
    )


def _write(headers: Mapping[str, str], bucket: str) -> Any:
    """aws:kms without a key is the account's own key for S3; MiniStack has none and refuses."""
    if headers.get("x-amz-server-side-encryption") == "aws:kms" and not headers.get(KEY_ID):
        own = f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"
        headers = {**headers, KEY_ID: own}
    return _plain_write(headers, bucket)


def _put_lifecycle(bucket: str, body: bytes) -> None:
    status, _, text = s3._put_bucket_lifecycle(bucket, body)
    if status >= 400:
        raise ValueError(str(text))


def _lifecycle(configuration: Mapping[str, Any]) -> bytes:
    """The rules as PutBucketLifecycleConfiguration takes them; transitions are not used here."""
    root = Element("LifecycleConfiguration", xmlns=s3.S3_NS)
    for rule in configuration.get("Rules") or []:
        part = SubElement(root, "Rule")
        if rule.get("Id"):
            SubElement(part, "ID").text = rule["Id"]
        SubElement(SubElement(part, "Filter"), "Prefix").text = rule.get("Prefix", "")
        SubElement(part, "Status").text = rule["Status"]
        if "ExpirationInDays" in rule:
            days = SubElement(SubElement(part, "Expiration"), "Days")
            days.text = str(rule["ExpirationInDays"])
        old = rule.get("NoncurrentVersionExpiration") or {}
        noncurrent = old.get("NoncurrentDays", rule.get("NoncurrentVersionExpirationInDays"))
        if noncurrent is not None:
            days = SubElement(SubElement(part, "NoncurrentVersionExpiration"), "NoncurrentDays")
            days.text = str(noncurrent)
        abort = rule.get("AbortIncompleteMultipartUpload")
        if abort:
            upload = SubElement(part, "AbortIncompleteMultipartUpload")
            SubElement(upload, "DaysAfterInitiation").text = str(abort["DaysAfterInitiation"])
    return tostring(root)


def _encryption(configuration: Mapping[str, Any]) -> bytes:
    root = Element("ServerSideEncryptionConfiguration", xmlns=s3.S3_NS)
    for rule in configuration.get("ServerSideEncryptionConfiguration") or []:
        part = SubElement(root, "Rule")
        default = rule.get("ServerSideEncryptionByDefault") or {}
        applied = SubElement(part, "ApplyServerSideEncryptionByDefault")
        for name in ("SSEAlgorithm", "KMSMasterKeyID"):
            if default.get(name):
                SubElement(applied, name).text = default[name]
        bucket_key = str(rule.get("BucketKeyEnabled", False)).lower()
        SubElement(part, "BucketKeyEnabled").text = bucket_key
    return tostring(root)


def _ownership(configuration: Mapping[str, Any]) -> bytes:
    root = Element("OwnershipControls", xmlns=s3.S3_NS)
    for rule in configuration.get("Rules") or []:
        SubElement(SubElement(root, "Rule"), "ObjectOwnership").text = rule["ObjectOwnership"]
    return tostring(root)
