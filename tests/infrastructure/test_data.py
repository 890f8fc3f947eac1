"""What is kept, how long, and what becomes of it when the stack goes."""

from __future__ import annotations

import json

from tests.infrastructure.stacks_under_test import Stacks, stacks

# A first deploy that fails takes along what it made.
KEEP = "RetainExceptOnCreate"
KEPT = {
    "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::ECR::Repository", "AWS::Logs::LogGroup",
}  # fmt: skip


def kept_days(made: Stacks) -> dict[str, int]:
    """Of each folder of the results bucket; every rule is on and is for a folder."""
    rules = made.one("AWS::S3::Bucket", path="Results")["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    return {
        rule.get("Prefix", ""): rule["ExpirationInDays"]
        for rule in rules
        if "ExpirationInDays" in rule
    }


def test_results_jobs_and_the_store_each_go_by_an_age_of_their_own_and_nothing_stays(
    dev: Stacks,
) -> None:
    assert kept_days(dev) == {"results/": 7, "jobs/": 3, "store/": 1, "": 7}
    given = {"results": {"days": 5}, "jobs": {"days": 2}, "store": {"days": 30}}
    assert kept_days(stacks(given)) == {"results/": 5, "jobs/": 2, "store/": 30, "": 30}


def test_uploads_that_nobody_finished_go_wherever_they_are(dev: Stacks) -> None:
    for path in ("Results", "Reports"):
        rules = dev.one("AWS::S3::Bucket", path=path)["LifecycleConfiguration"]["Rules"]
        (rule,) = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
        assert "Prefix" not in rule
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_the_results_bucket_is_private_and_encrypted(dev: Stacks) -> None:
    bucket = dev.one("AWS::S3::Bucket", path="Results")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "AES256" in json.dumps(bucket["BucketEncryption"])
    policy = dev.one("AWS::S3::BucketPolicy", path="Results")["PolicyDocument"]["Statement"]
    denied = [s for s in policy if s["Effect"] == "Deny" and s["Action"] == "s3:*"]
    assert {"aws:SecureTransport": "false"} in [s["Condition"].get("Bool") for s in denied]


def test_reports_on_slots_are_kept_for_over_a_year(dev: Stacks) -> None:
    (name,) = dev.of("AWS::S3::Bucket", path="Reports")
    assert dev.service["Outputs"]["ReportsBucket"]["Value"] == {"Ref": name}
    bucket = dev.one("AWS::S3::Bucket", path="Reports")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 400)


def test_image_tags_cannot_be_moved_and_the_repository_outlives_the_stack(dev: Stacks) -> None:
    (repository,) = dev.of("AWS::ECR::Repository").values()
    assert repository["Properties"]["ImageTagMutability"] == "IMMUTABLE"
    assert repository["DeletionPolicy"] == KEEP
    assert not stacks({"image": {"create": False}}).of("AWS::ECR::Repository")


def test_data_stays_when_a_stack_goes_unless_the_settings_say_otherwise(dev: Stacks) -> None:
    for made, policy in ((dev, "Delete"), (stacks({"retain_data": True}), KEEP)):
        for resource in made.service["Resources"].values():
            if resource["Type"] in KEPT - {"AWS::ECR::Repository"}:
                assert resource["DeletionPolicy"] == policy, resource


def test_the_service_key_is_rotated_and_the_function_may_touch_no_other_secret(
    dev: Stacks,
) -> None:
    schedule = dev.one("AWS::SecretsManager::RotationSchedule")
    assert schedule["RotationRules"]["ScheduleExpression"] == "rate(30 days)"
    assert schedule["RotateImmediatelyOnUpdate"] is False
    permission = dev.one("AWS::Lambda::Permission")
    assert permission["Principal"] == "secretsmanager.amazonaws.com"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert permission["SourceArn"] == {"Ref": "KeysServiceC2B68D42"}
    policy = dev.one("AWS::IAM::Policy", path="Keys/Rotate")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == permission["SourceArn"]
    assert sorted(statement["Action"]) == [
        "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
    ]  # fmt: skip
