using KubeApi.Objects;

namespace KernelTests.Kubelet;

/// <summary>Pods whose containers tell what they do, in order, in a file of a directory that they share.</summary>
internal static class PodSteps
{
    public static Container Steps(string name, params string[] steps) => new()
    {
        Name = name, Image = TestImage.Name, ImagePullPolicy = "IfNotPresent", Args = ["steps", .. steps],
        VolumeMounts = [new VolumeMount { Name = "d", MountPath = "/d" }],
    };

    /// <summary>Writes its name, then does what follows.</summary>
    public static Container Says(string name, params string[] then) => Steps(name, ["append", "/d/log", name, .. then]);

    public static Container Sidecar(string name) => Says(name, "trap", "/d/log", $"{name} ends", "hold") with { RestartPolicy = "Always" };

    public static LifecycleHandler Exec(params string[] steps) => new() { Exec = new ExecAction { Command = ["act", "steps", .. steps] } };

    /// <returns>The pod's name.</returns>
    public static string Run(this TestNode node, string policy, Container[] init, Container[] containers, Func<PodSpec, PodSpec>? spec = null, long grace = 30)
    {
        var directory = Directory.CreateDirectory(Path.Combine(node.Root, $"said-{Guid.NewGuid():N}")).FullName;
        var name = node.Run([], policy, grace: grace, spec: before =>
        {
            var with = before with
            {
                InitContainers = init.Length == 0 ? null : init, Containers = containers, Volumes = [new Volume { Name = "d", HostPath = new HostPathVolumeSource { Path = directory } }],
            };
            return spec?.Invoke(with) ?? with;
        });
        Directory.CreateSymbolicLink(Path.Combine(node.Root, $"said-{name}"), directory);
        return name;
    }

    /// <summary>What they have said so far, also when the pod is gone.</summary>
    public static string[] Said(this TestNode node, string name) =>
        Path.Combine(node.Root, $"said-{name}", "log") is var log && File.Exists(log) ? File.ReadAllLines(log) : [];

    public static Task<Pod> AllRun(this TestNode node, string name) => node.WaitFor(name, "all run", pod => pod.Status!.ContainerStatuses!.All(status => status.State?.Running is not null));
}
