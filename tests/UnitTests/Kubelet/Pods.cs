using KubeApi.Objects;
using Linux;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

/// <summary>Pods and records as the tests of this folder need them.</summary>
internal static class Pods
{
    public static Pod Of(string policy, params string[] containers) => new()
    {
        Metadata = new ObjectMeta { Name = "p", Namespace = "default", Uid = "u1", Generation = 1 },
        Spec = new PodSpec { RestartPolicy = policy, Containers = [.. containers.Select(name => new Container { Name = name, Image = "nginx" })] },
    };

    public static PodRecord Record(params ContainerRecord[] containers) => new()
    {
        Namespace = "default", Name = "p", Uid = "u1", Sandbox = new SandboxRecord("10.244.1.2"), Containers = containers,
        StartTime = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
    };

    public static ContainerRecord Running(string name) => new()
    {
        Name = name, Id = new string('c', 64), Image = "docker.io/library/nginx:latest", ImageDigest = "sha256:aa",
        StartedAt = new DateTime(2026, 1, 1, 0, 0, 1, DateTimeKind.Utc), Process = new ProcessIdentity(1, 1), Conmon = new ProcessIdentity(2, 2),
    };

    public static ContainerRecord Ended(string name, int exitCode, DateTime at) =>
        Running(name) with { StartedAt = at.AddSeconds(-1), Exit = new ExitRecord(exitCode, exitCode == 0 ? "Completed" : "Error", null, at) };
}
