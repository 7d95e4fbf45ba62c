using System.Text.Json;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.ServiceProxy;

namespace NodeAgent.Kubelet;

/// <summary>
/// The node's Lease: renewed while the agent lives (<see cref="LeaseTimes"/>), by a clock that no change of the machine's time moves, and written at once when the kernel holds changes of Services or endpoints for which somebody waits
/// (<see cref="ProgrammedRevisions.Annotation"/>). Reports of a burst are one write; all nodes together write at most a thousand a second,
/// however many there are and however fast endpoints change.
/// </summary>
/// <param name="duration">The shortest time for which it holds.</param>
/// <param name="nodeCount">How many nodes there are.</param>
internal sealed class NodeLease(ApiClient client, string node, NodePaths paths, ProgrammedProgress progress, TimeSpan duration, Func<int> nodeCount, Action<string> log)
{
    private const string LeaseNamespace = "kube-node-lease";
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(30), PausePerNode = TimeSpan.FromMilliseconds(1);

    /// <summary>For tests.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Owns the lease, which goes with it when it is deleted. Null while it is not known.</summary>
    public Func<Node?> Owner { get; init; } = () => null;

    private readonly SemaphoreSlim news = new(0);
    private ProgrammedRevisions? reported;
    private string? trouble;

    /// <summary>
    /// There from the first rules that were written on, until a reboot: the kernel has lost its rules then, and what the last agent reported is
    /// no longer so. The end of an agent takes nothing out of the kernel.
    /// </summary>
    private string Mark => Path.Combine(paths.Run, "programmed");

    /// <summary>Renews and reports until cancelled.</summary>
    public async Task Run(CancellationToken cancel)
    {
        progress.Advanced += () => news.Release();
        try
        {
            while (true)
            {
                var times = LeaseTimes.Of(duration, nodeCount());
                var wait = await TryWrite(times, cancel) ? times.RenewAfter(Random.Shared.NextDouble()) : times.RetryAfter;
                var written = Clock.GetTimestamp();
                await Task.Delay(Pause, Clock, cancel);
                while (!progress.IsDue(reported) && wait - Clock.GetElapsedTime(written) is var left && left > TimeSpan.Zero) await News(left, cancel);
                while (news.Wait(0)) { }
                if (Clock.GetElapsedTime(written) is var late && late > times.Duration / 2) log($"node lease: not renewed for {late.TotalSeconds:0.0} s, this machine has too much to do");
            }
        }
        catch (OperationCanceledException) { }
    }

    /// <summary>Waits until there may be something to report, at most so long.</summary>
    private async Task News(TimeSpan atMost, CancellationToken cancel)
    {
        using var over = new CancellationTokenSource(atMost, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancel);
        try { await news.WaitAsync(either.Token); }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { }
    }

    private TimeSpan Pause => nodeCount() * PausePerNode is var all && all > ShortestPause ? all : ShortestPause;

    private async Task<bool> TryWrite(LeaseTimes times, CancellationToken cancel)
    {
        using var over = new CancellationTokenSource(times.WriteTimeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancel);
        try
        {
            await Write(progress.Now, times, either.Token);
            if (trouble is not null) log("node lease: done");
            trouble = null;
            return true;
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or JsonException || e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            if (trouble != e.Message) log($"node lease: {e.Message}; trying until it is done");
            trouble = e.Message;
            return false;
        }
    }

    private async Task Write(ProgrammedRevisions? now, LeaseTimes times, CancellationToken cancel)
    {
        if (now is not null && !File.Exists(Mark)) await File.WriteAllTextAsync(Mark, "", cancel);
        var spec = new LeaseSpec { HolderIdentity = node, LeaseDurationSeconds = times.Seconds, RenewTime = Clock.GetUtcNow().UtcDateTime };
        var annotations = new Dictionary<string, string?>();
        if (now is not null || !File.Exists(Mark)) annotations[ProgrammedRevisions.Annotation] = now?.ToString();
        var metadata = new Dictionary<string, object> { ["annotations"] = annotations };
        if (Owners is { } owners) metadata["ownerReferences"] = owners;
        try { await client.MergePatch<Lease>(LeaseNamespace, node, new { metadata, spec }, cancel); }
        catch (ApiException e) when (e.IsNotFound) { await client.Create(New(now, spec), cancel); }
        reported = now;
    }

    private IReadOnlyList<OwnerReference>? Owners => Owner() is { } own ? [new OwnerReference { ApiVersion = "v1", Kind = "Node", Name = own.Name, Uid = own.Metadata.Uid! }] : null;

    private Lease New(ProgrammedRevisions? now, LeaseSpec spec) => new()
    {
        Kind = "Lease", ApiVersion = "coordination.k8s.io/v1", Spec = spec,
        Metadata = new ObjectMeta
        {
            Name = node, Namespace = LeaseNamespace, OwnerReferences = Owners, Annotations = now is { } known ? new Dictionary<string, string> { [ProgrammedRevisions.Annotation] = known.ToString() } : null,
        },
    };
}
