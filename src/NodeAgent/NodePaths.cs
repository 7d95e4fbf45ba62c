namespace NodeAgent;

/// <summary>
/// Where everything on a node lies. Three roots: <paramref name="Run"/> ends with a reboot as the processes do that it
/// describes, <paramref name="Lib"/> does not, <paramref name="Logs"/> is where Kubernetes' log collectors look.
/// </summary>
internal sealed record NodePaths(string Run = "/run/nodeagent", string Lib = "/var/lib/nodeagent", string Logs = "/var/log/pods")
{
    public string Images => Path.Combine(Lib, "images");
    public string RuncRoot => Path.Combine(Run, "runc");
    public string Exits => Path.Combine(Run, "exits");

    /// <summary>Credentials while skopeo needs them: on tmpfs, never on a disk.</summary>
    public string RegistryAuth => Path.Combine(Run, "registry-auth");

    public string RunPods => Path.Combine(Run, "pods");
    public string LibPods => Path.Combine(Lib, "pods");

    /// <summary>State of a pod that ends with a reboot: record, namespaces, bundles.</summary>
    public string RunPod(string uid) => Path.Combine(RunPods, uid);

    public string PodRecord(string uid) => Path.Combine(RunPod(uid), "pod.json");
    public string KnownPod(string uid) => Path.Combine(RunPod(uid), "api.json");
    public string Namespace(string uid, string kind) => Path.Combine(RunPod(uid), "ns", kind);
    public string Bundles(string uid) => Path.Combine(RunPod(uid), "containers");
    public string Bundle(string uid, string container) => Path.Combine(Bundles(uid), container);

    /// <summary>Disk of a pod: volumes, the files that the node writes for it, container layers.</summary>
    public string LibPod(string uid) => Path.Combine(LibPods, uid);

    /// <summary>Volumes on the node's disk.</summary>
    public string LibVolumes(string uid) => Path.Combine(LibPod(uid), "volumes");

    public string Volume(string uid, string name) => Path.Combine(LibVolumes(uid), name);

    /// <summary>Volumes in memory: a tmpfs each.</summary>
    public string RunVolumes(string uid) => Path.Combine(RunPod(uid), "volumes");

    public string MemoryVolume(string uid, string name) => Path.Combine(RunVolumes(uid), name);

    /// <summary>Parts of volumes that a container mounts (subPath): a bind mount each.</summary>
    public string SubPaths(string uid, string container) => Path.Combine(RunPod(uid), "volume-subpaths", container);

    public string Etc(string uid) => Path.Combine(LibPod(uid), "etc");
    public string Layers(string uid) => Path.Combine(LibPod(uid), "layers");
    public string Layer(string uid, string container) => Path.Combine(Layers(uid), container);

    /// <summary>Links to all containers' logs, beside <see cref="Logs"/>: /var/log/containers.</summary>
    public string LogLinks => Path.Combine(Path.GetDirectoryName(Logs)!, "containers");

    public string LogDirectory(string ns, string pod, string uid) => Path.Combine(Logs, $"{ns}_{pod}_{uid}");
}
