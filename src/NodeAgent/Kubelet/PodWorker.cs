using System.Threading.Channels;
using KubeApi.Objects;
using Linux;
using NodeAgent.Containers;

namespace NodeAgent.Kubelet;

/// <summary>What all pod workers of a node share.</summary>
internal sealed record PodWorkerParts(NodePaths Paths, PodSandbox Sandbox, ContainerStarter Containers, OciRuntime Runtime, KubeletEvents Events,
    Func<Pod, PodStatusWriter> StatusWriter, Func<Pod, CancellationToken, Task> DeletePod, string HostAddress, Action<string> Log)
{
    /// <summary>Null: containers' probes are not run.</summary>
    public ProbeStart? Probe { get; init; }
}

/// <summary>
/// Makes this machine agree with one pod: one loop per pod, so that its steps are in order and no other pod waits for
/// them. Whatever happens only wakes the loop, which looks at everything anew.
/// </summary>
internal sealed partial class PodWorker
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1), LongestRetry = TimeSpan.FromSeconds(30), StartRetry = TimeSpan.FromSeconds(10);

    private readonly PodWorkerParts parts;
    private readonly Channel<Action> inbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, WaitingContainer> waiting = [];
    private readonly HashSet<string> starting = [];
    private readonly CancellationTokenSource starts = new();
    private PodStatusWriter? statusWriter;
    private Pod? pod;
    private volatile PodRecord record;
    private PodPlan? plan;
    private string? problem;
    private bool sandboxChecked;
    private bool saved = true;

    /// <param name="pod">Null for what is left of a pod that the API no longer has.</param>
    /// <param name="record">What adoption found; for a new pod an empty one.</param>
    public PodWorker(PodWorkerParts parts, Pod? pod, PodRecord record) => (this.parts, this.pod, this.record) = (parts, pod, record);

    public string Uid => record.Uid;

    /// <summary>Null when it is gone from the API.</summary>
    public void PodChanged(Pod? changed) => inbox.Writer.TryWrite(() => pod = changed);

    /// <summary>Whether the container is one of this pod's. One that is being started counts as soon as it has been.</summary>
    public bool Owns(string containerId) => record.Containers.Any(container => container.Id == containerId);

    /// <summary>Something may have happened to a container.</summary>
    public void Wake() => inbox.Writer.TryWrite(() => { });

    /// <summary>Ends when nothing is left of the pod, here and in the API, or on cancellation, which leaves its containers alone.</summary>
    public async Task Run(CancellationToken cancel)
    {
        var retry = FirstRetry;
        while (!cancel.IsCancellationRequested)
        {
            DateTime? wake;
            try
            {
                while (inbox.Reader.TryRead(out var action)) action();
                wake = await Reconcile(cancel);
                (problem, retry) = (null, FirstRetry);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                problem = e.Message;
                parts.Log($"pod {record.Namespace}/{record.Name}: {e.Message}; again in {retry.TotalSeconds:0} s");
                if (record.Sandbox is null && pod is not null)
                    parts.Events.Record(pod, null, "Warning", "FailedCreatePodSandBox", $"Failed to create pod sandbox: {e.Message}");
                wake = DateTime.UtcNow + retry;
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
            catch (OperationCanceledException) { break; }
            if (IsGone) break;
            ReportStatus(cancel);
            if (!await WaitForNews(wake, cancel)) break;
        }
        StopProbes(keep: []);
    }

    private async Task<bool> WaitForNews(DateTime? wake, CancellationToken cancel)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (wake is { } at) timer.CancelAfter(at > DateTime.UtcNow ? at - DateTime.UtcNow + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
        try { return await inbox.Reader.WaitToReadAsync(timer.Token); }
        catch (OperationCanceledException) { return !cancel.IsCancellationRequested; }
    }

    /// <returns>When to look again without being woken; null: only when woken.</returns>
    private async Task<DateTime?> Reconcile(CancellationToken cancel)
    {
        await ObserveContainers();
        ProbeContainers();
        if (pod is null || pod.Metadata.DeletionTimestamp is not null) return await Terminate(cancel);
        if (!saved) Save(record);
        plan = IsOver(pod.Status?.Phase) && record.Containers.Count == 0
            ? new PodPlan([], new Dictionary<string, DateTime>(), Over: true) // it was over before the machine was rebooted
            : PodPlan.Of(pod, record, DateTime.UtcNow);
        if (plan.Over)
        {
            await RemoveSandbox(cancel);
            return null;
        }
        await EnsureSandbox(cancel);
        var now = DateTime.UtcNow;
        foreach (var start in plan.Start.Where(start => !starting.Contains(start.Container.Name)))
            if (!waiting.TryGetValue(start.Container.Name, out var hold) || hold.RetryAt <= now) Launch(start);
        return plan.BackOff.Values.Concat(waiting.Values.Select(hold => hold.RetryAt)).Where(at => at > now).Select(at => (DateTime?)at).Min();
    }

    private static bool IsOver(string? phase) => phase is "Succeeded" or "Failed";

    private async Task EnsureSandbox(CancellationToken cancel)
    {
        if (record.Sandbox is { Removed: false } && sandboxChecked) return;
        if (record.Sandbox is { Removed: false } && !parts.Sandbox.Exists(record.Uid))
        {
            // Containers in namespaces that nobody can find any more are of no use to anyone.
            foreach (var container in record.Containers.Where(container => container.IsRunning).ToList())
                await End(container, new ExitRecord(137, "Error", "the pod's namespaces are gone", DateTime.UtcNow));
        }
        var sandbox = await parts.Sandbox.Create(pod!, cancel);
        sandboxChecked = true;
        if (sandbox != record.Sandbox) Save(record with { Sandbox = sandbox });
    }

    private async Task RemoveSandbox(CancellationToken cancel)
    {
        if (record.Sandbox is not { Removed: false } sandbox) return;
        await parts.Sandbox.Remove(record.Uid, cancel);
        Save(record with { Sandbox = sandbox with { Removed = true } });
    }

    /// <summary>Starts a container aside: a slow pull keeps neither the pod's other containers nor its end waiting.</summary>
    private void Launch(ContainerStart start)
    {
        var (name, asked) = (start.Container.Name, pod!);
        starting.Add(name);
        _ = Task.Run(async () =>
        {
            ContainerRecord? started = null;
            WaitingContainer? hold = null;
            try { started = await parts.Containers.Start(asked, start, starts.Token); }
            catch (ContainerStartException e) { hold = new WaitingContainer(e.Reason, e.Message, DateTime.UtcNow + StartRetry); }
            catch (OperationCanceledException) { }
            catch (Exception e) { hold = new WaitingContainer("CreateContainerError", e.Message, DateTime.UtcNow + StartRetry); }
            inbox.Writer.TryWrite(() => Launched(name, started, hold));
        });
    }

    private void Launched(string name, ContainerRecord? started, WaitingContainer? hold)
    {
        starting.Remove(name);
        waiting.Remove(name);
        if (hold is not null) waiting[name] = hold;
        if (started is not null) Save(record.With(started));
    }

    /// <summary>What happened has happened, also where it cannot be written (a full disk): that is tried again.</summary>
    private void Save(PodRecord changed)
    {
        (record, saved) = (changed, false);
        StateFile.Write(parts.Paths.PodRecord(record.Uid), record);
        saved = true;
    }

    private void ReportStatus(CancellationToken cancel)
    {
        if (pod is null) return;
        statusWriter ??= parts.StatusWriter(pod);
        if (IsOver(pod.Status?.Phase) && record.Containers.Count == 0) return;
        var observed = new PodObservation(record, waiting, plan?.BackOff ?? new Dictionary<string, DateTime>(), problem);
        var status = PodStatusOf.Compute(pod with { Status = PodStatusOf.Newest(pod.Status, lastStatus) }, observed, parts.HostAddress, DateTime.UtcNow);
        lastStatus = status;
        statusWriter.Set(pod, status, cancel);
    }

    private PodStatus? lastStatus;
}
