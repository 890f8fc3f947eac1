"""The run reads off `cdk diff` what it asserts: kinds, replacements, properties."""

from __future__ import annotations

from tests.emulator.run.changes import Change, parse

SAID = """
Stack GpuVoice-emulator-Service (aws://000000000000/us-east-1)
Resources
[~] AWS::ECS::TaskDefinition Green/Task/Definition GreenTask87C3 replace
 └─ [~] ContainerDefinitions (requires replacement)
     └─ @@ -52,7 +52,7 @@
        [ ]     },
        [-]       "Value": "qwen3-v2.1"
        [+]       "Value": "emulated-2"
[~] AWS::ElasticLoadBalancingV2::ListenerRule Routes/LiveTts RoutesLive66
 └─ [~] Actions
     └─ @@ -6,13 +6,13 @@
        [-]       "Weight": 100
[+] AWS::EC2::SecurityGroupIngress Blue/Firewall/from Service:5000-5001 BlueFrom00
[-] AWS::SNS::Topic Alerts Alerts91F8 may be replaced
Outputs
[~] Output ActiveSlot ActiveSlot: {"Value":"blue"} to {"Value":"green"}

✨  Number of stacks with differences: 1
"""


def test_each_change_is_read_with_its_properties() -> None:
    assert parse(SAID) == [
        Change(
            "~",
            "AWS::ECS::TaskDefinition",
            "Green/Task/Definition",
            True,
            frozenset({"ContainerDefinitions"}),
        ),
        Change(
            "~",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Routes/LiveTts",
            False,
            frozenset({"Actions"}),
        ),
        Change(
            "+",
            "AWS::EC2::SecurityGroupIngress",
            "Blue/Firewall/from Service:5000-5001",
            False,
            frozenset(),
        ),
        Change("-", "AWS::SNS::Topic", "Alerts", True, frozenset()),
        Change("~", "Output", "ActiveSlot", False, frozenset()),
    ]


def test_a_diff_without_differences_is_empty() -> None:
    assert parse("Stack X\nThere were no differences\n\n✨  0 differences\n") == []
