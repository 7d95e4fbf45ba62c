using System.Text;
using KernelTests.Kubelet;
using KubeApi.Objects;
using Linux;

namespace KernelTests.Volumes;

/// <summary>Pods with volumes on a node of the test's own, seen as their containers see them.</summary>
[Collection("kubelet")] // they share the cgroup
public abstract class VolumeTest : IAsyncLifetime
{
    private protected TestNode Node { get; private set; } = null!;

    public async Task InitializeAsync() => Node = await TestNode.Create();

    public async Task DisposeAsync() => await Node.DisposeAsync();

    /// <summary>A pod that holds, with one volume at /v.</summary>
    private protected string Run(Volume volume, Func<PodSpec, PodSpec>? spec = null, Func<VolumeMount, VolumeMount>? mount = null)
    {
        var mounted = new VolumeMount { Name = volume.Name, MountPath = "/v" };
        return Node.Run(["hold"], container: container => container with { VolumeMounts = [mount?.Invoke(mounted) ?? mounted] },
            spec: before => (spec ?? (same => same))(before with { Volumes = [volume] }), grace: 0);
    }

    private protected static Secret Secret(string name, params (string Key, string Value)[] data) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value)),
    };

    private protected static ConfigMap Map(string name, params (string Key, string Value)[] data) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = data.ToDictionary(entry => entry.Key, entry => entry.Value),
    };

    /// <summary>The node's path to what the container sees at a path.</summary>
    private protected string Seen(Pod pod, string path) => $"/proc/{Node.Record(Node.Api.Pod(pod.Name) ?? pod).Container("c")!.Process!.Pid}/root{path}";

    private protected string Read(Pod pod, string path) => File.ReadAllText(Seen(pod, path));

    /// <summary>Octal permissions, owner and group of what a path leads to.</summary>
    private protected async Task<string> Stat(Pod pod, string path) => (await CommandRunner.Run("stat", ["-L", "-c", "%a %u:%g", Seen(pod, path)])).Trim();

    private protected Task Reads(Pod pod, string path, string text) => Node.Until($"{path} reads {text}", () => Read(pod, path) == text);

    private protected Task Event(string reason, string message) =>
        Node.Until($"event {reason}: {message}", () => Node.Api.Events.Any(item => item.Reason == reason && item.Message == message));

    private protected async Task GoneWithoutTrace(Pod pod)
    {
        Node.Delete(pod.Name, grace: 0);
        await Node.Gone(pod.Name);
        if (await Node.Leftovers() is { Count: > 0 } left) throw new InvalidOperationException(string.Join('\n', left));
    }
}
