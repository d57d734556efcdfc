"""What a server that stands for wandb's answers about artifacts, on their way up and down."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, unquote

from tests.kit.wandb_store import ENTITY, NOW, Store, Stored


class Artifacts(Store):
    """Answers by the name of the GraphQL operation."""

    # Upwards

    def _on_CreateArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = variables.get("input") or variables
        name = given.get("artifactCollectionName") or given["artifactCollectionNames"][0]
        project = given["projectName"]
        same = [one for one in self.artifacts.values() if one.name == name]
        aliases = [one["alias"] for one in given.get("aliases") or []]
        one = Stored(
            _id(len(self.artifacts)), name, given["artifactTypeName"], project, given["digest"],
            given.get("metadata"), aliases, len(same),
        )  # fmt: skip
        self.artifacts[one.id] = one
        latest = {"id": same[-1].id} if same else None
        return {
            "createArtifact": {
                "artifact": {
                    "id": one.id, "state": "PENDING",
                    "artifactSequence": {"latestArtifact": latest},
                }
            }
        }  # fmt: skip

    def _on_CreateArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        manifest = self._manifest(variables["artifactID"])
        return {"createArtifactManifest": {"artifactManifest": manifest}}

    def _on_UpdateArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        manifest = self._manifest(unquote(variables["artifactManifestID"]))
        return {"updateArtifactManifest": {"artifactManifest": manifest}}

    def _manifest(self, artifact: str) -> dict[str, Any]:
        url = f"{self.url}/storage/manifest/{quote(artifact)}"
        return {
            "id": artifact,
            "file": {"id": f"file-{artifact}", "uploadUrl": url, "uploadHeaders": []},
        }

    def _on_CreateArtifactFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = variables.get("input") or variables
        edges = []
        for spec in given["artifactFiles"]:
            path = f"/storage/artifact/{quote(spec['artifactID'])}/{quote(spec['name'])}"
            edges.append({"node": {
                "storagePath": path, "uploadUrl": self.url + path, "uploadHeaders": [],
                "uploadMultipartUrls": None, "artifact": {"id": spec["artifactID"]},
                "name": spec["name"], "displayName": spec["name"], "id": path,
            }})  # fmt: skip
        return {"createArtifactFiles": {"files": {"edges": edges}}}

    def _on_CommitArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self.artifacts[variables["artifactID"]]
        one.state = "COMMITTED"
        one.manifest = json.loads(self.files[f"/storage/manifest/{one.id}"])
        return {"commitArtifact": {"artifact": {"id": one.id, "digest": one.digest}}}

    def _on_UseArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = variables.get("input") or variables
        return {"useArtifact": {"artifact": self._fragment(self.artifacts[given["artifactID"]])}}

    def _on_LinkArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"linkArtifact": {"versionIndex": 0, "includeAliases": True}}

    # Downwards

    def _on_ArtifactType(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(variables["name"])
        kind = {"artifactType": {"name": one.kind}} if one else None
        return {"project": {"artifact": kind}}

    def _on_ArtifactByID(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"artifact": self._fragment(self.artifacts[variables["id"]])}

    def _on_ArtifactByIDShort(self, variables: dict[str, Any]) -> dict[str, Any]:
        return self._on_ArtifactByID(variables)

    def _on_ArtifactByName(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(variables["name"])
        return {"project": {"artifact": self._fragment(one) if one else None}}

    def _on_ArtifactMembershipByName(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(variables["name"])
        return {"project": {"artifactCollectionMembership": self._member(one) if one else None}}

    def _on_FetchArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"artifact": self._current(self.artifacts[variables["id"]])}

    def _on_ArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        if "artifact_id" in variables:
            return {"artifact": self._current(self.artifacts[variables["artifact_id"]])}
        one = self._find(variables["name"])
        return {"project": {"artifact": self._current(one) if one else None}}

    def _on_ArtifactFileURLs(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"artifact": {"files": self._listing(self.artifacts[variables["id"]])}}

    def _on_GetArtifactMembershipFileUrls(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(f"{variables['collection']}:{variables['alias']}")
        files = self._listing(one) if one else None
        membership = {"artifactMembership": {"files": files}}
        return {"project": {"artifactCollection": {"__typename": "ArtifactSequence", **membership}}}

    def _on_ArtifactMembershipFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        files = self._files(f"{variables['collection']}:{variables['alias']}")
        membership = {"artifactMembership": {"files": files}}
        return {"project": {"artifactCollection": {"__typename": "ArtifactSequence", **membership}}}

    def _on_ArtifactVersionFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        files = self._files(variables["artifactName"])
        return {"project": {"artifactType": {"artifact": {"files": files}}}}

    def _files(self, name: str) -> dict[str, Any] | None:
        """Return the files of an artifact with all that is known of them."""
        one = self._find(name)
        if one is None:
            return None
        listing = self._listing(one)
        for edge in listing["edges"]:
            node = edge["node"]
            entry = one.manifest["contents"][node["name"]]
            edge["cursor"] = node["name"]
            node |= {
                "id": node["name"], "url": node["directUrl"], "sizeBytes": entry.get("size", 0),
                "storagePath": None, "mimetype": "", "updatedAt": NOW, "digest": entry["digest"],
                "md5": entry["digest"],
            }  # fmt: skip
        return {**listing, "totalCount": len(listing["edges"])}

    def _current(self, one: Stored) -> dict[str, Any]:
        url = f"{self.url}/storage/manifest/{quote(one.id)}"
        return {"currentManifest": {"file": {"directUrl": url}}}

    def _listing(self, one: Stored) -> dict[str, Any]:
        edges = []
        for name in one.manifest.get("contents", {}):
            path = f"/storage/artifact/{one.birth(name)}/{name}"
            url = f"{self.url}{quote(path)}" if path in self.files else ""
            edges.append({"node": {"__typename": "File", "name": name, "directUrl": url}})
        page = {"__typename": "PageInfo", "endCursor": None, "hasNextPage": False}
        return {"pageInfo": page, "edges": edges}

    def _collection(self, one: Stored, typename: str) -> dict[str, Any]:
        project = {
            "id": one.project, "internalId": "1", "name": one.project, "entityName": ENTITY,
            "entity": {"name": ENTITY},
        }  # fmt: skip
        return {"__typename": typename, "name": one.name, "project": project}

    def _fragment(self, one: Stored) -> dict[str, Any]:
        collection = self._collection(one, "ArtifactSequence")
        contents = one.manifest.get("contents", {})
        aliases = [
            {"__typename": "ArtifactAlias", "id": alias, "alias": alias,
             "artifactCollection": collection, "artifactCollectionName": one.name}
            for alias in (*one.aliases, "latest")
        ]  # fmt: skip
        return {
            "__typename": "Artifact", "id": one.id, "artifactSequence": collection,
            "versionIndex": one.version, "artifactType": {"name": one.kind}, "description": None,
            "metadata": one.metadata or "{}", "ttlDurationSeconds": -2, "ttlIsInherited": False,
            "tags": [], "historyStep": None, "state": one.state, "digest": one.digest,
            "size": sum(entry.get("size", 0) for entry in contents.values()), "commitHash": "",
            "fileCount": len(contents), "createdAt": NOW, "updatedAt": NOW, "aliases": aliases,
            **self._current(one),
        }  # fmt: skip

    def _member(self, one: Stored) -> dict[str, Any]:
        fragment = self._fragment(one)
        return {
            "__typename": "ArtifactCollectionMembership", "id": f"member-{one.id}",
            "versionIndex": one.version, "createdAt": NOW, "aliases": fragment["aliases"],
            "artifactCollection": self._collection(one, "ArtifactSequence"), "artifact": fragment,
        }  # fmt: skip


def _id(number: int) -> str:
    return base64.b64encode(f"Artifact:{number + 1000}:xx".encode()).decode()
