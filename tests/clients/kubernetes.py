"""Holds manifests against Kubernetes' own schema, and prints what their containers are started with.

    kubernetes.py FILE

A line of JSON for each container: its workload, its arguments, the files of its settings, and what
it may write. Ends with 1, and says why, where a manifest is none.
"""

import json
import sys

import kubernetes_validate
import yaml


def main(path):
    with open(path, encoding="utf-8") as file:
        manifests = list(yaml.safe_load_all(file))
    version = kubernetes_validate.latest_version()
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)
    settings = {
        manifest["metadata"]["name"]: manifest["data"]
        for manifest in manifests
        if manifest["kind"] == "ConfigMap"
    }
    for manifest in manifests:
        if manifest["kind"] != "StatefulSet":
            continue
        pod = manifest["spec"]["template"]["spec"]
        maps = {
            volume["name"]: settings[volume["configMap"]["name"]]
            for volume in pod["volumes"]
            if "configMap" in volume
        }
        for container in pod["containers"]:
            print(
                json.dumps(
                    {
                        "workload": manifest["metadata"]["name"],
                        "args": container["args"],
                        "settings": {
                            f"{mount['mountPath']}/{name}": text
                            for mount in container["volumeMounts"]
                            for name, text in maps.get(mount["name"], {}).items()
                        },
                        "pod": pod["securityContext"],
                        "container": container["securityContext"],
                        "probes": [
                            container[probe]["httpGet"]["path"]
                            for probe in ("startupProbe", "livenessProbe", "readinessProbe")
                        ],
                    }
                )
            )


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except kubernetes_validate.ValidationError as error:
        sys.exit(f"{sys.argv[1]}: {error.message} at {list(error.path)}")
