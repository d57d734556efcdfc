"""What a server that stands for wandb's answers about users, runs and sweeps."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from tests.kit.wandb_store import ENTITY, NOW, Store


class Runs(Store):
    """Answers by the name of the GraphQL operation."""

    def _on_Viewer(self, _: dict[str, Any]) -> dict[str, Any]:
        teams = {"edges": [{"node": {"name": ENTITY}}]}
        return {
            "viewer": {
                "id": "VXNlcjox", "entity": ENTITY, "username": ENTITY, "email": "t@example.org",
                "flags": "{}", "teams": teams, "admin": False, "name": ENTITY, "deletedAt": None,
                "apiKeys": {"edges": []},
            }
        }  # fmt: skip

    def _on_GetViewer(self, variables: dict[str, Any]) -> dict[str, Any]:
        return self._on_Viewer(variables)

    def _on_GetDefaultEntity(self, variables: dict[str, Any]) -> dict[str, Any]:
        return self._on_Viewer(variables)

    def _on_ServerFeaturesQuery(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"serverInfo": {"features": []}}

    def _on_ServerInfo(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"serverInfo": {"cliVersionInfo": {"max_cli_version": "1.0"}, "features": []}}

    def _on_RunResumeStatus(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"model": None}

    def _on_UpsertBucket(self, variables: dict[str, Any]) -> dict[str, Any]:
        name = variables.get("name") or variables.get("id") or "run"
        project = variables.get("project") or "uncategorized"
        self.configs[name] = variables.get("config") or self.configs.get(name, "")
        bucket = {
            "id": f"run-{name}", "name": name, "displayName": name, "description": "",
            "config": "{}", "sweepName": None, "historyLineCount": 0,
            "project": {
                "id": project, "name": project, "entity": {"id": ENTITY, "name": ENTITY},
            },
        }  # fmt: skip
        return {"upsertBucket": {"bucket": bucket, "inserted": True}}

    def _on_CreateRunFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        run = variables["run"]
        files = [
            {"name": name, "uploadUrl": f"{self.url}/storage/run/{run}/{quote(name)}"}
            for name in variables["files"]
        ]
        return {"createRunFiles": {"runID": f"run-{run}", "uploadHeaders": [], "files": files}}

    def _on_Run(self, variables: dict[str, Any]) -> dict[str, Any]:
        name = variables["name"]
        run = {
            "__typename": "Run", "id": f"run-{name}", "tags": [], "name": name,
            "displayName": name, "sweepName": None, "state": "finished", "config": "{}",
            "group": None, "jobType": None, "commit": None, "readOnly": False,
            "createdAt": NOW, "heartbeatAt": NOW, "description": "", "notes": "",
            "systemMetrics": "{}", "summaryMetrics": "{}", "historyLineCount": 0,
            "projectId": 1, "user": {"name": ENTITY, "username": ENTITY}, "historyKeys": None,
        }  # fmt: skip
        return {"project": {"internalId": "1", "run": run}}

    def _on_RunFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        run = variables["name"]
        start = f"/storage/run/{run}/"
        wanted = variables.get("fileNames") or []
        edges = []
        for path, data in self.files.items():
            name = path.removeprefix(start)
            if path.startswith(start) and (not wanted or name in wanted):
                url = f"{self.url}{quote(path)}"
                edges.append({"cursor": name, "node": {
                    "id": name, "name": name, "url": url, "sizeBytes": len(data),
                    "mimetype": "", "updatedAt": NOW, "md5": "", "digest": "", "directUrl": url,
                }})  # fmt: skip
        files = {"edges": edges, "pageInfo": {"endCursor": None, "hasNextPage": False}}
        run_part = {"id": f"run-{run}", "fileCount": len(edges), "files": files}
        return {"project": {"internalId": "1", "run": run_part}}

    def _on_CreateAgent(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"createAgent": {"agent": {"id": "agent"}}}

    def _on_Heartbeat(self, _: dict[str, Any]) -> dict[str, Any]:
        """Ask the agent of a sweep for one run, then for nothing more."""
        command: dict[str, Any] = {"type": "exit"}
        if self.operations.count("Heartbeat") == 1:
            command = {"type": "run", "run_id": "swept", "program": "", "args": {}}
        return {"agentHeartbeat": {"agent": {"id": "agent"}, "commands": json.dumps([command])}}
