"""The service stack: two slots behind one front door."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from config.data import JobsSettings, StoreSettings
from config.network import ExistingVpc
from config.release import SLOTS, Release, SlotName
from config.settings import Settings
from stacks.names import Naming
from stacks.outputs import outputs
from stacks.parts.api_keys import ApiKeys
from stacks.parts.existing_vpc import existing_place
from stacks.parts.front_door import FrontDoor
from stacks.parts.gpu_capacity import GpuCapacity
from stacks.parts.image_build import ImageBuild
from stacks.parts.image_repository import image_repository
from stacks.parts.model_task import ModelTask
from stacks.parts.place import Place
from stacks.parts.reports_bucket import reports_bucket
from stacks.parts.results_bucket import ResultsBucket
from stacks.parts.routes import Routes
from stacks.parts.slot import Slot
from stacks.reasons import accept, accept_checkov

# A connection that the load balancer keeps must not be closed by the server meanwhile.
KEEP_ALIVE_MARGIN_SECONDS = 60


class ServiceStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        env: cdk.Environment,
        naming: Naming,
        settings: Settings,
        release: Release,
        place: Place | ExistingVpc,
        first_deploy: bool,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="GPU Voice: servers")
        self._naming, self._settings, self._removal = naming, settings, removal
        if isinstance(place, ExistingVpc):
            place = existing_place(
                self,
                "Vpc",
                existing=place,
                private=settings.network.egress != "public",
                internal=settings.front_door.internal,
            )
        self.keys = ApiKeys(
            self,
            "Keys",
            prefix=naming.prefix,
            rotation_days=settings.keys.rotation_days,
            log_name=naming.logs("rotation"),
            log_days=settings.servers.log_days,
            removal=removal,
        )
        self.place = place
        of_slot = {slot: release.slot_settings(slot, settings) for slot in SLOTS}
        self.capacities = {slot: each.capacity for slot, each in of_slot.items()}
        self.cors_origins = sorted(
            {origin for each in of_slot.values() for origin in each.servers.cors_origins}
        )
        self.results = ResultsBucket(
            self,
            "Results",
            days=settings.results.days,
            job_days=settings.jobs.days,
            store_days=settings.store.days,
            origins=self.cors_origins,
            removal=removal,
        )
        reports = reports_bucket(self, "Reports", removal=removal)
        repository = image_repository(self, "Image", image=settings.image)
        builds = self._builds(repository) if settings.image.build else {}
        cluster = self.cluster = self._cluster(place.vpc)
        self.front_door = FrontDoor(
            self,
            "FrontDoor",
            vpc=place.vpc,
            subnets=place.balancer_subnets,
            door=settings.front_door,
            deletion_protection=settings.deletion_protection,
            removal=removal,
        )
        self.slots: dict[SlotName, Slot] = {
            slot: self._slot(slot, of_slot[slot], release, cluster, repository, place, first_deploy)
            for slot in SLOTS
        }
        for slot in self.slots.values():
            self.front_door.security_group.connections.allow_to(
                slot.capacity.security_group, ec2.Port.tcp_range(5000, 5001), "the servers"
            )
        Routes(
            self,
            "Routes",
            listener=self.front_door.listener,
            slots={str(name): slot for name, slot in self.slots.items()},
            live_weights={slot: release.weight(slot) for slot in SLOTS},
            staging_weights={slot: 0 if slot == release.active else 100 for slot in SLOTS},
        )
        outputs(
            self,
            {
                "Url": self.front_door.url,
                "ActiveSlot": release.active,
                "LoadBalancerDns": self.front_door.balancer.load_balancer_dns_name,
                "ClusterName": cluster.cluster_name,
                "KeysSecretArn": self.keys.named.secret_arn,
                "ServiceKeySecretArn": self.keys.service.secret_arn,
                "ResultsBucket": self.results.bucket.bucket_name,
                "ReportsBucket": reports.bucket_name,
                "ImageRepository": repository.repository_uri,
                **builds,
            },
            self.slots,
        )

    def _builds(self, repository: ecr.IRepository) -> dict[str, str]:
        """Outputs that say where to put sources and what to start."""
        build = ImageBuild(
            self,
            "ImageBuild",
            repository=repository,
            image=self._settings.image,
            log_name=self._naming.logs("image-build"),
            removal=self._removal,
        )
        return {
            "ImageSources": build.sources.bucket_name,
            "ImageBuildProject": build.project.project_name,
        }

    def _cluster(self, vpc: ec2.IVpc) -> ecs.Cluster:
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        reason = (
            "The servers report what matters by themselves; Container Insights bills each of its "
            "metrics."
        )
        accept(cluster, reason, "AwsSolutions-ECS4")
        accept_checkov(cluster, reason, "CKV_AWS_65")
        return cluster

    def _slot(
        self,
        name: SlotName,
        settings: Settings,
        release: Release,
        cluster: ecs.Cluster,
        repository: ecr.IRepository,
        place: Place,
        first_deploy: bool,
    ) -> Slot:
        scope = Construct(self, name.capitalize())
        tag = release.slots[name].tag
        servers = settings.servers
        capacity = GpuCapacity(
            scope,
            "Capacity",
            capacity=settings.capacity,
            cluster=cluster,
            subnets=place.instance_subnets,
            public=settings.network.egress == "public",
            name=f"{self._naming.prefix}-{name}",
            image=repository.repository_uri_for_tag(tag),
            stop_minutes=servers.graceful_minutes,
            warm=settings.capacity.warm_pool and name == release.active,
        )
        task = ModelTask(
            scope,
            "Task",
            repository=repository,
            tag=tag,
            servers=servers,
            environment=self._environment(name, tag),
            log_name=self._naming.logs(name),
            removal=self._removal,
        )
        self.keys.grant_read(task.definition.task_role)
        if settings.capacity.warm_pool:
            repository.grant_pull(capacity.role)
        slot = Slot(
            scope,
            "Slot",
            cluster=cluster,
            capacity=capacity,
            task=task,
            start_minutes=servers.start_minutes,
            graceful_minutes=servers.graceful_minutes,
            first_deploy=first_deploy,
        )
        self.results.grant_use(task.definition.task_role)
        return slot

    def _environment(self, slot: str, tag: str) -> dict[str, str]:
        settings = self._settings
        idle = settings.front_door.idle_timeout_seconds
        return {
            "AWS_REGION": self.region,
            "VOICE_SLOT": slot,
            "VOICE_RELEASE": tag,
            "VOICE_METRICS_NAMESPACE": self._naming.namespace,
            "VOICE_KEYS_SECRET": self.keys.named.secret_arn,
            "VOICE_SERVICE_KEY_SECRET": self.keys.service.secret_arn,
            "VOICE_KEYS_MINUTES": f"{settings.keys.refresh_minutes:g}",
            "VOICE_RESULTS_BUCKET": self.results.bucket.bucket_name,
            "VOICE_RESULTS_URL_MINUTES": str(settings.results.url_minutes),
            **_unusual("VOICE_JOBS_DAYS", settings.jobs),
            **_unusual("VOICE_STORE_DAYS", settings.store),
            "VOICE_KEEP_ALIVE_SECONDS": str(idle + KEEP_ALIVE_MARGIN_SECONDS),
        }


def _unusual(variable: str, kept: JobsSettings | StoreSettings) -> dict[str, str]:
    """The variable, unless it says what the servers do anyway: a task that is live is not
    replaced, and an image that does not know it starts."""
    return {} if kept == type(kept)() else {variable: str(kept.days)}
