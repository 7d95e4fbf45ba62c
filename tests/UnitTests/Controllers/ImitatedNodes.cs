using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Controllers;

/// <summary>
/// Says what agents on nodes would say: renews leases, reports nodes ready, pods running with an address, and ends pods
/// that are deleted. Nothing runs.
/// </summary>
internal sealed class ImitatedNodes(ApiClient client)
{
    private const string LeaseNamespace = "kube-node-lease";

    private readonly ConcurrentDictionary<string, bool> alive = [];
    private int addresses;

    /// <summary>Pods of this image never become ready.</summary>
    public const string BrokenImage = "broken";

    public async Task Register(string name, params string[] labels)
    {
        await client.Create(TestObjects.Node(name, labels: ["kubernetes.io/hostname=" + name, .. labels]) with { Status = null, Spec = null }, default);
        await client.Create(new Lease { Metadata = new ObjectMeta { Name = name, Namespace = LeaseNamespace }, Spec = new LeaseSpec { HolderIdentity = name, LeaseDurationSeconds = 8, RenewTime = DateTime.UtcNow } }, default);
        alive[name] = true;
        await Beat(name, default);
    }

    /// <summary>The plug is pulled.</summary>
    public void Silence(string name) => alive[name] = false;

    public void Wake(string name) => alive[name] = true;

    public async Task Run(CancellationToken cancel)
    {
        var pods = new Informer<Pod>(client, _ => { });
        Task[] parts = [pods.Run(cancel), Repeat(TimeSpan.FromMilliseconds(400), async () =>
        {
            foreach (var node in alive.Where(entry => entry.Value)) await Beat(node.Key, cancel);
        }, cancel), Repeat(TimeSpan.FromMilliseconds(20), async () =>
        {
            foreach (var pod in pods.Items.Where(pod => alive.GetValueOrDefault(pod.Spec?.NodeName ?? ""))) await Try(() => Live(pod, cancel));
        }, cancel)];
        await await Task.WhenAny(parts); // one that failed is told at once
        await Task.WhenAll(parts);
    }

    private static async Task Repeat(TimeSpan period, Func<Task> action, CancellationToken cancel)
    {
        try
        {
            for (; ; await Task.Delay(period, cancel)) await action();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
    }

    private async Task Live(Pod pod, CancellationToken cancel)
    {
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            await client.Delete<Pod>(pod.Namespace, pod.Name, cancel, new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } });
            return;
        }
        var ready = pod.Spec!.Containers[0].Image == BrokenImage ? "False" : "True";
        if (pod.Status?.PodIP is not null && pod.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status == ready) return;
        var ip = pod.Status?.PodIP ?? NextAddress();
        await client.UpdateStatus(pod with
        {
            Status = (pod.Status ?? new PodStatus()) with
            {
                Phase = "Running", PodIP = ip, PodIPs = [new PodIP { Ip = ip }],
                Conditions = [.. (pod.Status?.Conditions ?? []).Where(condition => condition.Type != "Ready"), new PodCondition { Type = "Ready", Status = ready, LastTransitionTime = DateTime.UtcNow }],
            },
        }, cancel);
    }

    /// <summary>Each try takes one, so those of a server that is away may be hundreds.</summary>
    private string NextAddress()
    {
        var number = Interlocked.Increment(ref addresses);
        return $"10.244.{number / 250 % 256}.{number % 250 + 1}";
    }

    private async Task Beat(string name, CancellationToken cancel) => await Try(async () =>
    {
        await client.MergePatch<Lease>(LeaseNamespace, name, new { spec = new { renewTime = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'") } }, cancel);
        var node = await client.Get<Node>("", name, cancel);
        if (node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status == "True") return;
        await client.UpdateStatus(node with { Status = TestObjects.Node(name).Status }, cancel);
    });

    /// <summary>Another writer was faster, the object is gone, or the server is away: the next round sees it.</summary>
    private static async Task Try(Func<Task> action)
    {
        try { await action(); }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound || e.Code >= 500) { }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException }) { }
    }
}
