using KubeApi;
using KubeApi.Objects;

namespace Benchmarks.Agent;

/// <summary>Pods on node1, and waiting for what their status says.</summary>
internal static class BenchPods
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    /// <summary>Two shells' worth of nothing: a process that ends at once when it is asked.</summary>
    public static Pod Sleeper(string name) => Of(name, new Container
    {
        Name = "c", Image = "busybox", ImagePullPolicy = "IfNotPresent", Command = ["sh", "-c", "trap exit TERM; while :; do sleep 3600 & wait; done"],
    });

    public static Pod Of(string name, Container container, params Volume[] volumes) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Labels = new Dictionary<string, string> { ["bench"] = "node" } },
        Spec = new PodSpec { NodeName = "node1", TerminationGracePeriodSeconds = 1, Containers = [container], Volumes = volumes.Length > 0 ? volumes : null },
    };

    public static bool IsReady(Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <exception cref="TimeoutException">After three minutes.</exception>
    public static async Task<Pod> Ready(ApiClient client, string name, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Bound);
        try
        {
            await foreach (var change in client.Watch<Pod>(new ListOptions("default", FieldSelector: $"metadata.name={name}"), limit.Token))
                if (change.Type != "BOOKMARK" && IsReady(change.Object)) return change.Object;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { }
        throw new TimeoutException($"pod {name} is not Ready within {Bound.TotalMinutes:0} minutes");
    }

    /// <summary>Deletes all of them and waits until they are gone.</summary>
    public static async Task Clear(ApiClient client, CancellationToken cancel)
    {
        await client.DeleteCollection<Pod>("default", cancel);
        for (var end = DateTime.UtcNow + Bound; DateTime.UtcNow < end; await Task.Delay(100, cancel))
            if ((await client.List<Pod>(new ListOptions("default"), cancel)).Items.Count == 0) return;
        throw new TimeoutException("the pods are not gone");
    }
}
